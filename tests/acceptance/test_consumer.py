"""The examples in docs/examples: real consumers, killed and doubled, that handle every event once."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest

from recall_emulator import Emulator, Scenario
from syncd.db.libpq import psql_arguments

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples"
DEADLINE_S = 90.0
Command = Callable[..., CompletedProcess[str]]
Start = Callable[[], subprocess.Popen[str]]

FINISHED = """
with loaded as (
    insert into recall.transcripts (transcript_id, workspace, first_seen_at, payload_state)
    select gen_random_uuid(), 'default', clock_timestamp(), 'loaded' from generate_series(1, %s)
    returning transcript_id
)
select recall.write_events(transcript_id, 'default', array['ready']) from loaded;
"""
SAID = """
insert into recall.participants (transcript_id, position, name)
select transcript_id, 0, 'Ann' from recall.transcripts;
insert into recall.utterance_data (transcript_id, position, participant_position, text, word_count)
select transcript_id, 0, 0, 'hello', 1 from recall.transcripts;
"""
# counts what was handled: a second handling of the same event would show
COUNTED = """
create table meeting_texts (transcript_id uuid primary key, content text not null);
create table handled (transcript_id uuid);
create function count_handled() returns trigger language plpgsql as
    $$begin insert into handled values (new.transcript_id); return null; end$$;
create trigger count_handled after insert on meeting_texts for each row execute function count_handled();
"""


@pytest.fixture
def ask(database_url: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Carries out a statement; its rows, where it has any."""
    with psycopg.connect(database_url, autocommit=True) as connection:

        def carry_out(statement: str, *arguments: object) -> list[tuple[Any, ...]]:
            cursor = connection.execute(statement.encode(), arguments or None)
            return cursor.fetchall() if cursor.description else []

        yield carry_out


Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    """Starts the Python example as it stands, a process of its own."""
    with ExitStack() as stack:

        def start_one() -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [sys.executable, EXAMPLES / "consumer.py", "texts"],
                env={"PATH": os.environ["PATH"]} | psql_arguments(database_url)[1],
                stderr=subprocess.PIPE,
                text=True,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield start_one


def until(condition: Callable[[], object]) -> None:
    """Wait for a condition; fail by the deadline."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "the condition never came true"
        time.sleep(0.02)


def is_through(ask: Ask) -> bool:
    """Whether some consumer has read to the end."""
    if ask("select to_regclass('recall_cursors')") == [(None,)]:
        return False
    return ask("select (select max(event_id) from recall_cursors) = max(event_id) from recall.events") == [(True,)]


def assert_each_was_handled_once(ask: Ask, count: int) -> None:
    assert ask("select count(*), count(distinct transcript_id) from handled") == [(count, count)]
    assert ask("select count(*) from meeting_texts where content = 'Ann: hello'") == [(count,)]


def texts(ask: Ask) -> list[tuple[Any, ...]]:
    """What the tables say, to compare with what the consumers made of it."""
    return ask(
        "select transcript_id, string_agg(concat_ws(': ', speaker, text), E'\\n' order by position)"
        " from recall.utterances group by transcript_id order by transcript_id"
    )


def test_the_python_example_follows_the_real_daemon_and_stops_when_told(
    syncd: Command, emulator: Emulator, ask: Ask, start: Start
) -> None:
    scenarios = [Scenario() for _ in range(6)] + [Scenario(end="failed"), Scenario(is_empty=True)]
    for scenario in scenarios:
        emulator.add(scenario)
    consumer = start()
    done = syncd("track", "-", stdin="\n".join(str(scenario.transcript_id) for scenario in scenarios))
    assert done.returncode == 0, done.stderr
    for scenario in scenarios:
        assert syncd("poll", str(scenario.transcript_id)).returncode == 0
    until(lambda: is_through(ask))
    assert ask("select count(*) from recall.events") == [(8,)]
    kept = ask("select transcript_id, content from meeting_texts order by transcript_id")
    assert kept == texts(ask)
    assert len(kept) == 6
    ask("select recall.erase(%s)", kept[0][0])
    until(lambda: ask("select count(*) from meeting_texts") == [(5,)])
    consumer.send_signal(signal.SIGTERM)
    assert (consumer.wait(DEADLINE_S), consumer.communicate()[1]) == (0, "")


def test_the_python_example_killed_and_doubled_handles_each_event_once(ask: Ask, start: Start) -> None:
    ask(COUNTED)
    ask(FINISHED, 3000)
    ask(SAID)
    consumer = start()
    until(lambda: ask("select count(*) > 0 from handled") == [(True,)])
    consumer.kill()
    consumer.wait(DEADLINE_S)
    assert not is_through(ask)
    both = [start(), start()]
    until(lambda: is_through(ask))
    for process in both:
        process.send_signal(signal.SIGINT)
        assert (process.wait(DEADLINE_S), process.communicate()[1]) == (0, "")
    assert_each_was_handled_once(ask, 3000)


def call_often(database_url: str, count: int) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(count):
            connection.execute("call keep_meeting_texts()")


def test_the_sql_example_in_several_sessions_handles_each_event_once(ask: Ask, database_url: str) -> None:
    ask(COUNTED)
    ask((EXAMPLES / "consumer.sql").read_text(encoding="utf-8"))
    ask(FINISHED, 1000)
    ask(SAID)
    with psycopg.connect(database_url) as abandoned:
        abandoned.execute("call keep_meeting_texts()")
        with psycopg.connect(database_url, autocommit=True) as other:  # finds another one at it, and does not wait
            other.execute("call keep_meeting_texts()")
        abandoned.rollback()
    assert ask("select count(*) from handled") == [(0,)]
    with ThreadPoolExecutor(3) as pool:
        for session in [pool.submit(call_often, database_url, 10) for _ in range(3)]:
            session.result(DEADLINE_S)
    for _ in range(1000):  # one that found another at it came away with nothing
        if is_through(ask):
            break
        call_often(database_url, 1)
    assert_each_was_handled_once(ask, 1000)


def test_the_sql_example_forgets_what_is_gone_and_renews_what_has_changed(ask: Ask) -> None:
    ask((EXAMPLES / "consumer.sql").read_text(encoding="utf-8"))
    ask((EXAMPLES / "consumer.sql").read_text(encoding="utf-8"))  # twice does no harm
    ask(FINISHED, 3)
    ask(SAID)
    ask("call keep_meeting_texts()")
    assert ask("select transcript_id, content from meeting_texts order by 1") == texts(ask)
    gone, altered, kept = [id_ for (id_,) in ask("select transcript_id from recall.transcripts")]
    ask("update recall.transcripts set status = 'deleted' where transcript_id = %s", gone)
    ask("select recall.write_events(%s, 'default', array['deleted'])", gone)
    ask("update recall.utterance_data set text = 'hi' where transcript_id = %s", altered)
    ask("select recall.write_events(%s, 'default', array['changed'])", altered)
    ask("call keep_meeting_texts()")
    assert dict(ask("select * from meeting_texts")) == {altered: "Ann: hi", kept: "Ann: hello"}


def test_every_statement_in_the_document_runs(ask: Ask) -> None:
    ask((EXAMPLES / "consumer.sql").read_text(encoding="utf-8"))
    ask(FINISHED, 5)
    text = (DOCS / "events.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sql\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    for block in blocks:
        ask(block)
    assert len(blocks) >= 3
    assert ask("select count(*) from recall.events") == [(5,)]
