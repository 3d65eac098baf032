"""A page that meets something unexpected on its way into the tables: it costs no other row, and loses none."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import exc

from syncd.core.queue import page
from syncd.core.queue.decide import Answer
from syncd.core.queue.lease import Lease
from syncd.core.reading.list_page import Page
from syncd.db import outcomes
from syncd.errors import DatabaseAway, LeaseLost
from syncd.pipeline import list_page, path, settle
from syncd.pipeline.context import Context
from tests.pipeline.harness import Harness
from tests.pipeline.listing import IS_DONE, WAITS, Listed, of
from tests.pipeline.test_list_page import read_unfinished_ones_next


def spoil(harness: Harness, monkeypatch: pytest.MonkeyPatch, id_: UUID, **changes: Any) -> None:
    """The list shows one transcript with other values than Recall has."""
    ask = harness.api.list

    def asked(*arguments: Any) -> Page:
        answer = ask(*arguments)
        entries = [
            (replace(artifact, **changes) if artifact.transcript_id == id_ else artifact, links)
            for artifact, links in answer.entries
        ]
        return replace(answer, entries=tuple(entries))

    monkeypatch.setattr(harness.api, "list", asked)


def test_one_shown_unfinished_for_the_first_time_is_left_as_it_is(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed()
    read_unfinished_ones_next(harness)
    harness.see(replace(WAITS, created=-95.0), replace(WAITS, transcript_id=uuid4(), created=-85.0))
    bad, good = harness.track(*of(WAITS, 2))
    before = harness.waiting(bad)
    spoil(harness, monkeypatch, bad, body={"id": "\0"})
    harness.page()
    assert [query["status_code"] for query in harness.lists()] == ["processing"]
    assert harness.waiting(bad) == before
    assert harness.transcript(bad)["status"] is None
    assert (harness.waiting(good)["is_observed"], harness.transcript(good)["status"]) == (True, "processing")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"body": {"id": "\0"}}, "Postgres cannot hold it"), ({"created_at": "not a time"}, "Unexpected ")],
    ids=["unstorable", "a fault of ours"],
)
def test_one_shown_finished_costs_its_row_one_attempt(
    listed: Listed, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], reason: str
) -> None:
    harness = listed()
    bad, good = harness.see(*of(IS_DONE, 2))
    spoil(harness, monkeypatch, bad, **changes)
    assert harness.page() == 2
    row = harness.waiting(bad)
    assert (row["attempts"], row["lease_token"], reason in row["last_error"]) == (1, None, True)
    assert harness.transcript(good)["payload_state"] == "loaded"
    monkeypatch.undo()
    harness.turns()
    assert harness.transcript(bad)["payload_state"] == "loaded"


def test_one_whose_lease_is_lost_as_it_fails_costs_the_others_nothing(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed()
    bad, good = harness.see(*of(IS_DONE, 2))
    spoil(harness, monkeypatch, bad, body={"id": "\0"})

    def is_lost(*_: object) -> None:
        raise LeaseLost

    monkeypatch.setattr(settle, "fail", is_lost)
    assert harness.page() == 2
    assert harness.transcript(good)["payload_state"] == "loaded"
    assert harness.row("select pause_reason from syncd.list_states") == {"pause_reason": None}


def test_one_that_is_erased_meanwhile_does_not_come_back(listed: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = listed()
    read_unfinished_ones_next(harness)
    harness.see(replace(WAITS, created=-95.0), replace(WAITS, transcript_id=uuid4(), created=-85.0))
    erased, stays = harness.track(*of(WAITS, 2))
    decide = page.decide_page

    def erasing(*arguments: Any) -> Any:
        harness.change("select recall.erase(%s)", erased)
        return decide(*arguments)

    monkeypatch.setattr(list_page, "decide_page", erasing)
    harness.page()
    assert harness.rows("select from recall.transcripts where transcript_id = %s", erased) == []
    assert harness.transcript(stays)["status"] == "processing"


def test_finished_ones_are_claimed_before_another_process_may_read_on(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed()
    ids, holders = harness.see(*of(IS_DONE, 3)), dict[UUID, str]()

    def dies(_context: Context, lease: Lease, _answer: Answer) -> None:
        holders[lease.transcript_id] = harness.waiting(lease.transcript_id)["lease_holder"]
        raise DatabaseAway("The process has died.")

    monkeypatch.setattr(path, "settle_listed", dies)
    assert harness.page() == 3
    assert harness.rows("select * from syncd.list_states where holder is not null") == []
    assert holders == dict.fromkeys(ids, "harness")


def test_a_database_that_goes_away_is_no_fault_of_the_list(listed: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = listed()
    harness.see(*of(IS_DONE, 1))

    def goes_away(*_: object) -> None:
        raise exc.OperationalError("select 1", {}, psycopg.OperationalError("connection failed"))

    monkeypatch.setattr(outcomes, "write_page", goes_away)
    with pytest.raises(DatabaseAway):
        harness.page()
    assert harness.row("select pause_reason from syncd.list_states") == {"pause_reason": None}
