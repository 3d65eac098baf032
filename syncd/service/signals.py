"""What signals do: SIGTERM and SIGINT stop, SIGHUP asks for new settings."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType


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
