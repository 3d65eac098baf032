"""`syncd poll`: one transcript, now, by the real command."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest

from recall_emulator import Emulator, Faults, Scenario
from tests.acceptance.truth import assert_everything_is_true

Command = Callable[..., CompletedProcess[str]]
DEADLINE_S = 90.0
UNKNOWN = "3f0c9a52-6d1e-4b7a-9c55-0d8e2a41b7f6"


def ask(database_url: str, statement: str) -> list[tuple[Any, ...]]:
    """Carry out a statement; its rows, where it has any."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def tracked(emulator: Emulator, database_url: str, scenario: Scenario) -> str:
    emulator.add(scenario)
    ask(database_url, f"select recall.track('{scenario.transcript_id}')")
    return str(scenario.transcript_id)


def retrieves(emulator: Emulator) -> int:
    return sum(request.route == "retrieve" for request in emulator.requests())


def leases(database_url: str) -> int:
    return int(ask(database_url, "select count(lease_token) from syncd.queue")[0][0])


def test_one_that_is_not_finished_says_so_and_when_its_turn_comes(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    id_ = tracked(emulator, database_url, Scenario(finishes_after=None))
    ask(database_url, "update syncd.queue set due_at = clock_timestamp() + interval '1 hour'")
    done = syncd("poll", id_)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{id_}: Its status at Recall is processing. It is due next at 20")
    assert done.stdout.count("\n") == 1
    assert (retrieves(emulator), leases(database_url)) == (1, 0)
    assert ask(database_url, "select call_count from syncd.budgets") == [(1,)]
    assert ask(database_url, "select count(*) from syncd.calls") == [(1,)]


def test_a_finished_one_is_fetched_and_loaded_by_one_retrieve(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    scenario = Scenario()
    done = syncd("poll", tracked(emulator, database_url, scenario))
    assert done.returncode == 0, done.stderr
    assert "Its status at Recall is done. Its content is loaded" in done.stdout
    assert_everything_is_true(database_url, emulator, [scenario])
    assert retrieves(emulator) == 1


def test_what_it_learned_is_written_down(syncd: Command, emulator: Emulator, database_url: str) -> None:
    id_ = tracked(emulator, database_url, Scenario(finishes_after=None, created=-60.0))
    assert syncd("poll", id_).returncode == 0
    assert ask(database_url, "select provider, sum(exposure_s) > 0 from syncd.durations group by 1") == [
        ("deepgram_async", True)
    ]


def test_one_that_nobody_tracks_is_tracked_first(syncd: Command, emulator: Emulator, database_url: str) -> None:
    scenario = Scenario()
    emulator.add(scenario)
    assert syncd("poll", str(scenario.transcript_id)).returncode == 0
    assert_everything_is_true(database_url, emulator, [scenario])


def test_one_that_recall_does_not_know_has_not_ended_at_first_sight(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    done = syncd("poll", str(uuid.uuid4()))
    assert done.returncode == 0, done.stderr
    assert (
        "Recall does not know this id in this workspace and region (404). [SYNCD-API-NOT-FOUND] It is due next at"
        in done.stdout
    )
    assert ask(database_url, "select not_found_count, is_observed from syncd.queue") == [(1, False)]
    assert ask(database_url, "select payload_state from recall.transcripts") == [("pending",)]


@pytest.mark.parametrize(
    ("faults", "settings", "exit_code", "words"),
    [
        (Faults(error_first=9), {}, 69, "[SYNCD-API-AWAY]"),
        (Faults(throttle_first=9), {}, 75, "[SYNCD-API-THROTTLED]"),
        (Faults(), {"SYNCD_API_KEY": "another"}, 77, "[SYNCD-API-KEY]"),
        (Faults(), {"SYNCD_API_URL": "http://127.0.0.1:9"}, 69, "[SYNCD-"),
    ],
)
def test_the_exit_code_tells_that_recall_could_not_be_asked(
    syncd: Command,
    emulator: Emulator,
    database_url: str,
    faults: Faults,
    settings: dict[str, str],
    exit_code: int,
    words: str,
) -> None:
    done = syncd("poll", tracked(emulator, database_url, Scenario(faults=faults)), **settings)
    assert (done.returncode, words in done.stdout) == (exit_code, True), done.stdout + done.stderr


def test_in_a_pause_it_waits_as_long_as_it_was_told_and_says_for_what(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    id_ = tracked(emulator, database_url, Scenario(finishes_after=None))
    assert syncd("poll", id_).returncode == 0
    ask(database_url, "update syncd.budgets set paused_until = clock_timestamp() + interval '1 hour'")
    began = time.monotonic()
    done = syncd("poll", id_, "--max-wait", "2")
    assert (done.returncode, time.monotonic() - began >= 2.0, done.stdout) == (75, True, "")
    assert "syncd: Waited 2 s for a call that can be paid for. The retrieve budget is paused until 20" in done.stderr
    assert (retrieves(emulator), leases(database_url)) == (1, 0)


def test_a_call_that_comes_free_in_time_is_used(syncd: Command, emulator: Emulator, database_url: str) -> None:
    id_ = tracked(emulator, database_url, Scenario())
    ask(
        database_url,
        "insert into syncd.budgets (workspace, route, limit_per_minute, tokens, refreshed_at, paused_until) values"
        " ('default', 'retrieve', 300, 0, clock_timestamp(), clock_timestamp() + interval '4 seconds')",
    )
    done = syncd("poll", id_)
    assert done.returncode == 0, done.stderr
    assert "loaded" in done.stdout


def test_while_the_workspace_is_paused_it_asks_all_the_same_and_ends_the_pause(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    id_ = tracked(emulator, database_url, Scenario())
    ask(
        database_url,
        "insert into syncd.workspaces values"
        " ('default', clock_timestamp(), clock_timestamp() + interval '1 hour', 'Recall refused the key (401).')",
    )
    refused = syncd("poll", id_, "--max-wait", "0", SYNCD_API_KEY="another-key")
    assert "Recall refused the API key (401)" in refused.stdout
    assert syncd("poll", id_, "--max-wait", "0").returncode == 0
    assert retrieves(emulator) == 2
    assert ask(database_url, "select paused_until, pause_reason from syncd.workspaces") == [(None, None)]


def test_who_holds_it_is_named(syncd: Command, emulator: Emulator, database_url: str) -> None:
    id_ = tracked(emulator, database_url, Scenario())
    ask(
        database_url,
        "update syncd.queue set lease_token = nextval('syncd.lease_token'), lease_holder = 'elsewhere:1',"
        " lease_until = clock_timestamp() + interval '1 hour'",
    )
    done = syncd("poll", id_)
    assert done.returncode == 75
    assert "syncd: elsewhere:1 has claimed it; the lease runs until 20" in done.stderr
    assert retrieves(emulator) == 0


def test_one_that_has_ended_is_not_asked_about(syncd: Command, emulator: Emulator, database_url: str) -> None:
    id_ = tracked(emulator, database_url, Scenario())
    assert syncd("poll", id_).returncode == 0
    again = syncd("poll", id_)
    assert (again.returncode, retrieves(emulator)) == (0, 1)
    assert "Its content is loaded" in again.stdout
    assert again.stdout.endswith("Recall was not asked.\n")


def test_one_that_may_be_tried_again_is_left_to_whoever_tracks_it(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    id_ = tracked(emulator, database_url, Scenario())
    ask(database_url, "update recall.transcripts set payload_state = 'missing'")
    ask(database_url, "delete from syncd.queue")
    done = syncd("poll", id_)
    assert (done.returncode, retrieves(emulator)) == (0, 0)
    assert "Tracking it again gives it another try." in done.stdout


def test_what_belongs_to_another_workspace_is_not_asked_about_with_this_key(
    syncd: Command, emulator: Emulator, database_url: str
) -> None:
    id_ = tracked(emulator, database_url, Scenario())
    done = syncd("poll", id_, SYNCD_WORKSPACE="acme")
    assert done.returncode == 1
    assert "It belongs to the workspace default, and the key here is that of acme." in done.stderr
    assert retrieves(emulator) == 0


@pytest.mark.parametrize(
    ("id_", "settings", "exit_code", "words"),
    [
        (UNKNOWN, {"SYNCD_API_KEY": ""}, 78, "No API key."),
        ("not-an-id", {}, 1, "'not-an-id' is no transcript id"),
        (UNKNOWN, {"SYNCD_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}, 69, "database"),
    ],
)
def test_what_is_missing_is_one_sentence(
    syncd: Command, id_: str, settings: dict[str, str], exit_code: int, words: str
) -> None:
    done = syncd("poll", id_, **settings)
    assert (done.returncode, done.stderr.count("\n")) == (exit_code, 1)
    assert words in done.stderr


def test_an_interruption_gives_the_lease_back(
    environment: dict[str, str], emulator: Emulator, database_url: str
) -> None:
    id_ = tracked(emulator, database_url, Scenario(faults=Faults(slow_headers_first=1, drip_seconds=0.5)))
    process = subprocess.Popen(
        [sys.executable, "-m", "syncd", "poll", id_], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + DEADLINE_S
        while not leases(database_url):
            assert time.monotonic() < end, "nothing was leased"
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=DEADLINE_S)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, leases(database_url)) == (75, 0)
    assert "Stopped before the run ended; no lease is left behind." in said
