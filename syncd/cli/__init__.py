"""The commands, one small file each. The only typer."""

import os
import sys

from syncd.cli import streams
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
