"""What a page of the list changes at once, and what a list call that failed means."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from syncd import errors
from syncd.core import transcript
from syncd.core.polling.list_cursor import ListCursor, ListPurpose
from syncd.core.polling.list_plan import INSIDE, ListRequest
from syncd.core.polling.list_state import ListState
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Absence, CallEnd, ListChange, Outcome, Pause, Step, Throttle
from syncd.core.queue.page import PageShown, decide_list_failure, decide_page
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.reading.list_page import Page, Selection
from tests.core.queue.decisions import DAY, HOUR, LINKS, POLICY, artifact
from tests.core.samples import NOW

Leases = Callable[..., Lease]
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))
WINDOW = Selection(transcript.PROCESSING, NOW - HOUR, NOW)
NEXT = "https://api/api/v1/transcript/?cursor=next"


def request(purpose: ListPurpose = ListPurpose.WINDOW, selection: Selection = WINDOW, **fields: Any) -> ListRequest:
    usual: dict[str, Any] = {"next_url": None, "state": ListState(), "cursor": ListCursor(scan_url="s")}
    return ListRequest(purpose, selection, call_id=1, asked_at=NOW, send_by=0.0, **(usual | fields))


def entry(id_: UUID, status: str = transcript.PROCESSING, **fields: Any) -> tuple[Artifact, Links]:
    return replace(artifact(status, **fields), transcript_id=id_), LINKS


def page(*entries: tuple[Artifact, Links], next_url: str | None = None, is_whole: bool = True) -> Page:
    return Page(entries, next_url, None if is_whole else "an entry")


def shown(page: Page, *rows: Lease, unseen_count: int = 0) -> PageShown:
    return PageShown(page, rows, len(rows), unseen_count)


def change_of(outcome: Outcome) -> ListChange:
    assert outcome.list is not None
    return outcome.list


def test_rows_shown_unfinished_wait_and_new_ones_are_kept(lease: Leases) -> None:
    known = lease(transcript_id=ONE, is_observed=True, last_seen_at=NOW - timedelta(seconds=30))
    rows = known, lease(transcript_id=TWO)
    outcome = decide_page(shown(page(entry(ONE), entry(TWO), entry(THREE)), *rows), request(), POLICY)
    change = change_of(outcome)
    assert [(each.artifact.transcript_id, each.row.step, each.is_first_shown) for each in change.waiting] == [
        (ONE, Step.WAIT, False),
        (TWO, Step.WAIT, True),
    ]
    assert {each.threshold_s for each in change.waiting} == {POLICY.threshold_s}
    assert (outcome.call, change.asked_at) == (CallEnd.CLOSED, NOW)
    assert len(outcome.observations) == 2


def test_an_entry_that_says_nothing_about_durations_is_not_observed(lease: Leases) -> None:
    outcome = decide_page(shown(page(entry(ONE, provider=None)), lease(transcript_id=ONE)), request(), POLICY)
    assert (len(change_of(outcome).waiting), outcome.observations) == (1, ())


def test_one_whose_time_is_up_is_left_to_a_retrieve(lease: Leases) -> None:
    old = lease(transcript_id=ONE, tracked_at=NOW - 30 * DAY, is_observed=True)
    outcome = decide_page(shown(page(entry(ONE, created_at=NOW - 30 * DAY)), old), request(), POLICY)
    assert change_of(outcome).waiting == ()


def test_rows_shown_at_their_end_are_claimed_one_by_one(lease: Leases) -> None:
    seen = shown(page(entry(ONE, "done"), entry(TWO, "failed"), entry(THREE, "done")), lease(transcript_id=ONE))
    assert {
        id_: (answer.artifact.status, answer.is_listed) for id_, answer in seen.finished(takes_backlog=True).items()
    } == {ONE: ("done", True)}
    assert change_of(decide_page(seen, request(), POLICY)).waiting == ()


def test_where_there_is_no_room_for_the_backlog_only_live_ones_are_claimed(lease: Leases) -> None:
    rows = lease(transcript_id=ONE, is_observed=True), lease(transcript_id=TWO)
    seen = shown(page(entry(ONE, "done"), entry(TWO, "done")), *rows)
    assert set(seen.finished(takes_backlog=False)) == {ONE}


@pytest.mark.parametrize(
    ("changes", "whole", "next_url", "is_proof"),
    [
        ({}, True, None, True),
        ({}, False, None, False),
        ({}, True, NEXT, False),
        ({"purpose": ListPurpose.SCAN}, True, None, False),
        ({"selection": Selection(None, NOW - HOUR, NOW)}, True, None, False),
        ({"selection": Selection("done", NOW - HOUR, None)}, True, None, False),
        ({"selection": Selection("done", None, NOW)}, True, None, False),
    ],
    ids=["whole and last", "not whole", "not last", "a scan", "any status", "no end", "no begin"],
)
def test_only_a_whole_last_page_of_a_window_proves_anything_by_absence(
    changes: dict[str, Any], whole: bool, next_url: str | None, is_proof: bool
) -> None:
    seen = shown(page(entry(ONE), next_url=next_url, is_whole=whole))
    expected = Absence(transcript.PROCESSING, NOW - HOUR + INSIDE, NOW - INSIDE, (ONE,)) if is_proof else None
    assert change_of(decide_page(seen, request(**changes), POLICY)).absence == expected


@pytest.mark.parametrize(
    ("unseen_count", "next_url", "scan_url"),
    [(5, NEXT, NEXT), (1, NEXT, None), (5, None, None), (5, "the same", None)],
    ids=["goes on", "nobody is left", "the last page", "a next page that is itself"],
)
def test_a_scan_goes_on_while_somebody_is_left_to_find(
    lease: Leases, unseen_count: int, next_url: str | None, scan_url: str | None
) -> None:
    scan = request(ListPurpose.SCAN, Selection("done"), next_url="the same")
    seen = shown(page(entry(ONE, "done"), next_url=next_url), lease(transcript_id=ONE), unseen_count=unseen_count)
    assert change_of(decide_page(seen, scan, POLICY)).cursor.scan_url == scan_url


LATER = NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("error", "call", "pause_until", "throttle", "scan_url"),
    [
        (errors.RecallTrouble("503"), CallEnd.CLOSED, None, None, "s"),
        (errors.RecallTrouble("late", was_sent=False), CallEnd.REFUNDED, None, None, "s"),
        (errors.Throttled(7.0), CallEnd.THROTTLED, None, Throttle(7.0), "s"),
        (errors.KeyRefused(), CallEnd.CLOSED, LATER, None, "s"),
        (errors.Forbidden(), CallEnd.CLOSED, None, None, "s"),
        (errors.BadAnswer("no such page"), CallEnd.CLOSED, None, None, None),
    ],
    ids=["503", "not sent", "429", "401", "403 of the list alone", "an unknown cursor"],
)
def test_a_list_call_that_fails_pauses_the_list(
    error: errors.RecallError,
    call: CallEnd,
    pause_until: datetime | None,
    throttle: Throttle | None,
    scan_url: str | None,
) -> None:
    outcome = decide_list_failure(error, request(ListPurpose.SCAN, Selection("done")), NOW)
    pause = None if pause_until is None else Pause(pause_until, str(error))
    assert (outcome.call, outcome.pause, outcome.throttle) == (call, pause, throttle)
    assert change_of(outcome).cursor.scan_url == scan_url
    assert change_of(outcome).state.pause_reason == str(error)
