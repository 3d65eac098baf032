"""What an answer means for its row. Errors are in test_decide_errors.py, files in test_files.py."""

from datetime import timedelta

import pytest

from syncd.core.queue.decide import Answer
from syncd.core.queue.outcome import CallEnd, FileState, RowChange, Step
from syncd.core.reading.artifact import Links
from syncd.core.transcript import ContentState, FileKind, Stage
from tests.core.queue.decisions import (
    DAY,
    HOUR,
    LINKS,
    POLICY,
    Leases,
    answered,
    artifact,
    file_end,
    outcome_of,
    waits,
)
from tests.core.samples import NOW

TRANSCRIPT, PROVIDER_DATA = FileKind.TRANSCRIPT, FileKind.PROVIDER_DATA


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
    assert file_end(late) == FileState(ContentState.UNAVAILABLE, "finished, but Recall never gave a link to the file")


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
    end = file_end(outcome)
    assert end is not None
    assert end.state == ContentState.ABANDONED
    assert (end.reason or "").startswith("still 'processing' after the ")


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
