"""Read stored_file files into tables again, without a call: after a better parser came, or where rows were lost.

It may run beside daemons. Each file is read first and written in one short transaction that looks once more whether
it may be; how far it has come is kept, so that it goes on there after a stop or a crash.
"""

import threading
from collections.abc import Callable
from uuid import UUID

from syncd.core.admin.reparse import Outcome, Reread, Selection, outcome
from syncd.core.reading.document import Unreadable
from syncd.core.reading.transcript_file import PARSER_VERSION
from syncd.core.transcript import FileKind
from syncd.db.admin import reparses
from syncd.db.admin.reparses import Progress
from syncd.db.content import files, transcripts
from syncd.db.content.files import StoredFile
from syncd.db.engine import Connection, Engine, reaching_database
from syncd.errors import DatabaseAway, OperatorError, Unstorable
from syncd.log import get_logger
from syncd.pipeline.load import Write, read

PAGE = 200

log = get_logger(__name__)

Tell = Callable[[UUID, list[Reread]], None]
"""Told of each transcript, once it is through, with its files."""


def begin(engine: Engine, selection: Selection, *, is_afresh: bool) -> tuple[Progress, int]:
    """Where a reparse goes on, and how many transcripts are left. Raises DatabaseAway."""
    with reaching_database(), engine.begin() as connection:
        progress = reparses.begin(connection, selection, PARSER_VERSION, is_afresh=is_afresh)
        return progress, reparses.count_left(connection, selection, progress.last_transcript_id)


def reparse(engine: Engine, selection: Selection, progress: Progress, stop: threading.Event, tell: Tell) -> bool:
    """Read every file of a selection again from where it stands; whether all are through. Raises DatabaseAway.

    Stops after the transcript in hand once `stop` is set.
    """
    last = progress.last_transcript_id
    while page := _page(engine, selection, last):
        for transcript_id, kinds in page:
            if stop.is_set():
                return False
            _reread_settings(engine, transcript_id)
            rereads = [_reread(engine, transcript_id, kind) for kind in kinds]
            _advance(engine, selection, transcript_id)
            tell(transcript_id, rereads)
            last = transcript_id
    with reaching_database(), engine.begin() as connection:
        reparses.end(connection, selection)
    return True


def _page(engine: Engine, selection: Selection, after: UUID | None) -> list[tuple[UUID, list[FileKind]]]:
    with reaching_database(), engine.connect() as connection:
        return reparses.page(connection, selection, after, PAGE)


def _reread_settings(engine: Engine, transcript_id: UUID) -> None:
    """What the artifact says about the transcription; before the files, for they are read by its language."""
    try:
        with reaching_database():
            reparses.transact(engine, lambda connection: transcripts.reread_options(connection, transcript_id))
    except (DatabaseAway, OperatorError):
        raise
    except Exception:  # a fault of ours must not stop every run at the same transcript
        log.exception("its settings could not be read again", transcript_id=transcript_id)


def _advance(engine: Engine, selection: Selection, transcript_id: UUID) -> None:
    with reaching_database():
        reparses.transact(engine, lambda connection: reparses.advance(connection, selection, transcript_id))


def _reread(engine: Engine, transcript_id: UUID, kind: FileKind) -> Reread:
    """Read one file again. Where it cannot be read, every row and state stays as it was."""
    with reaching_database(), engine.connect() as connection:
        stored_file = files.stored_file(connection, transcript_id, kind)
        provider = transcripts.provider(connection, transcript_id)
    if stored_file is None:
        return Reread(transcript_id, kind, Outcome.SKIPPED)
    reason, content = None, b""
    try:
        content = stored_file.unpack()
        done = _write(engine, transcript_id, kind, stored_file, read(transcript_id, kind, content, provider))
    except (DatabaseAway, OperatorError):
        raise
    except (Unreadable, Unstorable) as error:
        reason = str(error)
        done = _write(engine, transcript_id, kind, stored_file, None)
    except Exception as error:  # a fault of ours must cost this file its turn, not all that come after it
        log.exception("unexpected error", transcript_id=transcript_id, kind=kind)
        reason = f"unexpected {type(error).__name__}; the log has the details"
        done = _write(engine, transcript_id, kind, stored_file, None)
    return Reread(transcript_id, kind, done, len(content), reason)


def _write(
    engine: Engine, transcript_id: UUID, kind: FileKind, stored_file: StoredFile, write: Write | None
) -> Outcome:
    """Put what was read into the tables, unless it may not be; without `write` only say what that comes to."""

    def work(connection: Connection) -> Outcome:
        state = reparses.lock(connection, transcript_id, kind, stored_file.sha256)
        if state is None:
            return Outcome.SKIPPED
        if write is not None:
            write(connection)
        return outcome(state, is_read=write is not None)

    with reaching_database():
        return reparses.transact(engine, work)
