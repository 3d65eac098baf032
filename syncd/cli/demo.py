"""`syncd demo`: see it work, without a key and without a Postgres."""

import hashlib
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from syncd.demo import require_emulator
from syncd.settings import load_settings


def demo(
    directory: Annotated[
        Path | None,
        typer.Option(help="Where to keep its Postgres; made anew each time.", show_default="state directory"),
    ] = None,
) -> None:
    """Run the real daemon against an emulated Recall, and query what it brought."""
    require_emulator()
    from syncd.demo.show import show  # needs what was just asked for

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    console = Console(highlight=False)
    show((directory or load_settings().state_directory / _name()).resolve(), console)


def _name() -> str:
    """Each installation has a demo of its own."""
    return f"demo-{hashlib.sha256(sys.prefix.encode()).hexdigest()[:6]}"


def _leave(number: int, _frame: FrameType | None) -> None:
    """Unwind, so that nothing is left running."""
    sys.exit(128 + number)
