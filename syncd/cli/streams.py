"""Standard input, output and error, whatever a shell, a cron job or a monitor has made of them."""

import io
import os
import sys

_MODES = ("r", "w", "w")
_NAMES = ("stdin", "stdout", "stderr")


def open_all() -> None:
    """Put nothing in place of what is closed, and let every character be printed.

    A file number that is free would be given to the next file or connection, and messages written into that.
    """
    for number, (name, mode) in enumerate(zip(_NAMES, _MODES, strict=True)):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is still held back. Raises BrokenPipeError."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def give_up_output() -> None:
    """Nobody reads it any more; the interpreter must not try again to write it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
