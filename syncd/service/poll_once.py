"""Poll one transcript once, for a person who does not want to wait for the daemon (`syncd poll`)."""

import contextlib
import threading
import time
from uuid import UUID

from syncd.errors import DatabaseAway, OperatorError, StillWaiting
from syncd.pipeline.claim import Blocker, BlockerKind
from syncd.service.schedule import RENEWALS
from syncd.service.signals import bound_stop, stopping
from syncd.worker.worker import Worker

RETRY_S = 1.0
"""Between two attempts to pay for a call, seconds. A judgement: at 300 calls a minute five tokens come in that
time."""
CHECK_S = 0.05
"""Between two checks whether the run is over, seconds; a judgement: a person does not notice it."""


def poll_once(worker: Worker, transcript_id: UUID, max_wait_s: float, lease_s: float) -> Blocker | None:
    """Poll one transcript and run its path as far as it goes; the blocker, if it could not be claimed.

    Waits up to `max_wait_s` for a call that can be paid for. A signal releases the lease and raises StillWaiting;
    a second one ends the process at once. Raises DatabaseAway, too.
    """
    stop, released = threading.Event(), 0
    bound_stop(stop, lambda: 0.0)
    with stopping(stop):
        try:
            worker.catch_up()
            blocker = _claim(worker, transcript_id, max_wait_s, stop)
            if blocker is None:
                _wait(worker, lease_s, stop)
        finally:
            with contextlib.suppress(DatabaseAway, OperatorError):  # the lease runs out by itself
                released = worker.drain(0.0)
                worker.flush()
    if stop.is_set() and (blocker is not None or released):
        raise StillWaiting("Stopped before the run ended; no lease is left behind.")
    return blocker


def _claim(worker: Worker, transcript_id: UUID, max_wait_s: float, stop: threading.Event) -> Blocker | None:
    until = time.monotonic() + max_wait_s
    while True:
        blocker = worker.poll_now(transcript_id)
        left_s = until - time.monotonic()
        if blocker is None or blocker.kind != BlockerKind.NO_CALL or left_s <= 0:
            return blocker
        if stop.wait(min(RETRY_S, left_s)):
            return blocker


def _wait(worker: Worker, lease_s: float, stop: threading.Event) -> None:
    """Wait until the run is over, and renew its lease meanwhile."""
    renewed = time.monotonic()
    while worker.in_flight_count and not stop.wait(CHECK_S):
        if time.monotonic() - renewed > lease_s / RENEWALS:
            renewed = time.monotonic()
            with contextlib.suppress(DatabaseAway, OperatorError):
                worker.renew_leases()
