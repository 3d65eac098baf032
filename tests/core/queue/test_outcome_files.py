"""What the fetching of the two files means."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from syncd import errors
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import (
    UNPROVEN_FILE_TRIES,
    Verdict,
    after_downloading_failed,
    after_fetching,
    believes_unreadable,
)
from syncd.core.transcript import ContentState, Stage
from tests.core.samples import NOW

Leases = Callable[..., Lease]
HALF = 0.5
LOADED, NONE, PENDING = ContentState.LOADED, ContentState.NONE, ContentState.PENDING


@pytest.mark.parametrize(
    ("error", "before", "at_the_deadline"),
    [
        (errors.FileTooLarge(), ContentState.TOO_LARGE, ContentState.TOO_LARGE),
        (errors.LinkDead(), None, ContentState.UNAVAILABLE),
        (errors.StoreTrouble(), None, ContentState.UNAVAILABLE),
        (errors.UnconfirmedFile("a page", "aa"), None, ContentState.UNAVAILABLE),
        (errors.FileGone(), None, ContentState.UNAVAILABLE),
        (errors.OriginRefused(), None, ContentState.UNAVAILABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_file_is_tried_until_its_deadline_unless_it_is_too_large(
    lease: Leases,
    error: errors.DownloadError,
    before: ContentState | None,
    at_the_deadline: ContentState,
) -> None:
    assert after_downloading_failed(error, lease()) == before
    assert after_downloading_failed(error, lease(pending_until=NOW)) == before  # one failure may be an outage
    assert after_downloading_failed(error, lease(pending_until=NOW, attempts=7)) == at_the_deadline


@pytest.mark.parametrize(
    ("is_proven_whole", "unconfirmed", "attempts", "believed"),
    [
        pytest.param(True, (), 0, False, id="whole, seen once"),
        pytest.param(True, ("bb", "aa"), 1, False, id="whole, the same twice"),
        pytest.param(True, ("aa", "bb", "aa"), 2, True, id="whole, the same three times"),
        pytest.param(True, ("bb",), 1, False, id="whole, but another each time"),
        pytest.param(False, ("aa",), 1, False, id="unproven, the same twice"),
        pytest.param(False, ("aa",), UNPROVEN_FILE_TRIES - 2, False, id="unproven, not often enough"),
        pytest.param(False, ("aa",), UNPROVEN_FILE_TRIES - 1, True, id="unproven, often"),
        pytest.param(True, ("bb",), UNPROVEN_FILE_TRIES - 1, True, id="another each time, often"),
        pytest.param(True, (), 1000, False, id="first sight after many other failures"),
    ],
)
def test_what_is_no_json_is_believed_when_it_is_proven(
    lease: Leases, is_proven_whole: bool, unconfirmed: tuple[str, ...], attempts: int, believed: bool
) -> None:
    held = lease(stage=Stage.DOWNLOAD, unconfirmed=unconfirmed, attempts=attempts)
    assert believes_unreadable("aa", is_proven_whole, held) == believed


@pytest.mark.parametrize(
    "states",
    [
        pytest.param([LOADED, LOADED], id="both loaded"),
        pytest.param([ContentState.EMPTY, NONE], id="empty, and no provider's file"),
        pytest.param([ContentState.UNREADABLE, ContentState.TOO_LARGE], id="neither readable"),
    ],
)
def test_a_row_whose_files_have_all_ended_is_finished_with(lease: Leases, states: list[ContentState]) -> None:
    verdict = after_fetching(states, [], lease(stage=Stage.LOAD), HALF)
    assert verdict == Verdict(None)
    assert verdict.is_end


@pytest.mark.parametrize("states", [[LOADED, PENDING], [PENDING, NONE], [None, LOADED], [ContentState.STORED, NONE]])
def test_a_row_with_a_file_to_come_is_tried_again(lease: Leases, states: list[ContentState | None]) -> None:
    verdict = after_fetching(states, [], lease(stage=Stage.DOWNLOAD, attempts=1, unconfirmed=("aa",)), HALF)
    assert verdict == Verdict(Stage.DOWNLOAD, 2.0, reason="A file is still missing.", attempts=2, unconfirmed=("aa",))


@pytest.mark.parametrize(
    ("failures", "attempts", "wait_s"),
    [
        pytest.param([errors.LinkDead()], 0, 0.001, id="a dead link, the first time"),
        pytest.param([errors.StoreTrouble(), errors.LinkDead()], 0, 0.001, id="among others"),
        pytest.param([errors.LinkDead()], 1, 2.0, id="a dead link again"),
        pytest.param([errors.StoreTrouble()], 0, 1.0, id="trouble"),
        pytest.param([errors.FileGone()], 12, 3600.0, id="gone for long"),
    ],
)
def test_a_dead_link_is_asked_for_again_at_once_the_first_time(
    lease: Leases, failures: Sequence[errors.DownloadError], attempts: int, wait_s: float
) -> None:
    verdict = after_fetching([PENDING, NONE], failures, lease(stage=Stage.DOWNLOAD, attempts=attempts), HALF)
    assert verdict.wait_s == pytest.approx(wait_s)
    assert verdict.attempts == attempts + 1
    assert not verdict.goes_on  # a fresh link has to be paid for


def test_suspicious_files_are_remembered_by_their_digests(lease: Leases) -> None:
    failures = [
        errors.UnconfirmedFile("One.", "aa"),
        errors.StoreTrouble("Two."),
        errors.UnconfirmedFile("One.", "bb"),
    ]
    verdict = after_fetching([PENDING, PENDING], failures, lease(stage=Stage.DOWNLOAD, unconfirmed=("cc",)), HALF)
    assert verdict.unconfirmed == ("cc", "aa", "bb")
    assert verdict.reason == "One. Two."


@pytest.mark.parametrize(
    ("unconfirmed", "wait_s"), [((), 15.0), (("aa",), 45.0), (("aa", "aa"), 45.0), (("bb", "bb"), 15.0)]
)
def test_the_proof_of_a_suspicion_takes_its_time(lease: Leases, unconfirmed: tuple[str, ...], wait_s: float) -> None:
    failure = errors.UnconfirmedFile("One.", "aa")
    assert after_fetching([PENDING], [failure], lease(unconfirmed=unconfirmed), HALF).wait_s == wait_s


def test_a_store_in_trouble_is_asked_ever_more_rarely(lease: Leases) -> None:
    waits = [
        after_fetching([PENDING], [errors.StoreTrouble()], lease(attempts=attempts), HALF).wait_s
        for attempts in range(15)
    ]
    assert waits[0] == 1.0
    assert waits[-1] == 3600.0
    assert all(one <= other for one, other in pairwise(waits))
