"""The memory limit for large files: one run of a process at a time may hold them.

A large file takes some ten times its size in memory while it is read (recall/body.py), so two at once could
end the daemon for lack of memory.
"""

import threading


class LargeFiles:
    """A lock that a run acquires with its first large file and releases at its end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mine = threading.local()

    def wait(self) -> None:
        """Wait until no other thread holds large files; harmless where this one does."""
        if not getattr(self._mine, "is_held", False):
            self._lock.acquire()
            self._mine.is_held = True

    def release(self) -> None:
        """This thread holds large files no more."""
        if getattr(self._mine, "is_held", False):
            self._mine.is_held = False
            self._lock.release()
