"""What an outage means for a row: it is counted, it costs a probe no attempt, and Retry-After is kept."""

from dataclasses import replace

import pytest

from syncd import errors
from syncd.core.polling.list_cursor import ListCursor, ListPurpose
from syncd.core.polling.list_plan import ListRequest
from syncd.core.polling.list_state import ListState
from syncd.core.queue.files import Downloaded, DownloadFailed, FilesTried, Loaded
from syncd.core.queue.lease import StoreHealth
from syncd.core.queue.outcome import Trouble
from syncd.core.queue.page import decide_list_failure
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.reading.artifact import Links
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import FileKind, Stage
from syncd.network_faults import NetworkFault
from tests.core.queue.decisions import Leases, answered, artifact, outcome_of
from tests.core.samples import NOW

TRANSCRIPT = FileKind.TRANSCRIPT
LATE = errors.RecallTrouble(was_sent=False, fault=NetworkFault.SENT_TOO_LATE)


def asking(error: errors.SyncdError, seconds: float) -> errors.SyncdError:
    """The same error with a Retry-After."""
    error.retry_after_s = seconds
    return error


@pytest.mark.parametrize(
    ("error", "is_counted"),
    [
        (errors.RecallTrouble(), True),
        (errors.RecallTrouble(was_sent=False, fault=NetworkFault.CONNECTION_REFUSED), True),
        (LATE, False),
        (errors.BadAnswer(), False),
        (errors.NotFound(), False),
        (errors.Throttled(1.0), False),
        (errors.KeyRefused(), False),
        (errors.Unstorable(), False),
    ],
)
@pytest.mark.parametrize("is_probe", [True, False])
def test_what_is_the_moments_is_counted(
    lease: Leases, error: errors.SyncdError, is_counted: bool, is_probe: bool
) -> None:
    outcome = outcome_of(error, lease(attempts=3, is_probe=is_probe))
    assert outcome.trouble == (Trouble(str(error), is_probe) if is_counted else None)
    if is_counted:
        assert (outcome.row.attempts, outcome.row.wait_s) == ((3, 1.0) if is_probe else (4, 8.0))


@pytest.mark.parametrize(
    ("error", "asked_s", "wait_s"),
    [
        (errors.RecallTrouble(), 20.0, 20.0),
        (errors.RecallTrouble(), 0.1, 1.0),
        (errors.RecallTrouble(), 1e6, 900.0),
        (errors.BadAnswer(), 20.0, 20.0),
        (errors.NotFound(), 120.0, 120.0),
        (errors.Forbidden(), 120.0, 120.0),
        (errors.KeyRefused(), 120.0, 120.0),
        (errors.Throttled(), 20.0, 1.0),  # the budget waits
    ],
)
def test_retry_after_of_any_status_is_kept(
    lease: Leases, error: errors.SyncdError, asked_s: float, wait_s: float
) -> None:
    outcome = outcome_of(asking(error, asked_s), lease())
    assert outcome.row.wait_s == wait_s
    if outcome.pause is not None:
        assert (outcome.pause.until - NOW).total_seconds() == wait_s
    if outcome.trouble is not None:
        assert outcome.trouble.retry_after_s == asked_s
    if outcome.throttle is not None:
        assert outcome.throttle.retry_after_s == asked_s


@pytest.mark.parametrize("store", StoreHealth)
def test_a_download_is_counted_and_costs_no_attempt_while_most_fail(lease: Leases, store: StoreHealth) -> None:
    held = lease(stage=Stage.DOWNLOAD, attempts=3, store=store)
    is_probe = store is StoreHealth.PROBED
    busy = errors.StoreTrouble("The file store answered 503 (SlowDown).")
    assert outcome_of(DownloadFailed(TRANSCRIPT, busy), held).store_trouble == Trouble(str(busy), is_probe)
    row = outcome_of(FilesTried([busy]), held).row
    is_waiting = store in (StoreHealth.PROBED, StoreHealth.PAUSED)
    assert (row.attempts, row.wait_s) == ((3, 1.0) if is_waiting else (4, 8.0))
    assert outcome_of(FilesTried([asking(busy, 30.0)]), held).row.wait_s == 30.0  # type: ignore[list-item]  # the same


