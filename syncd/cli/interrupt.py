"""Ctrl-C: the end of a command, without a traceback."""

import signal
from collections.abc import Callable

EXIT_CODE = 128 + signal.SIGINT


def on_interrupt(leave: Callable[[int], object]) -> None:
    """How to leave from now on. Where whoever started the command has it ignored, it stays so."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: leave(EXIT_CODE))
