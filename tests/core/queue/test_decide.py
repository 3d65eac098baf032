"""What an answer or an error means for its row. Files are in test_files.py, pages of the list in test_page.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd import errors
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import estimated
from syncd.core.queue.decide import Answer, Happening, LeasesExpired, decide
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import CallEnd, FileState, Outcome, Pause, RowChange, Step, Throttle
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import ContentState, FileKind, Stage
from tests.core.samples import NOW, TRANSCRIPT_ID

Leases = Callable[..., Lease]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINKS = Links("https://s/f?Signature=canary", "https://s/p?Signature=canary")
HALF = 0.5
POLICY = Policy(estimated({}))
TRANSCRIPT, PROVIDER_DATA = FileKind.TRANSCRIPT, FileKind.PROVIDER_DATA


def outcome_of(what: Happening, lease: Lease, jitter: float = HALF) -> Outcome:
    return decide(what, lease, NOW, POLICY, jitter)


def answered(artifact: Artifact, links: Links, lease: Lease) -> Outcome:
    return outcome_of(Answer(artifact, links), lease)


def waits(stage: Stage, wait_s: float, **fields: Any) -> RowChange:
    return RowChange(Step.WAIT, stage, wait_s, **fields)


def end_of(outcome: Outcome) -> ContentState | None:
    return outcome.end.state if outcome.end else None


def artifact(status: str, **fields: Any) -> Artifact:
    usual: dict[str, Any] = {"provider": "deepgram_async", "created_at": NOW - timedelta(minutes=2)}
    return Artifact(UUID(TRANSCRIPT_ID), status, **(usual | fields))


def test_a_finished_transcript_goes_on_to_its_files_at_once(lease: Leases) -> None:
    outcome = answered(artifact("done"), LINKS, lease(attempts=5, not_found_count=2))
    assert outcome.row == RowChange(Step.ADVANCE, Stage.DOWNLOAD, pending_until=NOW + 7 * DAY)
    assert (outcome.files, outcome.call, outcome.resumes) == ({}, CallEnd.CLOSED, True)
    after = outcome.applied_to(lease(attempts=5, not_found_count=2))
    assert (after.stage, after.attempts, after.pending_until) == (Stage.DOWNLOAD, 0, NOW + 7 * DAY)
    assert (after.known.status, after.known.provider, after.is_settled) == ("done", "deepgram_async", False)


def test_a_fresh_link_moves_no_deadline_and_forgets_no_failure(lease: Leases) -> None:
    outcome = answered(artifact("done"), LINKS, lease(stage=Stage.DOWNLOAD, attempts=3, unconfirmed=("aa",)))
    assert outcome.row == RowChange(Step.ADVANCE, Stage.DOWNLOAD, attempts=3, unconfirmed=("aa",))


def test_a_finished_transcript_without_a_link_is_given_a_day(lease: Leases) -> None:
    outcome = answered(artifact("done"), Links(None, "https://s/p"), lease(attempts=9))
    reason = "finished, but Recall gives no link to the file yet"
    assert outcome.row == waits(Stage.DOWNLOAD, 1.0, reason=reason, attempts=1, pending_until=NOW + DAY)
    held = lease(stage=Stage.DOWNLOAD, attempts=1, pending_until=NOW + HOUR, unconfirmed=("aa",))
    again = answered(artifact("done"), Links(), held).row
    assert (again.stage, again.wait_s, again.attempts) == (Stage.DOWNLOAD, 2.0, 2)
    assert (again.pending_until, again.unconfirmed) == (NOW + HOUR, ("aa",))
    late = answered(artifact("done"), Links(), lease(stage=Stage.DOWNLOAD, pending_until=NOW))
    assert late.end == FileState(ContentState.UNAVAILABLE, "finished, but Recall never gave a link to the file")


@pytest.mark.parametrize(
    ("links", "known", "files"),
    [
        (Links("https://s/f"), None, {PROVIDER_DATA: FileState(ContentState.NONE)}),
        (Links("https://s/f"), ContentState.LOADED, {}),
        (LINKS, None, {}),
    ],
    ids=["no link to one", "it was there before", "both"],
)
def test_a_missing_link_says_that_there_is_no_file_of_the_provider(
    lease: Leases, links: Links, known: ContentState | None, files: dict[FileKind, FileState]
) -> None:
    held = lease() if known is None else lease().with_files({PROVIDER_DATA: known})
    assert answered(artifact("done"), links, held).files == files


@pytest.mark.parametrize("stage", [Stage.POLL, Stage.DOWNLOAD])
@pytest.mark.parametrize(
    ("status", "sub_code", "state", "reason"),
    [
        ("failed", "no_audio", ContentState.FAILED, "Recall reports that the transcription failed: no_audio"),
        ("failed", None, ContentState.FAILED, "Recall reports that the transcription failed, and gives no sub code"),
        ("deleted", None, ContentState.DELETED, None),
    ],
)
def test_failed_and_deleted_are_ends(
    lease: Leases, stage: Stage, status: str, sub_code: str | None, state: ContentState, reason: str | None
) -> None:
    outcome = answered(artifact(status, sub_code=sub_code), LINKS, lease(stage=stage))
    assert outcome.row == RowChange(Step.LEAVE)
    assert outcome.files == dict.fromkeys((TRANSCRIPT, PROVIDER_DATA), FileState(state, reason))
    assert outcome.applied_to(lease(stage=stage)).is_settled


def test_an_end_leaves_files_alone_that_have_been_decided(lease: Leases) -> None:
    held = lease(stage=Stage.DOWNLOAD).with_files({TRANSCRIPT: ContentState.LOADED})
    outcome = answered(artifact("deleted"), Links(), held)
    assert outcome.files == {PROVIDER_DATA: FileState(ContentState.DELETED)}
    both = held.with_files({PROVIDER_DATA: ContentState.NONE})
    assert answered(artifact("deleted"), Links(), both).files == {}


@pytest.mark.parametrize(
    ("status", "provider", "age", "tracked", "wait_s"),
    [
        pytest.param("processing", "deepgram_async", 60, 60, 3.8, id="async"),
        pytest.param("processing", "meeting_captions", 3600, 3600, 19.5, id="live"),
        pytest.param("processing", None, 3600, 3600, 23.3, id="nobody knows"),
        pytest.param("processing", "deepgram_async", 36000, 60, 69.0, id="old, but newly tracked"),
        pytest.param("processing", "deepgram_async", -3600, 60, 6.4, id="created in the future"),
        pytest.param("queued", "deepgram_async", 60, 60, 60.0, id="a status nobody knows"),
        pytest.param("error", "deepgram_async", 7200, 7200, 60.0, id="such a status for long"),
    ],
)
def test_an_unfinished_transcript_is_polled_again(
    lease: Leases, status: str, provider: str | None, age: int, tracked: int, wait_s: float
) -> None:
    created_at, tracked_at = NOW - timedelta(seconds=age), NOW - timedelta(seconds=tracked)
    seen = artifact(status, provider=provider, created_at=created_at)
    outcome = answered(seen, Links(), lease(tracked_at=tracked_at, attempts=4, not_found_count=1))
    assert outcome.row.wait_s == pytest.approx(wait_s, abs=0.05)
    assert outcome.row == waits(Stage.POLL, outcome.row.wait_s, pending_until=outcome.row.pending_until)
    assert outcome.threshold_s == (POLICY.threshold_s if status == "processing" else None)


@pytest.mark.parametrize(
    ("provider", "age", "tracked", "left"),
    [
        pytest.param("deepgram_async", 47 * HOUR, 47 * HOUR, HOUR, id="almost two days"),
        pytest.param("deepgram_async", 48 * HOUR, 48 * HOUR, None, id="two days"),
        pytest.param("rev_async", 6 * DAY, 6 * DAY, DAY, id="humans are given a week"),
        pytest.param("rev_async", 7 * DAY, 7 * DAY, None, id="and no more"),
        pytest.param("deepgram_async", 365 * DAY, timedelta(0), HOUR, id="very old, just tracked"),
        pytest.param("deepgram_async", 365 * DAY, HOUR, None, id="very old, watched for an hour"),
        pytest.param("deepgram_async", -365 * DAY, HOUR, 47 * HOUR, id="from the future"),
        pytest.param("deepgram_async", -365 * DAY, 48 * HOUR, None, id="from the future, for two days"),
    ],
)
def test_an_unfinished_transcript_is_given_its_time_and_no_more(
    lease: Leases, provider: str, age: timedelta, tracked: timedelta, left: timedelta | None
) -> None:
    seen = artifact("processing", provider=provider, created_at=NOW - age)
    outcome = answered(seen, Links(), lease(tracked_at=NOW - tracked))
    if left is not None:
        assert outcome.row.pending_until == NOW + left
        return
    assert outcome.end is not None
    assert outcome.end.state == ContentState.ABANDONED
    assert (outcome.end.reason or "").startswith("still 'processing' after the ")


def test_without_a_creation_time_the_time_of_tracking_counts(lease: Leases) -> None:
    row = answered(artifact("processing", created_at=None), Links(), lease()).row
    assert row.wait_s == pytest.approx(3.8, abs=0.05)
    assert row.pending_until == NOW - timedelta(minutes=1) + 2 * DAY


def test_a_status_that_goes_backwards_is_polled_again(lease: Leases) -> None:
    assert answered(artifact("processing"), Links(), lease(stage=Stage.DOWNLOAD)).row.stage == Stage.POLL


@pytest.mark.parametrize(
    ("stage", "status", "count"),
    [(Stage.POLL, "done", 1), (Stage.POLL, "processing", 1), (Stage.POLL, "deleted", 0), (Stage.DOWNLOAD, "done", 0)],
)
def test_a_poll_is_observed_and_a_request_for_links_is_not(
    lease: Leases, stage: Stage, status: str, count: int
) -> None:
    assert len(answered(artifact(status), LINKS, lease(stage=stage)).observations) == count


def test_what_stood_on_a_page_closes_no_call_and_no_circuit_breaker(lease: Leases) -> None:
    outcome = outcome_of(Answer(artifact("done"), LINKS, is_listed=True), lease())
    assert (outcome.call, outcome.resumes) == (None, False)


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
    row = waits(Stage.POLL, 1.0, reason="Recall throttled the call (429).", attempts=3, not_found_count=2)
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
    reason = "Recall does not know this id in this workspace and region (404). Asked 3 times."
    assert outcome_of(errors.NotFound(), held).end == FileState(ContentState.MISSING, reason)


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
    outcome = outcome_of(errors.RecallTrouble("The Recall API answered 503."), lease(attempts=attempts))
    assert outcome.row == waits(Stage.POLL, wait_s, reason="The Recall API answered 503.", attempts=attempts + 1)


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
    assert (outcome.row, outcome.end) == (
        RowChange(Step.LEAVE),
        FileState(state, "Postgres cannot hold what was answered."),
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
    taken_at=st.just(NOW),
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


@given(what=SEEN | FAILURES, links=st.sampled_from([Links(), LINKS]), held=LEASES, jitter=st.floats(0, 1))
def test_every_outcome_is_an_end_with_a_name_or_a_wait_of_a_sane_length(
    what: Artifact | errors.SyncdError, links: Links, held: Lease, jitter: float
) -> None:
    outcome = outcome_of(Answer(what, links) if isinstance(what, Artifact) else what, held, jitter)
    is_finished = isinstance(what, Artifact) and what.status == "done" and links is LINKS
    assert (outcome.row.step == Step.LEAVE) == (outcome.end is not None)
    assert (outcome.row.step == Step.ADVANCE) == is_finished
    assert 0.0 <= outcome.row.wait_s <= 3960.0
    assert outcome.row.pending_until is None or outcome.row.pending_until > NOW
    assert outcome.applied_to(held).is_settled is not is_finished
    assert "canary" not in str(outcome)
