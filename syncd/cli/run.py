"""`syncd run`: the daemon."""

import faulthandler
import gc
import math
import os
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from syncd import STARTED_AT
from syncd.cli.reopening import Opened, opened, reopened
from syncd.cli.wiring import make_worker, open_settings_with_key, this_process
from syncd.db.engine import Connection, Engine, reaching_database
from syncd.db.queue import paused, processes
from syncd.db.queue.processes import Process
from syncd.db.rate_limit import workspaces
from syncd.errors import DatabaseAway, LoginRefused, OperatorError, SyncdError
from syncd.log import get_logger
from syncd.service.reload import Reload
from syncd.service.schedule import Schedule
from syncd.service.service import Service
from syncd.service.signals import bound_stop, end_at_once, on_hangup, stopping
from syncd.settings import Settings
from syncd.settings.reloaded import tell_reload
from syncd.systemd import is_managed

LAST_MOMENT_S = 0.2
LEFT_EXIT_CODE = DatabaseAway.exit_code
"""Of a daemon whose login is refused, or whose schema has become another one. Unlike 78 it is restarted by systemd:
only a start reads a credential anew, and only a start runs what was installed meanwhile."""
GARBAGE_OBJECTS = 50_000
"""New objects between two looks for garbage. A transcript of 9,000 words makes some 20,000, which all go when it is
loaded; looking through them every 700 takes a tenth of the time of the load."""

log = get_logger(__name__)


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
    try:
        now = opened(settings, wait_s=min(settings.database_wait_seconds, timeout or math.inf))
        exit_code = _serve(now, until_idle=until_idle, ends_at=ends_at)
    except LoginRefused as error:
        if not is_managed():
            raise
        typer.echo(f"syncd: {error}", err=True)
        exit_code = LEFT_EXIT_CODE
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
    why = "The time is up before the run could end"
    watch = threading.Timer(max(0.0, ends_at - time.monotonic() - LAST_MOMENT_S), end_at_once, (why,))
    watch.daemon = True
    watch.start()
    return ends_at


def _serve(now: Opened, *, until_idle: bool, ends_at: float | None) -> int:
    """Run the service, anew after each reload; the exit code."""
    stop, process = threading.Event(), this_process(now.settings.workspace)
    gc.set_threshold(GARBAGE_OBJECTS)
    with stopping(stop):
        bound_stop(stop, lambda: now.settings.drain_seconds)
        reload, begin = Reload(now, reopened, Opened.has_other_secret, tell_reload), None
        on_hangup(reload.ask)
        _begin(now.engine, process)
        while True:
            schedule = _schedule(now.settings, until_idle, ends_at)
            service = Service(now.engine, process, schedule, reload, stop, begin)
            code, following = _serve_once(now, process, service, reload)
            if following is None or following.engine is not now.engine:
                now.resources.close()
            if following is None:
                return code
            now, process = following, replace(process, workspace=following.settings.workspace)
            begin = partial(_begin, now.engine, process)


def _schedule(settings: Settings, until_idle: bool, ends_at: float | None) -> Schedule:
    return Schedule(
        claim_s=settings.tick_seconds,
        lease_s=settings.lease_seconds,
        drain_s=settings.drain_seconds,
        sleep_s=settings.sleep_seconds,
        heartbeat_s=settings.heartbeat_seconds,
        retention_days=settings.retention_days,
        until_idle=until_idle,
        ends_at=ends_at,
    )


def _serve_once(now: Opened, process: Process, service: Service, reload: Reload[Opened]) -> tuple[int, Opened | None]:
    """Run the service until it ends or there is something new to take; its exit code, and what that is."""
    worker = make_worker(now.engine, now.settings, process, on_slot_free=service.wake)
    try:
        following = reload.take() if service.run(worker, api=now.settings.base_url) else None
    except OperatorError as error:
        log.error("left, to be started again", reason=str(error))
        return LEFT_EXIT_CODE, None
    except SyncdError as error:
        typer.echo(f"syncd: {error}", err=True)
        return error.exit_code, None
    worker.close()
    if following and (following.engine is not now.engine or following.settings.workspace != process.workspace):
        service.leave()
    return 0, following


def _begin(engine: Engine, process: Process) -> None:
    """Make the workspace known, and end its pause: whoever starts or reloads may have repaired what it was for."""
    workspace = process.workspace
    with reaching_database(), engine.begin() as connection:
        workspaces.register(connection, workspace)
        _tell_ended(connection, process)
        processes.delete_old(connection)
        if reason := paused.end_pause(connection, workspace, is_proven=False):
            log.warning("the workspace is tried again", workspace=workspace, was_paused=reason)
        if reason := paused.end_store_pause(connection, workspace):
            log.warning("the file store is tried again", workspace=workspace, was_paused=reason)


def _tell_ended(connection: Connection, process: Process) -> None:
    """Tell of processes of this machine that ended without stopping: they could not tell it themselves."""
    ended = [name for name, pid in processes.silent_here(connection, process).items() if _is_gone(pid)]
    for name, seen_at in processes.note_ended(connection, ended):
        log.error("a former process ended without stopping", process=name, seen_at=f"{seen_at:%F %T %Z}")


def _is_gone(pid: int) -> bool:
    """Whether no other process has the id: one that is alive may have missed its heartbeats, in an outage perhaps."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return pid == os.getpid()
