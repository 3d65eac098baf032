"""What the fetching of the two files means."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from syncd import errors
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import estimated
from syncd.core.queue.decide import Happening, decide
from syncd.core.queue.events import EventKind
from syncd.core.queue.files import (
    UNPROVEN_FILE_TRIES,
    Downloaded,
    DownloadFailed,
    FilesTried,
    Loaded,
    Unreadable,
    is_confirmed_unreadable,
)
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import FileState, Outcome, RowChange, Step
from syncd.core.transcript import ContentState, FileKind, Stage
from tests.core.samples import NOW

Leases = Callable[..., Lease]
TRANSCRIPT, PROVIDER_DATA = FileKind.TRANSCRIPT, FileKind.PROVIDER_DATA
LOADED, NONE, PENDING, STORED = ContentState.LOADED, ContentState.NONE, ContentState.PENDING, ContentState.STORED
States = tuple[ContentState, ContentState | None]


def outcome_of(what: Happening, lease: Lease) -> Outcome:
    return decide(what, lease, NOW, Policy(estimated({})), 0.5)


def with_files(lease: Lease, states: States) -> Lease:
    """A lease with the states of the transcript file and the provider's file."""
    transcript, provider_data = states
    return lease.with_files(
        {TRANSCRIPT: transcript} | ({} if provider_data is None else {PROVIDER_DATA: provider_data})
    )


@pytest.mark.parametrize(
    ("before", "row"),
    [
        pytest.param((PENDING, None), RowChange(), id="the other is still to come"),
        pytest.param((PENDING, NONE), RowChange(Step.ADVANCE, Stage.LOAD), id="there is no other"),
        pytest.param((PENDING, STORED), RowChange(Step.ADVANCE, Stage.LOAD), id="the other is stored"),
        pytest.param((PENDING, LOADED), RowChange(Step.ADVANCE, Stage.LOAD), id="the other is loaded"),
    ],
)
def test_once_all_bytes_are_stored_the_rest_costs_no_call(lease: Leases, before: States, row: RowChange) -> None:
    outcome = outcome_of(Downloaded(TRANSCRIPT), with_files(lease(stage=Stage.DOWNLOAD), before))
    assert outcome == Outcome(row, {TRANSCRIPT: FileState(STORED)})


@pytest.mark.parametrize(
    ("what", "state", "event"),
    [
        (Loaded(TRANSCRIPT, is_empty=False), FileState(LOADED), EventKind.READY),
        (Loaded(TRANSCRIPT, is_empty=True), FileState(ContentState.EMPTY), EventKind.READY),
        (Loaded(TRANSCRIPT, is_empty=False, note="but one"), FileState(LOADED, "but one"), EventKind.READY),
        (Unreadable(TRANSCRIPT, "no JSON"), FileState(ContentState.UNREADABLE, "no JSON"), EventKind.FAILED),
    ],
)
def test_the_row_leaves_the_queue_with_its_last_file(
    lease: Leases, what: Happening, state: FileState, event: EventKind
) -> None:
    last = outcome_of(what, with_files(lease(), (STORED, NONE)))
    assert last == Outcome(RowChange(Step.LEAVE), {TRANSCRIPT: state}, events=(event,))
    first = outcome_of(what, with_files(lease(), (STORED, None)))
    assert first == Outcome(RowChange(), {TRANSCRIPT: state}, events=(event,))


def test_how_many_words_were_loaded_is_known_until_the_last_file(lease: Leases) -> None:
    before = with_files(lease(), (STORED, STORED))
    after = outcome_of(Loaded(TRANSCRIPT, is_empty=False, word_count=7), before).applied_to(before)
    assert outcome_of(Loaded(PROVIDER_DATA, is_empty=False), after).applied_to(after).word_count == 7


def test_the_providers_file_tells_nobody(lease: Leases) -> None:
    outcome = outcome_of(Loaded(PROVIDER_DATA, is_empty=True), with_files(lease(), (LOADED, STORED)))
    assert outcome == Outcome(RowChange(Step.LEAVE), {PROVIDER_DATA: FileState(ContentState.EMPTY)})