def test_two_files_that_fail_in_one_run_count_once(lease: Leases) -> None:
    held = lease(stage=Stage.DOWNLOAD)
    busy = errors.StoreTrouble("The file store answered 503 (SlowDown).")
    for before, is_counted in (([busy], False), ([errors.LinkExpired()], True)):
        outcome = outcome_of(DownloadFailed(FileKind.PROVIDER_DATA, busy, before), held)
        assert (outcome.store_trouble is not None, outcome.store_resumes) == (is_counted, False)


@pytest.mark.parametrize("store", StoreHealth)
def test_what_the_store_answers_closes_its_breaker_where_that_counts(lease: Leases, store: StoreHealth) -> None:
    is_closed = store in (StoreHealth.DOUBTED, StoreHealth.PROBED)
    held = lease(stage=Stage.DOWNLOAD, store=store)
    for what in (
        Downloaded(TRANSCRIPT),
        Loaded(TRANSCRIPT, is_empty=False),
        DownloadFailed(TRANSCRIPT, errors.FileGone()),
        DownloadFailed(TRANSCRIPT, errors.LinkExpired()),
        DownloadFailed(TRANSCRIPT, errors.FileTooLarge()),
        DownloadFailed(TRANSCRIPT, errors.UnconfirmedFile("It is a page.", "aa")),
    ):
        outcome = outcome_of(what, held)
        assert (outcome.store_resumes, outcome.store_trouble) == (is_closed, None)
    assert not outcome_of(DownloadFailed(TRANSCRIPT, errors.OriginRefused()), held).store_resumes
    loading = replace(held, stage=Stage.LOAD)  # from a file that was stored
    assert not outcome_of(Loaded(TRANSCRIPT, is_empty=False), loading).store_resumes


def test_a_row_is_told_how_the_store_stands() -> None:
    for breaker, expected in (
        (CircuitBreaker(), StoreHealth.SOUND),
        (CircuitBreaker(failure_count=1), StoreHealth.DOUBTED),
        (CircuitBreaker(NOW, "why", 5), StoreHealth.PAUSED),
    ):
        assert StoreHealth.of(breaker) is expected


def test_an_answer_closes_the_breaker_of_recall_and_says_nothing_about_the_store(lease: Leases) -> None:
    found = answered(artifact("done"), Links("https://s/f"), lease(store=StoreHealth.DOUBTED))
    assert (found.resumes, found.store_resumes, found.trouble) == (True, False, None)


def request(**fields: object) -> ListRequest:
    state = ListState(failure_count=8)
    asked = ListRequest(ListPurpose.WINDOW, Selection(None), None, 7, NOW, 0.0, state, ListCursor())
    return replace(asked, **fields)  # type: ignore[arg-type]  # fields of a ListRequest


@pytest.mark.parametrize(
    ("error", "is_probe", "count", "wait_s"),
    [
        (errors.RecallTrouble(), False, 9, 256.0),
        (errors.RecallTrouble(), True, 8, 128.0),
        (errors.BadAnswer(), True, 9, 256.0),
        (asking(errors.RecallTrouble(), 500.0), False, 9, 500.0),
        (asking(errors.Throttled(), 500.0), False, 9, 256.0),
    ],
)
def test_a_page_that_fails_is_counted_and_a_probe_makes_the_list_wait_no_longer(
    error: errors.RecallError, is_probe: bool, count: int, wait_s: float
) -> None:
    outcome = decide_list_failure(error, request(is_probe=is_probe), NOW)
    assert outcome.list is not None
    assert outcome.list.state.failure_count == count
    assert outcome.list.state.paused_until is not None
    assert (outcome.list.state.paused_until - NOW).total_seconds() == wait_s
    assert (outcome.trouble is not None) == (type(error) is errors.RecallTrouble)
