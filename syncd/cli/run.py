"""`syncd run`: the daemon."""

import faulthandler
import gc
import math
import os
import sys
import threading
import time
from typing import Annotated

import typer

from syncd import STARTED_AT
from syncd.cli.bootstrap import open_database
from syncd.cli.wiring import make_worker, open_settings_with_key
from syncd.db.engine import Engine
from syncd.db.rate_limit import workspaces
from syncd.errors import StillWaiting, SyncdError
from syncd.service.service import Schedule, Service
from syncd.settings import Settings

LAST_MOMENT_S = 0.2
GARBAGE_OBJECTS = 50_000
"""New objects between two looks for garbage. A transcript of 9,000 words makes some 20,000, which all go when it is
loaded; looking through them every 700 takes a tenth of the time of the load."""


def run(
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Stop when every tracked transcript has reached its end.")
    ] = False,
    timeout: Annotated[
        float | None, typer.Option(min=1.0, help="Stop after so many seconds; exit 75 if transcripts still wait.")
    ] = None,
) -> None:
    """Poll, download and load, until it is told to stop."""
    faulthandler.enable(file=2)  # the watchdog's SIGABRT leaves the stack of every thread, without any value
    ends_at = _end(timeout) if timeout else None
    settings = open_settings_with_key()
    with open_database(settings, wait_s=min(settings.database_wait_seconds, timeout or math.inf)) as engine:
        schedule = Schedule(
            claim_s=settings.tick_seconds,
            lease_s=settings.lease_seconds,
            drain_s=settings.drain_seconds,
            sleep_s=settings.sleep_seconds,
            until_idle=until_idle,
            ends_at=ends_at,
        )
        exit_code = _serve(engine, settings, schedule)
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing is left to do, and to take the interpreter apart takes as long as half the start. A thread that still
    # waits for a server ends, too: its lease was released, and it can write nothing any more.
    os._exit(exit_code)


def _end(timeout_s: float) -> float:
    """When this process has to be gone, counted from its start; the monotonic clock.

    If a server keeps it waiting until then, it ends without releasing leases; they run out by themselves.
    """
    ends_at = STARTED_AT + timeout_s
    watch = threading.Timer(max(0.0, ends_at - time.monotonic() - LAST_MOMENT_S), _end_at_once)
    watch.daemon = True
    watch.start()
    return ends_at


def _end_at_once() -> None:
    os.write(2, b"syncd: The time is up, and a server that was waited for did not answer.\n")
    os._exit(StillWaiting.exit_code)


def _serve(engine: Engine, settings: Settings, schedule: Schedule) -> int:
    """Run the service; its exit code."""
    with engine.begin() as connection:
        workspaces.register(connection, settings.workspace)
    service = Service(engine, settings.workspace, schedule)
    worker = make_worker(engine, settings, on_slot_free=service.wake)
    gc.freeze()  # what is there by now stays
    gc.set_threshold(GARBAGE_OBJECTS)
    try:
        service.run(worker)
    except SyncdError as error:
        typer.echo(f"syncd: {error}", err=True)
        return error.exit_code
    return 0