@pytest.mark.parametrize(
    ("error", "before", "at_the_deadline"),
    [
        (errors.FileTooLarge(), ContentState.TOO_LARGE, ContentState.TOO_LARGE),
        (errors.LinkExpired(), None, ContentState.UNAVAILABLE),
        (errors.StoreTrouble(), None, ContentState.UNAVAILABLE),
        (errors.UnconfirmedFile("a page", "aa"), None, ContentState.UNAVAILABLE),
        (errors.FileGone(), None, ContentState.UNAVAILABLE),
        (errors.OriginRefused(), None, ContentState.UNAVAILABLE),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_file_is_tried_until_its_deadline_unless_it_is_too_large(
    lease: Leases, error: errors.DownloadError, before: ContentState | None, at_the_deadline: ContentState
) -> None:
    def state(held: Lease) -> ContentState | None:
        file = outcome_of(DownloadFailed(TRANSCRIPT, error), held).files.get(TRANSCRIPT)
        return file.state if file else None

    assert state(lease()) == before
    assert state(lease(pending_until=NOW)) == before  # one failure may be an outage
    assert state(lease(pending_until=NOW, attempts=7)) == at_the_deadline


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
def test_a_file_that_cannot_be_read_is_believed_when_it_is_confirmed(
    lease: Leases, is_proven_whole: bool, unconfirmed: tuple[str, ...], attempts: int, believed: bool
) -> None:
    held = lease(stage=Stage.DOWNLOAD, unconfirmed=unconfirmed, attempts=attempts)
    assert is_confirmed_unreadable("aa", is_proven_whole, held) == believed


@pytest.mark.parametrize(
    "states",
    [
        pytest.param((LOADED, LOADED), id="both loaded"),
        pytest.param((ContentState.EMPTY, NONE), id="empty, and no provider's file"),
        pytest.param((ContentState.UNREADABLE, ContentState.TOO_LARGE), id="neither readable"),
    ],
)
def test_a_row_whose_files_have_all_ended_leaves_the_queue(lease: Leases, states: States) -> None:
    assert outcome_of(FilesTried(), with_files(lease(stage=Stage.LOAD), states)) == Outcome(RowChange(Step.LEAVE))


@pytest.mark.parametrize("states", [(PENDING, LOADED), (PENDING, NONE), (LOADED, None), (STORED, NONE)])
def test_a_row_with_a_file_to_come_is_tried_again(lease: Leases, states: States) -> None:
    held = with_files(lease(stage=Stage.DOWNLOAD, attempts=1, unconfirmed=("aa",)), states)
    row = RowChange(
        Step.WAIT, Stage.DOWNLOAD, 2.0, reason="A file is still missing.", attempts=2, unconfirmed=("aa",)
    )
    assert outcome_of(FilesTried(), held) == Outcome(row)


@pytest.mark.parametrize(
    ("failures", "attempts", "wait_s"),
    [
        pytest.param([errors.LinkExpired()], 0, 0.001, id="an expired link, the first time"),
        pytest.param([errors.StoreTrouble(), errors.LinkExpired()], 0, 0.001, id="among others"),
        pytest.param([errors.LinkExpired()], 1, 2.0, id="an expired link again"),
        pytest.param([errors.StoreTrouble()], 0, 1.0, id="trouble"),
        pytest.param([errors.FileGone()], 12, 3600.0, id="gone for long"),
    ],
)
def test_a_fresh_link_is_asked_for_at_once_the_first_time(
    lease: Leases, failures: Sequence[errors.DownloadError], attempts: int, wait_s: float
) -> None:
    row = outcome_of(FilesTried(failures), lease(stage=Stage.DOWNLOAD, attempts=attempts)).row
    assert row.wait_s == pytest.approx(wait_s)
    assert (row.step, row.attempts) == (Step.WAIT, attempts + 1)  # a fresh link has to be paid for


def test_unconfirmed_files_are_remembered_by_their_digests(lease: Leases) -> None:
    failures = [
        errors.UnconfirmedFile("One.", "aa"),
        errors.StoreTrouble("Two."),
        errors.UnconfirmedFile("One.", "bb"),
    ]
    row = outcome_of(FilesTried(failures), lease(stage=Stage.DOWNLOAD, unconfirmed=("cc",))).row
    assert (row.unconfirmed, row.reason) == (("cc", "aa", "bb"), "One. [SYNCD-FILE-SHAPE] Two. [SYNCD-FILE-AWAY]")


@pytest.mark.parametrize(
    ("unconfirmed", "wait_s"), [((), 15.0), (("aa",), 45.0), (("aa", "aa"), 45.0), (("bb", "bb"), 15.0)]
)
def test_a_confirmation_takes_its_time(lease: Leases, unconfirmed: tuple[str, ...], wait_s: float) -> None:
    failure = errors.UnconfirmedFile("One.", "aa")
    assert outcome_of(FilesTried([failure]), lease(unconfirmed=unconfirmed)).row.wait_s == wait_s


def test_a_store_in_trouble_is_asked_ever_more_rarely(lease: Leases) -> None:
    tried = FilesTried([errors.StoreTrouble()])
    waits = [outcome_of(tried, lease(attempts=attempts)).row.wait_s for attempts in range(15)]
    assert (waits[0], waits[-1]) == (1.0, 3600.0)
    assert all(one <= other for one, other in pairwise(waits))
