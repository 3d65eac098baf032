"""The shortest life: one look at one transcript, for a person who does not want to wait for the daemon."""

import contextlib
import threading
import time
from uuid import UUID

from syncd.errors import DatabaseAway, OperatorError, StillWaiting
from syncd.pipeline.claim import Blocker, BlockerKind
from syncd.service.service import stopping
from syncd.worker.worker import Worker

AGAIN_S = 1.0
"""How often it is seen whether a call can be paid for."""
WATCH_S = 0.05


def poll_once(worker: Worker, transcript_id: UUID, max_wait_s: float, lease_s: float) -> Blocker | None:
    """Look at one transcript and walk it as far as it goes; what was in the way to the last, where something was.

    Waits up to `max_wait_s` for a call that can be paid for. A signal gives the lease back and raises StillWaiting;
    a second one leaves at once. Raises DatabaseAway, too.
    """
    stop, given_back = threading.Event(), 0
    with stopping(stop):
        try:
            worker.catch_up()
            blocker = _begin(worker, transcript_id, max_wait_s, stop)
            if blocker is None:
                _see_through(worker, lease_s, stop)
        finally:
            with contextlib.suppress(DatabaseAway, OperatorError):  # the lease runs out by itself
                given_back = worker.drain(0.0)
                worker.flush()
    if stop.is_set() and (blocker is not None or given_back):
        raise StillWaiting("It was stopped before it came to its end; no lease is left behind.")
    return blocker


def _begin(worker: Worker, transcript_id: UUID, max_wait_s: float, stop: threading.Event) -> Blocker | None:
    until = time.monotonic() + max_wait_s
    while True:
        blocker = worker.poll_now(transcript_id)
        left_s = until - time.monotonic()
        if blocker is None or blocker.kind != BlockerKind.NO_CALL or left_s <= 0:
            return blocker
        if stop.wait(min(AGAIN_S, left_s)):
            return blocker


def _see_through(worker: Worker, lease_s: float, stop: threading.Event) -> None:
    """Until the walk is over; its lease is kept meanwhile."""
    renewed = time.monotonic()
    while worker.in_hand and not stop.wait(WATCH_S):
        if time.monotonic() - renewed > lease_s / 4:
            renewed = time.monotonic()
            with contextlib.suppress(DatabaseAway, OperatorError):
                worker.renew_leases()
