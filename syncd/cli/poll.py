"""`syncd poll`: ask about one transcript now, for a person who does not want to wait for the daemon."""

import os
import sys
from typing import Annotated
from uuid import UUID

import typer

from syncd.cli.bootstrap import open_database
from syncd.cli.printing import plain
from syncd.cli.wiring import make_worker, open_settings_with_key, this_process
from syncd.core.explain import sentences
from syncd.core.explain.wording import span
from syncd.core.reading.ids import read_id
from syncd.db.engine import Engine, reaching_database
from syncd.db.reports.diagnosis import diagnosis
from syncd.errors import (
    BadInput,
    CreditExhausted,
    DatabaseAway,
    Forbidden,
    KeyRefused,
    NotFound,
    StillWaiting,
    SyncdError,
    Throttled,
)
from syncd.pipeline.claim import Blocker, BlockerKind
from syncd.service.poll_once import poll_once
from syncd.settings import Settings

EXIT_REFUSED = 77
"""As EX_NOPERM in sysexits.h."""
_FAULTS: dict[type[SyncdError], int] = {
    NotFound: 0,  # an answer
    KeyRefused: EXIT_REFUSED,
    CreditExhausted: EXIT_REFUSED,
    Forbidden: EXIT_REFUSED,
    Throttled: StillWaiting.exit_code,
    SyncdError: SyncdError.exit_code,
}


def poll(
    transcript_id: Annotated[str, typer.Argument(metavar="ID", help="A transcript id; tracked if it is not yet.")],
    max_wait: Annotated[
        float, typer.Option("--max-wait", metavar="SECONDS", min=0.0, help="How long to wait for a call.")
    ] = 30.0,
) -> None:
    """Ask Recall about one transcript now, within the budget, and fetch it if it is finished."""
    wanted = read_id(transcript_id)
    settings = open_settings_with_key()
    with open_database(settings) as engine:
        exit_code, is_busy = _poll(engine, settings, wanted, max_wait)
    sys.stdout.flush()
    sys.stderr.flush()
    if is_busy:
        # a thread is still waiting for a server; its lease was released, and it can write nothing any more
        os._exit(exit_code)
    sys.exit(exit_code)


def _poll(engine: Engine, settings: Settings, wanted: UUID, max_wait_s: float) -> tuple[int, bool]:
    """Answers the exit code and whether a thread is left over."""
    worker = make_worker(engine, settings, this_process(settings.workspace))
    try:
        blocker = poll_once(worker, wanted, max_wait_s, settings.lease_seconds)
        exit_code = _tell(engine, wanted, blocker, max_wait_s)
    except SyncdError as error:
        typer.echo(f"syncd: {plain(str(error))}", err=True)
        return error.exit_code, worker.in_flight_count > 0
    return exit_code, worker.in_flight_count > 0


def _tell(engine: Engine, wanted: UUID, blocker: Blocker | None, max_wait_s: float) -> int:
    """One line: what was answered, and where it stands now; the exit code.

    Raises BadInput and StillWaiting where nothing was asked.
    """
    match blocker:
        case Blocker(BlockerKind.ELSEWHERE, reason):
            raise BadInput(reason)
        case Blocker(BlockerKind.HELD, reason):
            raise StillWaiting(reason)
        case Blocker(BlockerKind.NO_CALL, reason):
            raise StillWaiting(f"Waited {span(max_wait_s)} for a call that can be paid for. {reason}")
    with reaching_database(), engine.connect() as connection:
        found = diagnosis(connection, wanted)
    asked = "" if blocker is None else " Recall was not asked."
    typer.echo(plain(sentences.in_a_line(found)) + asked)
    last_error = found.queue_entry.last_error if found.queue_entry and blocker is None else None
    return exit_code_after(last_error)


def exit_code_after(last_error: str | None) -> int:
    """Whether Recall and its files could be had, by the code at the end of the message."""
    if last_error is None:
        return 0
    codes = (exit_code for kind, exit_code in _FAULTS.items() if last_error.endswith(f"[{kind.code}]"))
    return next(codes, DatabaseAway.exit_code)
