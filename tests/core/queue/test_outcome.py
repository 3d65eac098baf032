"""What an observation or an error means. The end of files is in test_verdict_files.py."""

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
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Verdict, after_expired_leases, after_failing, after_observing, pause_of
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import ContentState, Stage
from tests.core.samples import NOW, TRANSCRIPT_ID

Leases = Callable[..., Lease]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINKS = Links("https://s/f?Signature=canary", "https://s/p?Signature=canary")
HALF = 0.5
PACE = Policy(estimated({}))


def artifact(status: str, **fields: Any) -> Artifact:
    usual: dict[str, Any] = {"provider": "deepgram_async", "created_at": NOW - timedelta(minutes=2)}
    return Artifact(UUID(TRANSCRIPT_ID), status, **(usual | fields))


def test_a_finished_transcript_goes_on_to_its_files_at_once(lease: Leases) -> None:
    verdict = after_observing(artifact("done"), LINKS, lease(attempts=5, not_found_count=2), PACE, HALF)
    assert verdict == Verdict(Stage.DOWNLOAD, pending_until=NOW + 7 * DAY)
    assert verdict.goes_on
    assert not verdict.is_end


def test_looking_again_for_a_fresh_link_moves_no_deadline_and_forgets_no_failure(lease: Leases) -> None:
    held = lease(stage=Stage.DOWNLOAD, attempts=3, unconfirmed=("aa",))
    verdict = after_observing(artifact("done"), LINKS, held, PACE, HALF)
    assert verdict == Verdict(Stage.DOWNLOAD, attempts=3, unconfirmed=("aa",))
    assert verdict.goes_on


def test_a_finished_transcript_without_a_link_is_given_a_day(lease: Leases) -> None:
    verdict = after_observing(artifact("done"), Links(None, "https://s/p"), lease(attempts=9), PACE, HALF)
    reason = "finished, but Recall gives no link to the file yet"
    assert verdict == Verdict(Stage.DOWNLOAD, 1.0, reason=reason, attempts=1, pending_until=NOW + DAY)
    held = lease(stage=Stage.DOWNLOAD, attempts=1, pending_until=NOW + HOUR, unconfirmed=("aa",))
    again = after_observing(artifact("done"), Links(), held, PACE, HALF)
    assert (again.stage, again.wait_s, again.attempts) == (Stage.DOWNLOAD, 2.0, 2)
    assert (again.pending_until, again.unconfirmed) == (NOW + HOUR, ("aa",))
    late = after_observing(artifact("done"), Links(), lease(stage=Stage.DOWNLOAD, pending_until=NOW), PACE, HALF)
    assert late.payload_state == ContentState.UNAVAILABLE
    assert late.reason == "finished, but Recall never gave a link to the file"


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
    verdict = after_observing(artifact(status, sub_code=sub_code), LINKS, lease(stage=stage), PACE, HALF)
    assert verdict == Verdict(None, payload_state=state, reason=reason)
    assert verdict.is_end
    assert not verdict.goes_on


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
def test_an_unfinished_transcript_is_looked_at_again(
    lease: Leases, status: str, provider: str | None, age: int, tracked: int, wait_s: float
) -> None:
    created_at, tracked_at = NOW - timedelta(seconds=age), NOW - timedelta(seconds=tracked)
    seen = artifact(status, provider=provider, created_at=created_at)
    verdict = after_observing(seen, Links(), lease(tracked_at=tracked_at, attempts=4, not_found_count=1), PACE, HALF)
    assert verdict.stage == Stage.POLL
    assert verdict.wait_s == pytest.approx(wait_s, abs=0.05)
    assert (verdict.attempts, verdict.not_found_count, verdict.reason) == (0, 0, None)


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
    verdict = after_observing(seen, Links(), lease(tracked_at=NOW - tracked), PACE, HALF)
    if left is None:
        assert verdict.payload_state == ContentState.ABANDONED
        assert verdict.reason is not None
        assert verdict.reason.startswith("still 'processing' after the ")
    else:
        assert verdict.pending_until == NOW + left


