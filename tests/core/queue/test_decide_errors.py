"""What an error means for its row, and for others than its row."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd import errors
from syncd.core.queue.decide import Answer, LeasesExpired
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import CallEnd, FileState, Outcome, Pause, RowChange, Step, Throttle
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import ContentState, Stage
from tests.core.queue.decisions import DAY, HOUR, LINKS, Leases, answered, artifact, file_end, outcome_of, waits
from tests.core.samples import NOW, TRANSCRIPT_ID


def end_of(outcome: Outcome) -> ContentState | None:
    found = file_end(outcome)
    return found.state if found else None


KINDS = st.sampled_from(["processing", "paused", "done", "failed", "deleted"])

FAILURES = st.sampled_from(
    [errors.KeyRefused(), errors.Throttled(None), errors.RecallTrouble(), errors.NotFound(), errors.SyncdError()]
)

WHEN = st.integers(-400, 400).map(lambda hours: NOW + hours * HOUR)

LEASES = st.builds(
    Lease,
    transcript_id=st.just(UUID(TRANSCRIPT_ID)),
    workspace=st.just("w"),
    token=st.just(1),
    stage=st.sampled_from([Stage.POLL, Stage.DOWNLOAD]),
    claimed_at=st.just(NOW),
    tracked_at=WHEN,
    pending_until=WHEN,
    attempts=st.integers(0, 2**31),
    not_found_count=st.integers(0, 5),
    is_observed=st.booleans(),
)

SEEN = st.builds(
    Artifact, transcript_id=st.just(UUID(TRANSCRIPT_ID)), status=KINDS, created_at=st.none() | WHEN,
    provider=st.sampled_from([None, "rev_async", "zoom_rtms"]),
)  # fmt: skip


@pytest.mark.parametrize(
    ("error", "pause_s", "wait_s"),
    [(errors.KeyRefused(), 60.0, 60.0), (errors.CreditExhausted(), 300.0, 300.0)],
    ids=["401", "402"],
)
@pytest.mark.parametrize("stage", [Stage.POLL, Stage.DOWNLOAD])
def test_a_refusal_of_the_workspace_costs_no_row_anything(
    lease: Leases, error: errors.WorkspaceFault, pause_s: float, wait_s: float, stage: Stage
) -> None:
    held = lease(stage=stage, attempts=3, not_found_count=1, unconfirmed=("aa",), pending_until=NOW - DAY)
    row = waits(stage, wait_s, reason=str(error), attempts=3, not_found_count=1, unconfirmed=("aa",))
    pause = Pause(NOW + timedelta(seconds=pause_s), str(error))
    assert outcome_of(error, held) == Outcome(row, call=CallEnd.CLOSED, pause=pause)


@pytest.mark.parametrize(("seen", "wait_s"), [(0, 60.0), (1, 600.0), (2, 3600.0), (9, 3600.0)])
def test_a_403_that_comes_again_for_a_row_makes_that_row_wait_longer(lease: Leases, seen: int, wait_s: float) -> None:
    error = errors.Forbidden()
    row = waits(Stage.POLL, wait_s, reason=str(error), attempts=3, forbidden_count=seen + 1)
    pause = Pause(NOW + timedelta(seconds=60), str(error))
    outcome = outcome_of(error, lease(attempts=3, forbidden_count=seen))
    assert outcome == Outcome(row, call=CallEnd.CLOSED, pause=pause)


@pytest.mark.parametrize(
    ("seen", "left", "state"),
    [(2, timedelta(0), None), (3, timedelta(seconds=1), None), (3, timedelta(0), ContentState.ABANDONED)],
)
def test_a_403_without_end_ends_after_the_deadline(
    lease: Leases, seen: int, left: timedelta, state: ContentState | None
) -> None:
    assert end_of(outcome_of(errors.Forbidden(), lease(forbidden_count=seen, pending_until=NOW + left))) == state


@pytest.mark.parametrize("retry_after_s", [None, 30.0, -1.0])
def test_a_429_costs_no_row_anything_and_pauses_the_budget(lease: Leases, retry_after_s: float | None) -> None:
    held = lease(attempts=3, not_found_count=2, pending_until=NOW - DAY)
    row = waits(Stage.POLL, 1.0, reason=str(errors.Throttled(1.0)), attempts=3, not_found_count=2)
    outcome = outcome_of(errors.Throttled(retry_after_s), held)
    assert outcome == Outcome(row, call=CallEnd.THROTTLED, throttle=Throttle(retry_after_s))


def test_a_404_is_unconfirmed_until_it_has_been_seen_three_times(lease: Leases) -> None:
    held, gaps = lease(attempts=2), []
    for seen in (1, 2):
        outcome = outcome_of(errors.NotFound(), held)
        assert (outcome.row.stage, outcome.row.not_found_count, outcome.row.attempts) == (Stage.POLL, seen, 2)
        assert (outcome.call, outcome.resumes) == (CallEnd.CLOSED, True)
        gaps.append(outcome.row.wait_s)
        held = lease(attempts=2, not_found_count=outcome.row.not_found_count)
    assert gaps == [15.0, 45.0]
    reason = "Recall does not know this id in this workspace and region (404). Asked 3 times. [SYNCD-API-NOT-FOUND]"
    assert file_end(outcome_of(errors.NotFound(), held)) == FileState(ContentState.MISSING, reason)


@pytest.mark.parametrize(
    "between", [errors.RecallTrouble(), errors.Throttled(1.0), errors.KeyRefused()], ids=["503", "429", "401"]
)
def test_other_errors_between_two_404s_do_not_clear_them(lease: Leases, between: errors.RecallError) -> None:
    assert outcome_of(between, lease(not_found_count=2)).row.not_found_count == 2


def test_seeing_the_transcript_clears_its_404s(lease: Leases) -> None:
    assert answered(artifact("processing"), Links(), lease(not_found_count=2)).row.not_found_count == 0


@pytest.mark.parametrize(("is_observed", "state"), [(True, ContentState.DELETED), (False, ContentState.MISSING)])
def test_a_confirmed_404_means_deleted_where_it_had_been_seen(
    lease: Leases, is_observed: bool, state: ContentState
) -> None:
    held = lease(not_found_count=2, is_observed=is_observed, stage=Stage.DOWNLOAD)
    assert end_of(outcome_of(errors.NotFound(), held)) == state


@pytest.mark.parametrize(("attempts", "wait_s"), [(0, 1.0), (1, 2.0), (4, 16.0), (20, 600.0)])
def test_trouble_is_tried_again_later_and_later(lease: Leases, attempts: int, wait_s: float) -> None:
    error = errors.RecallTrouble("The Recall API answered 503.")
    outcome = outcome_of(error, lease(attempts=attempts))
    assert outcome.row == waits(Stage.POLL, wait_s, reason=str(error), attempts=attempts + 1)


@pytest.mark.parametrize(("was_sent", "call"), [(True, CallEnd.CLOSED), (False, CallEnd.REFUNDED)])
def test_a_call_that_was_never_sent_is_refunded(lease: Leases, was_sent: bool, call: CallEnd) -> None:
    assert outcome_of(errors.RecallTrouble("late", was_sent=was_sent), lease()).call == call


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage.POLL, ContentState.ABANDONED),
        (Stage.DOWNLOAD, ContentState.UNAVAILABLE),
        (Stage.LOAD, ContentState.UNAVAILABLE),
    ],
)
def test_trouble_ends_at_the_deadline_of_the_stage(lease: Leases, stage: Stage, state: ContentState) -> None:
    outcome = outcome_of(errors.Unstorable(), lease(stage=stage, pending_until=NOW))
    assert (outcome.row, file_end(outcome)) == (
        RowChange(Step.LEAVE),
        FileState(state, str(errors.Unstorable())),
    )


@pytest.mark.parametrize(
    ("error", "over", "state"),
    [
        pytest.param(errors.BadAnswer(), timedelta(0), ContentState.ABANDONED, id="an answer past the deadline"),
        pytest.param(errors.RecallTrouble(), timedelta(0), None, id="an outage at the deadline"),
        pytest.param(errors.RecallTrouble(), timedelta(days=29), None, id="a long outage"),
        pytest.param(errors.RecallTrouble(), timedelta(days=30), ContentState.ABANDONED, id="an outage without end"),
    ],
)
def test_an_outage_is_no_answer_and_ends_nothing(
    lease: Leases, error: errors.SyncdError, over: timedelta, state: ContentState | None
) -> None:
    outcome = outcome_of(error, lease(pending_until=NOW - over))
    assert (end_of(outcome), outcome.row.step) == (state, Step.LEAVE if state else Step.WAIT)


@pytest.mark.parametrize(("count", "wait_s"), [(3, 60.0), (4, 120.0), (8, 1920.0), (50, 3600.0)])
def test_a_row_whose_leases_run_out_waits_longer_each_time_and_is_never_given_up(
    lease: Leases, count: int, wait_s: float
) -> None:
    outcome = outcome_of(LeasesExpired(), lease(expired_lease_count=count, attempts=2))
    reason = f"{count} leases in a row ran out while it was worked on."
    row = waits(Stage.POLL, wait_s, reason=reason, attempts=2, expired_lease_count=count)
    assert outcome == Outcome(row, call=CallEnd.REFUNDED)


@pytest.mark.parametrize("count", [1, 2])
def test_a_lease_that_ran_out_once_or_twice_changes_nothing(lease: Leases, count: int) -> None:
    assert outcome_of(LeasesExpired(), lease(expired_lease_count=count)) == Outcome()


def test_nothing_follows_from_what_cannot_happen(lease: Leases) -> None:
    with pytest.raises(TypeError, match="nothing follows from a str"):
        outcome_of("done", lease())


@given(what=SEEN | FAILURES, links=st.sampled_from([Links(), LINKS]), held=LEASES, jitter=st.floats(0, 1))
def test_every_outcome_is_an_end_with_a_name_or_a_wait_of_a_sane_length(
    what: Artifact | errors.SyncdError, links: Links, held: Lease, jitter: float
) -> None:
    outcome = outcome_of(Answer(what, links) if isinstance(what, Artifact) else what, held, jitter)
    is_finished = isinstance(what, Artifact) and what.status == "done" and links is LINKS
    assert (outcome.row.step == Step.LEAVE) == (file_end(outcome) is not None)
    assert (outcome.row.step == Step.ADVANCE) == is_finished
    assert 0.0 <= outcome.row.wait_s <= 3960.0
    assert outcome.row.pending_until is None or outcome.row.pending_until > NOW
    assert outcome.applied_to(held).is_settled is not is_finished
    assert "canary" not in str(outcome)
