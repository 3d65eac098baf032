"""A page with an entry that Postgres cannot hold: it costs nobody else anything, and its own row is not lost."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from syncd.core.reading.list_page import Page
from tests.pipeline.harness import Harness
from tests.pipeline.listing import IS_DONE, WAITS, Listed, of
from tests.pipeline.test_list_page import look_at_unfinished_ones


def spoil(harness: Harness, monkeypatch: pytest.MonkeyPatch, id_: UUID, **changes: Any) -> None:
    """The list shows one transcript with other values than Recall has."""
    ask = harness.api.list

    def asked(*arguments: Any) -> Page:
        page = ask(*arguments)
        entries = [
            (replace(artifact, **changes) if artifact.transcript_id == id_ else artifact, links)
            for artifact, links in page.entries
        ]
        return replace(page, entries=tuple(entries))

    monkeypatch.setattr(harness.api, "list", asked)


def test_one_shown_unfinished_for_the_first_time_is_left_as_it_is(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = listed()
    look_at_unfinished_ones(harness)
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
    assert harness.page() == 1
    row = harness.waiting(bad)
    assert (row["attempts"], row["lease_token"], reason in row["last_error"]) == (1, None, True)
    assert harness.transcript(good)["payload_state"] == "loaded"
    monkeypatch.undo()
    harness.turns()
    assert harness.transcript(bad)["payload_state"] == "loaded"
