"""`syncd explain`: why one transcript is where it is, by the real command."""

import json
import uuid
from collections.abc import Callable
from subprocess import CompletedProcess
from typing import Any

import psycopg
import pytest

from recall_emulator import Emulator, Scenario

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def ask(database_url: str) -> Callable[[str], Any]:
    """Carries out a statement."""

    def execute(statement: str) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    return execute


@pytest.fixture
def pending(syncd: Command, emulator: Emulator) -> str:
    """An id that was looked at once, unfinished."""
    script = Scenario(finishes_after=None, created=-90.0)
    emulator.add(script)
    assert syncd("look", str(script.transcript_id)).returncode == 0
    return str(script.transcript_id)


def explained(syncd: Command, id_: str) -> str:
    done = syncd("explain", id_)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_unknown_id_is_said_to_be_so(syncd: Command) -> None:
    id_ = str(uuid.uuid4())
    done = syncd("explain", id_)
    assert (done.returncode, done.stdout) == (1, f"{id_} is not tracked. To track it: syncd track {id_}\n")
    told = syncd("explain", id_, "--json")
    assert (told.returncode, json.loads(told.stdout)["record"]) == (1, None)


def test_what_is_no_id_is_said_to_be_so(syncd: Command) -> None:
    done = syncd("explain", "not-an-id")
    assert done.returncode == 1
    assert "'not-an-id' is no transcript id" in done.stderr


def test_it_needs_no_key_and_asks_nobody(syncd: Command, emulator: Emulator, pending: str) -> None:
    asked = len(emulator.requests())
    assert syncd("explain", pending, SYNCD_API_KEY="").returncode == 0
    assert len(emulator.requests()) == asked


def test_one_that_was_just_tracked_is_due_at_once(syncd: Command) -> None:
    id_ = str(uuid.uuid4())
    syncd("track", id_)
    shown = explained(syncd, id_)
    for words in (
        "Recall has never shown it.",
        "Nobody has seen it since it was tracked, so it is due at once",
        "It has been due since",
        "No retrieve has been paid for yet.",
        "The list has not been read yet.",
    ):
        assert words in shown


def test_one_that_waits_tells_its_price_its_curve_and_what_is_in_front(syncd: Command, pending: str) -> None:
    shown = explained(syncd, pending)
    for words in (
        "At Recall it is processing",
        "The price decided: a look had to be worth 0.1 s of lag then",
        "It counts as deepgram_async",
        "the chance that it has finished since is",
        "No daemon has ever served its workspace.",
        "of 60000 a minute",
        "No other transcript comes before it.",
    ):
        assert words in shown


def test_programs_are_told_the_same(syncd: Command, pending: str) -> None:
    told = json.loads(syncd("explain", pending, "--json").stdout)
    assert told["transcript_id"] == pending
    assert (told["record"]["status"], told["place"]["stage"]) == ("processing", "poll")
    forecast = told["forecast"]
    assert (forecast["rule"], forecast["price_s"]) == ("price", 0.1)
    assert 0 < forecast["chance"] < 1
    assert forecast["age_s"] < forecast["median_s"] < forecast["p90_s"]
    assert told["front"]["retrieve"]["limit"] == 60000
    assert any(sentence.startswith("The price decided") for sentence in told["sentences"])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "update syncd.queue set lease_holder = 'elsewhere:1', lease_until = now() + interval '1 h'",
            "elsewhere:1 is working on it",
        ),
        ("update syncd.queue set left_at = now()", "so it is asked about first, due or not."),
        ("update syncd.budgets set paused_until = now() + interval '1 h'", "The retrieve budget is paused until"),
        (
            "insert into syncd.workspaces values ('default', now(), now() + interval '1 h', 'Refused (401).')",
            "The workspace is paused until",
        ),
        ("update syncd.budgets set steered_at = now()", "The retrieve budget has"),
        ("update recall.transcripts set status = 'quarantined'", "Nobody knows the status quarantined"),
        (
            "update recall.transcripts set expires_at = now();"
            "update syncd.queue set looked_at = created_at, patience_s = 1800",
            "nobody waits longer than a share of 10% of the time until Recall deletes it: 1 min",
        ),
    ],
)
def test_what_decides_is_named(
    syncd: Command, pending: str, ask: Callable[[str], Any], statement: str, words: str
) -> None:
    ask(statement)
    assert words in explained(syncd, pending)


def test_those_that_come_before_it_are_counted(syncd: Command, pending: str, ask: Callable[[str], Any]) -> None:
    """Two that are due sooner, one that left a page, one that is not due, two leased, three never shown."""
    ask("update syncd.queue set due_at = now()")
    ask(
        "insert into syncd.queue (transcript_id, workspace, stage, due_at, tracked_at, pending_until, is_observed,"
        " left_at, lease_until) select gen_random_uuid(), workspace, 'poll', now() + due, now(), now(), observed,"
        " left_at, lease_until from (values"
        " ('default', interval '-1 h', true, null::timestamptz, null::timestamptz),"
        " ('default', interval '-1 h', true, null, now() - interval '1 h'),"
        " ('default', interval '1 h', true, now(), null),"
        " ('default', interval '1 h', true, null, null),"
        " ('default', interval '-1 h', true, null, now() + interval '1 h'),"
        " ('default', interval '-1 h', false, null, now() + interval '1 h'),"
        " ('default', interval '-1 h', false, null, null),"
        " ('default', interval '-2 h', false, null, null),"
        " ('default', interval '-3 h', false, null, null),"
        " ('acme', interval '-1 h', true, now(), null)"
        ") as other (workspace, due, observed, left_at, lease_until)"
    )
    front = json.loads(syncd("explain", pending, "--json").stdout)["front"]
    assert (front["left_count"], front["ahead_count"], front["other_count"]) == (1, 2, 3)


def test_one_that_has_ended_tells_how_and_when(syncd: Command, emulator: Emulator) -> None:
    script = Scenario()
    emulator.add(script)
    syncd("look", str(script.transcript_id))
    shown = explained(syncd, str(script.transcript_id))
    assert "Its content is loaded: the content is in the tables." in shown
    assert "It ended 20" in shown
    assert "That is final" in shown


def test_no_word_of_others_forges_a_line_and_no_link_is_shown(
    syncd: Command, pending: str, ask: Callable[[str], Any]
) -> None:
    ask(
        "update syncd.queue set last_error = E'wiped \\x1b[2J\\nforged https://s3.amazonaws.com/f?X-Amz-Signature=c0ffee'"
    )
    ask("update recall.transcripts set status = E'odd\\nstatus', payload_reason = 'password=c0ffee1'")
    for arguments in (("explain", pending), ("explain", pending, "--json")):
        shown = syncd(*arguments).stdout
        assert "forged" in shown
        assert "c0ffee" not in shown
        assert "\x1b" not in shown
        assert not [line for line in shown.splitlines() if line.startswith(("forged", "status"))]
