"""Rate limits: a log of the last minute, or fixed minutes."""

import threading
from collections import defaultdict, deque
from collections.abc import Hashable
from typing import Protocol

from recall_emulator.options import Window


class Throttle(Protocol):
    """A rule that admits calls."""

    def admit(self, bucket: Hashable, now: float) -> float:
        """Return 0 where the call at `now` (seconds) is admitted, else the seconds until the next one would be."""
        ...


class SlidingThrottle:
    """At most `limit` admitted calls in any `seconds`; refused calls are not counted."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._admitted: defaultdict[Hashable, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()

    def admit(self, bucket: Hashable, now: float) -> float:
        with self._lock:
            admitted = self._admitted[bucket]
            while admitted and admitted[0] <= now - self._seconds:
                admitted.popleft()
            if len(admitted) < self._limit:
                admitted.append(now)
                return 0.0
            return admitted[0] + self._seconds - now if admitted else self._seconds


class FixedThrottle:
    """At most `limit` admitted calls in each window of `seconds`; windows begin at multiples of `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit = limit
        self._seconds = seconds
        self._counts: dict[Hashable, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def admit(self, bucket: Hashable, now: float) -> float:
        window = int(now // self._seconds)
        with self._lock:
            counted_in, count = self._counts.get(bucket, (window, 0))
            if counted_in != window:
                count = 0
            if count < self._limit:
                self._counts[bucket] = (window, count + 1)
                return 0.0
            return (window + 1) * self._seconds - now


def throttle_of(window: Window, limit: int, seconds: float) -> Throttle:
    """Build the throttle that the options ask for."""
    return SlidingThrottle(limit, seconds) if window == "sliding" else FixedThrottle(limit, seconds)
