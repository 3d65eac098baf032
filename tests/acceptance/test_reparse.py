"""`syncd reparse`: stored files read again by the real command; stopped, killed, watched, and beside a daemon."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest
from psycopg import sql

from recall_emulator import Emulator, Scenario
from syncd.core.reading.transcript_file import PARSER_VERSION
from tests import forked
from tests.acceptance.truth import assert_everything_is_true

Command = Callable[..., CompletedProcess[str]]
DEADLINE_S = 90.0
COUNT = 8


def ask(database_url: str, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
    """Carry out a statement; its rows, where it has any."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), arguments)
        return cursor.fetchall() if cursor.description else []


def tables(database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that analysts see."""
    names = ask(database_url, "select table_name from information_schema.tables where table_schema = 'recall'")
    with psycopg.connect(database_url) as connection:
        query = sql.SQL("select * from recall.{} as r order by r::text")
        base = ask(
            database_url, "select relname from pg_class where relkind = 'r' and relnamespace = 'recall'::regnamespace"
        )
        return {
            name: connection.execute(query.format(sql.Identifier(name))).fetchall()
            for (name,) in names
            if (name,) in base
        }


@pytest.fixture
def scenarios(syncd: Command, emulator: Emulator) -> list[Scenario]:
    """Some transcripts, loaded by the daemon."""
    scenarios = [Scenario() for _ in range(COUNT - 2)] + [Scenario(provider="rev_async"), Scenario(is_empty=True)]
    lines = "\n".join(str(emulator.add(scenario)) for scenario in scenarios)
    assert syncd("track", "-", stdin=lines).returncode == 0
    done = syncd("run", "--until-idle", "--timeout", "240")
    assert done.returncode == 0, done.stderr
    return scenarios


@pytest.fixture
def keyless(environment: dict[str, str]) -> dict[str, str]:
    """An environment that knows the database and nothing of Recall."""
    return {name: environment[name] for name in ("PATH", "HOME", "SYNCD_DATABASE_URL", "SYNCD_LOG_FORMAT")}


@contextlib.contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "syncd", *arguments]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def reparse(environment: dict[str, str], *arguments: str) -> CompletedProcess[str]:
    """The whole command."""
    return forked.run(["reparse", *arguments], environment, Path(environment["HOME"]), stdin="")


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.02)


@contextlib.contextmanager
def held_up_after(database_url: str, scenarios: list[Scenario], done_count: int) -> Iterator[Callable[[], None]]:
    """Somebody locks a transcript, so that a reparse comes to those before it and no further; waits until it has."""
    ids = sorted(scenario.transcript_id for scenario in scenarios)
    with psycopg.connect(database_url) as connection:
        lock = "select from recall.transcripts where transcript_id = %s for update"
        connection.execute(lock, (ids[done_count],))
        waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"

        def wait() -> None:
            until(lambda: ask(database_url, "select done_count from syncd.reparses") == [(done_count,)])
            until(lambda: ask(database_url, waiting))

        yield wait


def test_it_needs_no_key_makes_no_call_and_brings_back_what_was_lost(
    keyless: dict[str, str], database_url: str, emulator: Emulator, scenarios: list[Scenario]
) -> None:
    before, calls = tables(database_url), len(emulator.requests())
    ask(database_url, "delete from recall.utterance_data")
    ask(database_url, "delete from recall.provider_parts")
    done = reparse(keyless)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(
        rf"Parser {PARSER_VERSION}, {COUNT} transcripts, .* kB, .* s\. Files: {2 * COUNT} read again\.\n",
        done.stdout,
    )
    assert {**tables(database_url), "events": []} == {**before, "events": []}
    assert_everything_is_true(database_url, emulator, scenarios)
    assert len(emulator.requests()) == calls


def test_a_dry_run_counts_and_changes_nothing(
    keyless: dict[str, str], database_url: str, scenarios: list[Scenario]
) -> None:
    ask(database_url, "delete from recall.utterance_data")
    before = tables(database_url)
    done = reparse(keyless, "--dry-run", "--provider", "rev_async", "--since", "2020-01-01")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    ((size,),) = ask(
        database_url,
        "select sum(byte_count)::bigint from recall.payloads join recall.transcripts using (transcript_id)"
        " where provider = 'rev_async'",
    )
    assert lines[:2] == [
        ["provider", "parser", "files", "bytes"],
        ["rev_async", str(PARSER_VERSION), "2", f"{size:,}"],
    ]
    assert done.stdout.splitlines()[2].startswith(f"Parser {PARSER_VERSION} would read 2 files again, ")
    assert tables(database_url) == before
    assert ask(database_url, "select * from syncd.reparses") == []
    assert (
        reparse(keyless, "--dry-run", "--since", "2999-01-01").stdout == "No stored file matches; nothing to read.\n"
    )
    assert reparse(keyless, "--since", "2999-01-01").stdout == "No stored file matches; nothing to read.\n"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (["--since", "yesterday"], 1, "syncd: 'yesterday' is no date; one looks like 2026-01-31 or"),
        (["--provider", " "], 1, "syncd: ' ' is no provider; one looks like deepgram_async."),
        (["--older-than-parser", "0"], 2, "--older-than-parser"),
        (["--older-than-parser", "99999999999"], 2, "--older-than-parser"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(
    keyless: dict[str, str], arguments: list[str], exit_code: int, words: str
) -> None:
    done = reparse(keyless | {"SYNCD_DATABASE_URL": "postgresql://nobody@localhost:1/nowhere"}, *arguments)
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert words in done.stderr


def test_what_cannot_be_read_any_more_is_named_and_kept(
    keyless: dict[str, str], database_url: str, scenarios: list[Scenario]
) -> None:
    id_ = scenarios[0].transcript_id
    ask(database_url, "update recall.payloads set content = '' where transcript_id = %s and kind = 'transcript'", id_)
    before = tables(database_url)
    done = reparse(keyless)
    assert done.returncode == 1
    assert f"{id_}, transcript: " in done.stderr
    assert "What cannot be read any more is in the tables as it was before." in done.stderr
    assert "1 loaded before and not readable any more" in done.stdout
    assert tables(database_url) == before


def test_after_a_kill_it_goes_on_where_it_was(
    keyless: dict[str, str], database_url: str, emulator: Emulator, scenarios: list[Scenario]
) -> None:
    ask(database_url, "delete from recall.utterance_data")
    with held_up_after(database_url, scenarios, 3) as wait, running(keyless, "reparse") as process:
        wait()
        process.kill()
        process.wait()
    assert "was interrupted after 3 transcripts; it would go on there" in reparse(keyless, "--dry-run").stdout
    done = reparse(keyless)
    assert done.returncode == 0, done.stderr
    assert "was interrupted after 3 transcripts; this one goes on there." in done.stderr
    assert f", {COUNT - 3} transcripts, " in done.stdout
    assert ask(database_url, "select * from syncd.reparses") == []
    assert_everything_is_true(database_url, emulator, scenarios)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_after_the_transcript_in_hand_and_says_how_to_go_on(
    keyless: dict[str, str], database_url: str, scenarios: list[Scenario], number: signal.Signals
) -> None:
    before = tables(database_url)
    with contextlib.ExitStack() as holding, running(keyless, "reparse") as process:
        holding.enter_context(held_up_after(database_url, scenarios, 2))()
        second = reparse(keyless)
        assert (second.returncode, second.stdout) == (75, "")
        assert second.stderr.startswith("syncd: Another reparse of this database is at work.")
        process.send_signal(number)
        holding.close()
        out, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 75, err
    assert ", 3 transcripts, " in out
    assert f"syncd: Stopped after 3 of {COUNT} transcripts. The same command goes on there" in err
    afresh = reparse(keyless, "--restart")
    assert "interrupted" not in afresh.stderr
    assert f", {COUNT} transcripts, " in afresh.stdout
    assert tables(database_url) == before


def test_on_a_terminal_a_bar_shows_how_far_it_is(keyless: dict[str, str], scenarios: list[Scenario]) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "syncd", "reparse"],
        env=keyless | {"TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error on Linux
        while step := os.read(ours, 4096):
            shown += step
    os.close(ours)
    out, _ = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out.count(b"\n")) == (0, 1)
    assert f"{COUNT}/{COUNT}".encode() in shown
    assert b"{" not in shown


def test_beside_a_daemon_nothing_is_lost_and_nothing_stands_still(
    environment: dict[str, str], keyless: dict[str, str], database_url: str, emulator: Emulator, syncd: Command
) -> None:
    scenarios = [Scenario(words=800) for _ in range(24)]
    lines = "\n".join(str(emulator.add(scenario)) for scenario in scenarios)
    assert syncd("track", "-", stdin=lines).returncode == 0
    read = 0
    with running(environment | {"SYNCD_LOG_LEVEL": "warning"}, "run", "--until-idle", "--timeout", "240") as daemon:
        until(lambda: ask(database_url, "select 1 from recall.payloads"))
        while daemon.poll() is None:
            done = reparse(keyless)
            assert done.returncode == 0, done.stderr
            read += sum(map(int, re.findall(r"(\d+) read again", done.stdout)))
        _, err = daemon.communicate()
        assert daemon.returncode == 0, err
    assert "deadlock" not in err
    assert read > 0
    assert_everything_is_true(database_url, emulator, scenarios)
