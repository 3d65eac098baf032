"""Shared by the tests of decide: answers, and short ways to ask."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import estimated
from syncd.core.queue.decide import Answer, Happening, decide
from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import FileState, Outcome, RowChange, Step
from syncd.core.reading.artifact import Artifact, Links
from syncd.core.transcript import FileKind, Stage
from tests.core.samples import NOW, TRANSCRIPT_ID

Leases = Callable[..., Lease]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

LINKS = Links("https://s/f?Signature=canary", "https://s/p?Signature=canary")

HALF = 0.5

POLICY = Policy(estimated({}))


def outcome_of(what: Happening, lease: Lease, jitter: float = HALF) -> Outcome:
    return decide(what, lease, NOW, POLICY, jitter)


def answered(artifact: Artifact, links: Links, lease: Lease) -> Outcome:
    return outcome_of(Answer(artifact, links), lease)


def waits(stage: Stage, wait_s: float, **fields: Any) -> RowChange:
    return RowChange(Step.WAIT, stage, wait_s, **fields)


def artifact(status: str, **fields: Any) -> Artifact:
    usual: dict[str, Any] = {"provider": "deepgram_async", "created_at": NOW - timedelta(minutes=2)}
    return Artifact(UUID(TRANSCRIPT_ID), status, **(usual | fields))


def file_end(outcome: Outcome) -> FileState | None:
    """How the transcript file ended by this; None: it did not."""
    found = outcome.files.get(FileKind.TRANSCRIPT)
    return found if found is not None and found.state.is_end else None
