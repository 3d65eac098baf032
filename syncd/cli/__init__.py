"""The commands, one small file each. The only typer."""

import os
import sys

from syncd.cli import streams
from syncd.cli.check import UNKNOWN, is_check
from syncd.cli.interrupt import on_interrupt


def main() -> None:
    """The console script: it can print to whatever it was given, and ends without a traceback."""
    on_interrupt(os._exit)  # nothing is open yet, and an exception can be lost in an import
    streams.open_all()
    try:
        from syncd.cli.app import main as run

        run()
        streams.flush()
    except BrokenPipeError:
        streams.give_up_output()
        sys.exit(1)
    except OSError as error:
        if not streams.is_full(error):
            raise
        from syncd.errors import OutputFailed

        failed = OutputFailed(f"The output cannot be written: {error.strerror}.")
        streams.say_last(f"syncd: {failed}")
        sys.exit(UNKNOWN if is_check(sys.argv[1:]) else failed.exit_code)
