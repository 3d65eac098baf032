"""What signals do: SIGTERM and SIGINT stop, SIGHUP asks for new settings."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

from syncd.errors import StillWaiting

AFTER_DRAIN_S = 5.0
"""So long after its drain a stop may release leases. A judgement: it takes milliseconds, and longer only where the
database does not answer; it fits into TimeoutStopSec= of the unit."""
WRITE_S = 1.0
"""So long a reader of standard error may keep the last line waiting."""


@contextlib.contextmanager
def stopping(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`; a second one ends the process at once, and its leases run out by themselves."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def bound_stop(stop: threading.Event, drain_s: Callable[[], float]) -> None:
    """End the process `drain_s` and AFTER_DRAIN_S seconds after `stop` was set, whatever hangs."""

    def end_late() -> None:
        stop.wait()
        time.sleep(drain_s() + AFTER_DRAIN_S)
        end_at_once("The stop took too long: the database does not answer, or something else hangs")

    threading.Thread(target=end_late, name="stop", daemon=True).start()


def end_at_once(why: str) -> None:
    """End with exit code 75. The leases run out by themselves."""
    line = f"syncd: {why}. Its leases run out by themselves. [{StillWaiting.code}]\n".encode()
    writing = threading.Thread(target=os.write, args=(2, line), daemon=True)
    writing.start()
    writing.join(WRITE_S)
    os._exit(StillWaiting.exit_code)


def on_hangup(ask: Callable[[], None]) -> None:
    """SIGHUP calls `ask`. On a terminal it is SIGTERM, for the terminal has gone; under nohup it stays ignored."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return
    is_terminal = sys.stderr is not None and sys.stderr.isatty()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if is_terminal:
            signal.raise_signal(signal.SIGTERM)
        else:
            ask()

    signal.signal(signal.SIGHUP, on_signal)
