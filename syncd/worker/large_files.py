"""The memory limit for large files: one run of a process at a time may hold them.

A large file takes several times its size in memory while it is read (docs/settings.md), so two at once could end the
daemon for lack of memory. A run that meets a second one gives its slot up, so that small files flow past.
"""

import threading
from collections.abc import Callable

from syncd.pipeline.context import MemoryTaken


class LargeFiles:
    """A lock that a run acquires with its first large file and releases at its end."""

    def __init__(self, may_postpone: Callable[[], bool] = lambda: False) -> None:
        """`may_postpone`: whether a run that finds the lock taken is to go on later, in place of waiting."""
        self._lock = threading.Lock()
        self._may_postpone = may_postpone
        self._mine = threading.local()

    def wait(self) -> None:
        """Wait until no other thread holds large files; harmless where this one does."""
        if not self._is_held():
            self._lock.acquire()
            self._mine.is_held = True

    def ask(self) -> None:
        """The same, but raises MemoryTaken where another thread holds them and the run may be postponed."""
        if self._is_held():
            return
        if self._lock.acquire(blocking=False):
            self._mine.is_held = True
        elif self._may_postpone():
            raise MemoryTaken
        else:
            self.wait()

    def release(self) -> None:
        """This thread holds large files no more."""
        if self._is_held():
            self._mine.is_held = False
            self._lock.release()

    def _is_held(self) -> bool:
        return bool(getattr(self._mine, "is_held", False))