def test_without_a_creation_time_the_time_of_tracking_counts(lease: Leases) -> None:
    verdict = after_observing(artifact("processing", created_at=None), Links(), lease(), PACE, HALF)
    assert verdict.wait_s == pytest.approx(3.8, abs=0.05)
    assert verdict.pending_until == NOW - timedelta(minutes=1) + 2 * DAY


def test_a_status_that_goes_backwards_is_polled_again(lease: Leases) -> None:
    verdict = after_observing(artifact("processing"), Links(), lease(stage=Stage.DOWNLOAD), PACE, HALF)
    assert verdict.stage == Stage.POLL


@pytest.mark.parametrize(
    ("error", "pause_s", "wait_s"),
    [
        (errors.KeyRefused(), 60.0, 60.0),
        (errors.CreditExhausted(), 300.0, 300.0),
    ],
    ids=["401", "402"],
)
@pytest.mark.parametrize("stage", [Stage.POLL, Stage.DOWNLOAD])
def test_a_refusal_of_the_workspace_costs_no_row_anything(
    lease: Leases, error: errors.WorkspaceFault, pause_s: float, wait_s: float, stage: Stage
) -> None:
    held = lease(stage=stage, attempts=3, not_found_count=1, unconfirmed=("aa",), pending_until=NOW - DAY)
    assert pause_of(error) == pause_s
    assert after_failing(error, held, HALF) == Verdict(
        stage, wait_s, reason=str(error), attempts=3, not_found_count=1, unconfirmed=("aa",)
    )


@pytest.mark.parametrize(("seen", "wait_s"), [(0, 60.0), (1, 600.0), (2, 3600.0), (9, 3600.0)])
def test_a_403_that_comes_again_for_a_row_puts_that_row_off_for_longer(
    lease: Leases, seen: int, wait_s: float
) -> None:
    assert pause_of(errors.Forbidden()) == 60.0
    assert after_failing(errors.Forbidden(), lease(attempts=3, forbidden_count=seen), HALF) == Verdict(
        Stage.POLL, wait_s, reason=str(errors.Forbidden()), attempts=3, forbidden_count=seen + 1
    )


@pytest.mark.parametrize(
    ("seen", "left", "state"),
    [(2, timedelta(0), None), (3, timedelta(seconds=1), None), (3, timedelta(0), ContentState.ABANDONED)],
)
def test_a_403_without_end_ends_after_the_deadline(
    lease: Leases, seen: int, left: timedelta, state: ContentState | None
) -> None:
    verdict = after_failing(errors.Forbidden(), lease(forbidden_count=seen, pending_until=NOW + left), HALF)
    assert verdict.payload_state == state


@pytest.mark.parametrize("retry_after_s", [None, 30.0, -1.0])
def test_a_429_costs_no_row_anything(lease: Leases, retry_after_s: float | None) -> None:
    held = lease(attempts=3, not_found_count=2, pending_until=NOW - DAY)
    verdict = after_failing(errors.Throttled(retry_after_s), held, HALF)
    assert verdict == Verdict(
        Stage.POLL, 1.0, reason="Recall throttled the call (429).", attempts=3, not_found_count=2
    )


def test_a_404_is_a_suspicion_until_it_has_been_seen_three_times(lease: Leases) -> None:
    held, waits = lease(attempts=2), []
    for seen in (1, 2):
        verdict = after_failing(errors.NotFound(), held, HALF)
        assert (verdict.stage, verdict.not_found_count, verdict.attempts) == (Stage.POLL, seen, 2)
        waits.append(verdict.wait_s)
        held = lease(attempts=2, not_found_count=verdict.not_found_count)
    assert waits == [15.0, 45.0]
    verdict = after_failing(errors.NotFound(), held, HALF)
    assert verdict.payload_state == ContentState.MISSING
    assert verdict.reason == "Recall does not know this id in this workspace and region (404). Asked 3 times."


