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
    """Executes one SQL statement."""

    def execute(statement: str) -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    return execute


@pytest.fixture
def pending(syncd: Command, emulator: Emulator) -> str:
    """An id that was polled once, and is unfinished."""
    scenario = Scenario(finishes_after=None, created=-90.0)
    emulator.add(scenario)
    assert syncd("poll", str(scenario.transcript_id)).returncode == 0
    return str(scenario.transcript_id)


def explained(syncd: Command, id_: str) -> str:
    done = syncd("explain", id_)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_unknown_id_exits_with_1_and_says_how_to_track_it(syncd: Command) -> None:
    id_ = str(uuid.uuid4())
    done = syncd("explain", id_)
    assert (done.returncode, done.stdout) == (1, f"{id_} is not tracked. To track it: syncd track {id_}\n")
    told = syncd("explain", id_, "--json")
    assert (told.returncode, json.loads(told.stdout)["record"]) == (1, None)


def test_what_is_no_id_exits_with_1(syncd: Command) -> None:
    done = syncd("explain", "not-an-id")
    assert done.returncode == 1
    assert "'not-an-id' is no transcript id" in done.stderr


def test_it_needs_no_key_and_makes_no_call(syncd: Command, emulator: Emulator, pending: str) -> None:
    asked = len(emulator.requests())
    assert syncd("explain", pending, SYNCD_API_KEY="").returncode == 0
    assert len(emulator.requests()) == asked


def test_one_that_was_just_tracked_is_due_at_once(syncd: Command) -> None:
    id_ = str(uuid.uuid4())
    syncd("track", id_)
    shown = explained(syncd, id_)
    for words in (
        "Recall has never shown it.",
        "It has not been polled since it was tracked, so it is due at once",
        "It has been due since",
        "No retrieve call has been made yet.",
        "No list page has been read yet.",
    ):
        assert words in shown


def test_a_pending_one_is_explained_by_threshold_survival_curve_and_queue_order(syncd: Command, pending: str) -> None:
    shown = explained(syncd, pending)
    for words in (
        "At Recall it is processing",
        "By its survival curve its poll index reaches the threshold of 0.1 s after",
        "It counts as deepgram_async",
        "It has finished since with a probability of",
        "No daemon is alive, and none has ever been seen.",
        "60000 calls a minute",
        "No other transcript comes before it in the queue order.",
    ):
        assert words in shown


def test_json_holds_the_values_and_the_sentences(syncd: Command, pending: str) -> None:
    told = json.loads(syncd("explain", pending, "--json").stdout)
    assert told["transcript_id"] == pending
    assert (told["record"]["status"], told["queue_entry"]["stage"]) == ("processing", "poll")
    forecast = told["forecast"]
    assert (forecast["rule"], forecast["threshold_s"]) == ("threshold", 0.1)
    assert 0 < forecast["finished_probability"] < 1
    assert forecast["age_s"] < forecast["median_age_s"] < forecast["p90_age_s"]
    assert told["ahead"]["retrieve"]["limit"] == 60000
    assert any(sentence.startswith("By its survival curve") for sentence in told["sentences"])


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "update syncd.queue set lease_holder = 'elsewhere:1', lease_until = now() + interval '1 h'",
            "elsewhere:1 has claimed it",
        ),
        ("update syncd.queue set absent_at = now()", "so it is polled before all others, due or not."),
        ("update syncd.budgets set paused_until = now() + interval '1 h'", "The retrieve budget is paused until"),
        (
            "insert into syncd.workspaces values ('default', now(), now() + interval '1 h', 'Refused (401).')",
            "The workspace is paused until",
        ),
        ("update syncd.budgets set repriced_at = now()", "The retrieve budget is"),
        ("update recall.transcripts set status = 'quarantined'", "syncd does not know the status quarantined"),
        (
            "update recall.transcripts set expires_at = now();"
            "update syncd.queue set last_seen_at = created_at, threshold_s = 1800",
            "No gap is longer than 10% of the 1 min",
        ),
    ],
)
def test_what_decides_is_named(
    syncd: Command, pending: str, ask: Callable[[str], Any], statement: str, words: str
) -> None:
    ask(statement)
    assert words in explained(syncd, pending)


def test_transcripts_before_it_in_the_queue_order_are_counted(
    syncd: Command, pending: str, ask: Callable[[str], Any]
) -> None:
    """Two due sooner, one missing from a page, one not due, two with a lease, three not seen yet."""
    ask("update syncd.queue set due_at = now()")
    ask(
        "insert into syncd.queue (transcript_id, workspace, stage, due_at, tracked_at, pending_until, is_observed,"
        " absent_at, lease_until) select gen_random_uuid(), workspace, 'poll', now() + due, now(), now(), observed,"
        " absent_at, lease_until from (values"
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
        ") as other (workspace, due, observed, absent_at, lease_until)"
    )
    ahead = json.loads(syncd("explain", pending, "--json").stdout)["ahead"]
    assert (ahead["absent_count"], ahead["same_kind_count"], ahead["other_kind_count"]) == (1, 2, 3)


def test_how_and_when_one_ended(syncd: Command, emulator: Emulator) -> None:
    scenario = Scenario()
    emulator.add(scenario)
    syncd("poll", str(scenario.transcript_id))
    shown = explained(syncd, str(scenario.transcript_id))
    assert "Its content is loaded: the content is in the tables." in shown
    assert "It ended 20" in shown
    assert "That is final" in shown


def test_foreign_text_cannot_forge_a_line_and_secrets_are_removed(
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
