"""What becomes of a transcript that Recall has deleted."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from recall_emulator import Scenario
from syncd.core.reading.artifact import Artifact
from syncd.db.content import transcripts
from tests.pipeline.harness import Harness

A_WORD = "(select max(text) from recall.words where text ~ '^[a-z]{7,}$')"
QUESTIONS = ("latest_transcripts", "talk_time", "chunks(100)", f"search({A_WORD})")


def shown(harness: Harness, *, asked: bool) -> list[bool]:
    """Whether each of QUESTIONS shows anything."""
    setting = "set local recall.include_deleted = on; " if asked else ""
    with harness.engine.begin() as connection:
        if setting:
            connection.exec_driver_sql(setting)
        return [bool(connection.exec_driver_sql(f"select from recall.{each}").all()) for each in QUESTIONS]


def track_seen(harness: Harness, end: str) -> UUID:
    """Track one that Recall has shown before, unfinished, and that ends so."""
    (id_,) = harness.track(Scenario(transcript_id=uuid4(), end=end))
    harness.change("update syncd.queue set is_observed = true")
    harness.change("update recall.transcripts set status = 'processing', observed_at = first_seen_at")
    return id_


def test_it_is_kept_and_shown_only_to_whoever_asks_for_it(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.turns()
    assert shown(harness, asked=False) == [True] * len(QUESTIONS)
    harness.change("update recall.transcripts set deleted_at = now() where transcript_id = %s", id_)
    assert shown(harness, asked=False) == [False] * len(QUESTIONS)
    assert shown(harness, asked=True) == [True] * len(QUESTIONS)


@pytest.mark.parametrize("end", ["deleted", "not_found"])
def test_it_is_dated_and_told(harness: Harness, end: str) -> None:
    id_ = track_seen(harness, end)
    harness.turns()
    row = harness.transcript(id_)
    assert (row["status"], row["payload_state"], row["deleted_at"] is None) == ("deleted", "deleted", False)
    history = harness.rows("select status from recall.status_history order by observed_at")
    assert [each["status"] for each in history][-1] == "deleted"
    assert harness.rows("select kind from recall.events") == [{"kind": "deleted"}]


@pytest.mark.parametrize("end", ["deleted", "not_found"])
def test_where_the_operator_wants_so_it_is_erased(make_harness: Any, end: str) -> None:
    harness = make_harness(erases_deleted=True)
    id_ = track_seen(harness, end)
    harness.turns()
    assert harness.rows("select from recall.transcripts") == []
    receipt = harness.row("select transcript_id, selected_by from recall.erasures")
    assert receipt == {"transcript_id": id_, "selected_by": "deletion"}
    told = harness.rows("select kind from recall.events order by event_id")
    assert [each["kind"] for each in told] == ["deleted", "erased"]


def test_a_list_that_lags_does_not_bring_it_back(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.turns()
    harness.change("update recall.transcripts set deleted_at = now(), status = 'deleted'")
    shown = Artifact(id_, "done", metadata={"shown": "once more"})
    with harness.engine.begin() as connection:
        assert not transcripts.observe_artifact(connection, "default", shown, datetime.now(UTC))
    assert harness.transcript(id_)["status"] == "deleted"


def test_tracked_again_it_comes_back_where_recall_shows_it(harness: Harness) -> None:
    (id_,) = harness.track(Scenario())
    harness.change("update recall.transcripts set deleted_at = now(), status = 'deleted', payload_state = 'deleted'")
    harness.change("delete from syncd.queue")
    assert harness.row("select recall.track(%s)", id_)["track"]
    harness.turns()
    row = harness.transcript(id_)
    assert (row["status"], row["payload_state"], row["deleted_at"]) == ("done", "loaded", None)
