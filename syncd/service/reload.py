"""New settings for a process that runs: read in a thread of its own, and taken over only where all are good."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from syncd import systemd
from syncd.core.explain.daemon import former_settings
from syncd.errors import SyncdError
from syncd.log import get_logger

LOOK_AGAIN_S = 2.0
"""Between two looks whether a secret that was refused is another one now. It reads two small files."""
REFUSED_AGAIN_S = 60.0
"""The same after a reload that was refused, which logs an error, where the process goes on without. A judgement:
as often as a paused key is tried."""

T = TypeVar("T")
log = get_logger(__name__)


class Reload(Generic[T]):
    """Asked for by SIGHUP, or by itself where a secret has changed. `read` answers what is new, or raises.

    There is one in a process, so that nothing that is asked for while a service ends is lost. `read` and
    `has_other_secret` are given what was taken last, at first `now`; `tell` is given whether what was asked for is
    good.
    """

    def __init__(
        self,
        now: T,
        read: Callable[[T], T],
        has_other_secret: Callable[[T], bool] = lambda _: False,
        tell: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._now = now
        self._read = read
        self._has_other_secret = has_other_secret
        self._tell = tell
        self._asked = threading.Event()
        self._thread: threading.Thread | None = None
        self._found: T | None = None
        self._looked_s = time.monotonic()
        self.refusal: str | None = None
        """Why the last reload changed nothing; None: it did, or there was none."""

    def ask(self) -> None:
        """Reload soon. May be called by a signal's handler."""
        self._asked.set()

    @property
    def is_under_way(self) -> bool:
        """Whether it has been asked for, and what comes of it is not known yet."""
        return self._asked.is_set() or self._thread is not None

    def look(self, *, is_urgent: bool) -> None:
        """To be called while a secret is refused: reload if there is another one now.

        `is_urgent`: the process soon leaves if there is none, so one that was refused before is tried again, too.
        """
        is_often = is_urgent or self.refusal is None
        if not self.is_under_way and time.monotonic() - self._looked_s >= (
            LOOK_AGAIN_S if is_often else REFUSED_AGAIN_S
        ):
            self._looked_s = time.monotonic()
            if self._has_other_secret(self._now):
                log.info("a refused secret has changed")
                self.ask()

    def is_ready(self) -> bool:
        """Whether there is something new to take. Never waits; to be called regularly."""
        if self._thread is None and self._asked.is_set():
            self._asked.clear()
            systemd.notify(*systemd.reloading())
            log.info("reading the settings again")
            self._thread = threading.Thread(target=self._run, name="reload", daemon=True)
            self._thread.start()
        if self._thread is not None and not self._thread.is_alive():
            self._thread = None
            if self._found is None:
                systemd.notify("READY=1")
        return self._thread is None and self._found is not None

    def take(self) -> T | None:
        """What is new, once."""
        found, self._found = self._found, None
        self._now = self._now if found is None else found
        return found

    def _run(self) -> None:
        try:
            self._found = self._read(self._now)
            self.refusal = None
        except SyncdError as error:
            self.refusal = str(error)
            log.error("the settings stay as they were: the new ones cannot be used", reason=self.refusal)
        except Exception:
            self.refusal = "Reading the settings again failed; the log has the details."
            log.exception("unexpected error while reading the settings again")
        if self._asked.is_set():
            return  # by somebody who waits for the answer to that
        if (former := former_settings(self.refusal)) is not None:
            systemd.notify(f"STATUS={former}")
        self._tell(self.refusal is None)