@pytest.mark.parametrize(
    "between", [errors.RecallTrouble(), errors.Throttled(1.0), errors.KeyRefused()], ids=["503", "429", "401"]
)
def test_other_errors_between_two_404s_do_not_clear_the_suspicion(lease: Leases, between: errors.RecallError) -> None:
    assert after_failing(between, lease(not_found_count=2), HALF).not_found_count == 2


def test_seeing_the_transcript_clears_the_suspicion(lease: Leases) -> None:
    assert after_observing(artifact("processing"), Links(), lease(not_found_count=2), PACE, HALF).not_found_count == 0


@pytest.mark.parametrize(("is_observed", "state"), [(True, ContentState.DELETED), (False, ContentState.MISSING)])
def test_a_confirmed_404_means_deleted_where_it_had_been_seen(
    lease: Leases, is_observed: bool, state: ContentState
) -> None:
    held = lease(not_found_count=2, is_observed=is_observed, stage=Stage.DOWNLOAD)
    assert after_failing(errors.NotFound(), held, HALF).payload_state == state


@pytest.mark.parametrize(("attempts", "wait_s"), [(0, 1.0), (1, 2.0), (4, 16.0), (20, 600.0)])
def test_trouble_is_tried_again_later_and_later(lease: Leases, attempts: int, wait_s: float) -> None:
    error = errors.RecallTrouble("The Recall API answered 503.")
    verdict = after_failing(error, lease(attempts=attempts), HALF)
    assert verdict == Verdict(Stage.POLL, wait_s, reason="The Recall API answered 503.", attempts=attempts + 1)


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage.POLL, ContentState.ABANDONED),
        (Stage.DOWNLOAD, ContentState.UNAVAILABLE),
        (Stage.LOAD, ContentState.UNAVAILABLE),
    ],
)
def test_trouble_ends_at_the_deadline_of_the_stage(lease: Leases, stage: Stage, state: ContentState) -> None:
    held = lease(stage=stage, pending_until=NOW)
    verdict = after_failing(errors.Unstorable(), held, HALF)
    assert verdict == Verdict(None, payload_state=state, reason="Postgres cannot hold what was answered.")


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
def test_every_verdict_is_an_end_with_a_name_or_a_wait_of_a_sane_length(
    what: Artifact | errors.SyncdError, links: Links, held: Lease, jitter: float
) -> None:
    if isinstance(what, Artifact):
        verdict = after_observing(what, links, held, PACE, jitter)
    else:
        verdict = after_failing(what, held, jitter)
    assert verdict.is_end == (verdict.payload_state is not None)
    assert verdict.payload_state is None or verdict.payload_state.is_end
    assert 0.0 <= verdict.wait_s <= 3960.0
    assert verdict.goes_on == (isinstance(what, Artifact) and what.status == "done" and links is LINKS)
    assert verdict.pending_until is None or verdict.pending_until > NOW
    assert "canary" not in str(verdict)


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
    verdict = after_failing(error, lease(pending_until=NOW - over), HALF)
    assert verdict.payload_state == state
    assert verdict.is_end is (state is not None)


@pytest.mark.parametrize(
    ("expired_lease_count", "wait_s"), [(0, None), (2, None), (3, 60.0), (4, 120.0), (8, 1920.0), (50, 3600.0)]
)
def test_a_row_that_brings_processes_down_waits_longer_each_time_and_is_never_given_up(
    lease: Leases, expired_lease_count: int, wait_s: float | None
) -> None:
    verdict = after_expired_leases(lease(expired_lease_count=expired_lease_count, attempts=2), HALF)
    if wait_s is None or verdict is None:
        assert (wait_s, verdict) == (None, None)
    else:
        assert (verdict.stage, verdict.wait_s, verdict.attempts) == (Stage.POLL, wait_s, 2)
        assert verdict.expired_lease_count == expired_lease_count
        assert verdict.reason == f"{expired_lease_count} leases in a row ran out while it was worked on."
