"""What is known under a lease."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from syncd.core.queue.lease import Known, Lease
from syncd.core.queue.outcome import Outcome, RowChange, Step
from syncd.core.reading.artifact import Artifact
from syncd.core.transcript import ContentState, FileKind, Stage
from tests.core.samples import NOW


def test_it_was_last_seen_when_recall_showed_it_or_else_when_it_was_tracked(lease: Callable[..., Lease]) -> None:
    tracked_at = lease().tracked_at
    assert lease().since == tracked_at
    assert lease(last_seen_at=NOW - timedelta(seconds=5)).since == NOW - timedelta(seconds=5)


@pytest.mark.parametrize(
    ("transcript", "provider_data", "has_open_file"),
    [
        (ContentState.PENDING, None, True),
        (ContentState.LOADED, None, True),
        (ContentState.STORED, ContentState.NONE, True),
        (ContentState.LOADED, ContentState.NONE, False),
        (ContentState.UNREADABLE, ContentState.TOO_LARGE, False),
    ],
)
def test_a_file_is_open_until_it_has_ended(
    lease: Callable[..., Lease], transcript: ContentState, provider_data: ContentState | None, has_open_file: bool
) -> None:
    held = lease().with_files({FileKind.TRANSCRIPT: transcript})
    if provider_data is not None:
        held = held.with_files({FileKind.PROVIDER_DATA: provider_data})
    assert held.known.has_open_file is has_open_file


def test_a_row_that_is_kept_is_the_same_and_one_that_advances_keeps_its_deadline_unless_told(
    lease: Callable[..., Lease],
) -> None:
    held = lease(attempts=3, unconfirmed=("aa",))
    assert Outcome().applied_to(held) == held
    further = Outcome(RowChange(Step.ADVANCE, Stage.LOAD)).applied_to(held)
    assert (further.stage, further.attempts, further.unconfirmed) == (Stage.LOAD, 0, ())
    assert (further.pending_until, further.is_settled) == (held.pending_until, False)


@pytest.mark.parametrize(("observed_s", "status"), [(-1.0, "done"), (1.0, "processing")])
def test_an_answer_older_than_what_is_known_does_not_change_the_status(
    lease: Callable[..., Lease], observed_s: float, status: str
) -> None:
    held = lease(known=Known(status="processing", observed_at=NOW + timedelta(seconds=observed_s)))
    after = Outcome(artifact=Artifact(held.transcript_id, "done")).applied_to(held)
    assert (after.known.status, after.is_observed) == (status, True)
