"""What the core's tests share: a lease to change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from syncd.core.queue.lease import Lease
from syncd.core.transcript import Stage
from tests.core.samples import NOW, TRANSCRIPT_ID


@pytest.fixture
def lease() -> Callable[..., Lease]:
    """A lease on a transcript tracked a minute ago, with two days to go; fields change by keyword."""

    def make(**changes: Any) -> Lease:
        fields: dict[str, Any] = {
            "transcript_id": UUID(TRANSCRIPT_ID),
            "workspace": "default",
            "token": 7,
            "stage": Stage.POLL,
            "claimed_at": NOW,
            "tracked_at": NOW - timedelta(minutes=1),
            "pending_until": NOW + timedelta(days=2),
        }
        return Lease(**(fields | changes))

    return make
