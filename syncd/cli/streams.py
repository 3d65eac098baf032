"""Standard input, output and error, whatever a shell, a cron job or a monitor has made of them."""

import contextlib
import errno
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


def is_full(error: OSError) -> bool:
    """Whether a stream could not be written for want of room, or because its disk fails; no file has a name then."""
    return error.filename is None and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def say_last(sentence: str) -> None:
    """Write a line on standard error, if that can be written, and nothing after it."""
    with contextlib.suppress(OSError):
        os.write(2, f"{sentence}\n".encode())
    give_up_output()


def give_up_output() -> None:
    """Nobody reads it any more; the interpreter must not try again to write it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)
