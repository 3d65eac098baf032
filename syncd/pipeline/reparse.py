"""Read stored files into tables again, without a call: after a better parser came, or where rows were lost.

It may run beside daemons. Each file is read first and written in one short transaction that checks once more whether
it may be; how far it has come is kept, so that it goes on there after a stop or a crash.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from syncd.core.admin.reparse import Reread, RereadResult, Selection, result_of
from syncd.core.queue.events import events_between
from syncd.core.queue.lease import Known
from syncd.core.queue.outcome import FileState
from syncd.core.reading.document import Unreadable
from syncd.core.reading.transcript_file import PARSER_VERSION
from syncd.core.transcript import ContentState, FileKind
from syncd.db.admin import reparses
from syncd.db.admin.reparses import Progress
from syncd.db.content import events, files, transcripts
from syncd.db.content.files import StoredFile
from syncd.db.engine import Connection, Engine, database_now, reaching_database, transact
from syncd.errors import DatabaseAway, DatabaseFault, OperatorError, Unstorable
from syncd.log import get_logger
from syncd.pipeline.load import ReadFile, WriteRows, read_file

ROWS_AT_ONCE = 200

log = get_logger(__name__)

Tell = Callable[[UUID, list[Reread]], None]
"""Called for each transcript that was read, with its files."""


def begin(engine: Engine, selection: Selection, *, is_afresh: bool) -> tuple[Progress, int]:
    """Where a reparse goes on, and how many transcripts are left. Raises DatabaseAway."""
    with reaching_database(), engine.begin() as connection:
        progress = reparses.begin(connection, selection, PARSER_VERSION, is_afresh=is_afresh)
        return progress, reparses.count_left(connection, selection, progress.last_transcript_id)


def reparse(engine: Engine, selection: Selection, progress: Progress, stop: threading.Event, tell: Tell) -> bool:
    """Read every file of a selection again from where it stands; whether all are through. Raises DatabaseAway.

    Stops after the current transcript once `stop` is set.
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
        return reparses.page(connection, selection, after, ROWS_AT_ONCE)


def _reread_settings(engine: Engine, transcript_id: UUID) -> None:
    """What the artifact says about the transcription; before the files, for they are read by its language."""
    try:
        with reaching_database():
            transact(engine, lambda connection: transcripts.reread_options(connection, transcript_id))
    except DatabaseFault as error:
        log.warning("its settings could not be read again", transcript_id=transcript_id, reason=str(error))
    except (DatabaseAway, OperatorError):
        raise
    except Exception:  # a fault of ours must not stop every run at the same transcript
        log.exception("its settings could not be read again", transcript_id=transcript_id)


def _advance(engine: Engine, selection: Selection, transcript_id: UUID) -> None:
    with reaching_database():
        transact(engine, lambda connection: reparses.advance(connection, selection, transcript_id))


def _reread(engine: Engine, transcript_id: UUID, kind: FileKind) -> Reread:
    """Read one file again. Where it cannot be read, every row and state stays as it was."""
    with reaching_database(), engine.connect() as connection:
        stored = files.stored_file(connection, transcript_id, kind)
        known = transcripts.known(connection, [transcript_id]).get(transcript_id)
    if stored is None or known is None:
        return Reread(transcript_id, kind, RereadResult.SKIPPED)
    reason, content = None, b""
    try:
        content = stored.unpack()
        file = read_file(transcript_id, kind, content, known.provider)
        reason = file.reason
        done = _write(engine, transcript_id, kind, stored, file, _former_sha256(file, known))
    except (Unreadable, Unstorable, DatabaseFault) as error:  # the last may be about this file alone
        reason = str(error)
        done = _write(engine, transcript_id, kind, stored, ReadFile(reason=reason))
    except (DatabaseAway, OperatorError):
        raise
    except Exception as error:  # a fault of ours must cost this file its turn, not all that come after it
        log.exception("unexpected error", transcript_id=transcript_id, kind=kind)
        reason = f"unexpected {type(error).__name__}; the log has the details"
        done = _write(engine, transcript_id, kind, stored, ReadFile(reason=reason))
    return Reread(transcript_id, kind, done, len(content), reason)


def _former_sha256(file: ReadFile, known: Known) -> str | None:
    """The digest that an earlier version would have taken, where it may be the stored one.

    A large file takes a while, so this is done before any row is locked.
    """
    is_same = known.content.content_sha256 in (None, file.content_sha256)
    return None if is_same or file.former_sha256 is None else file.former_sha256()


def _write(
    engine: Engine,
    transcript_id: UUID,
    kind: FileKind,
    stored: StoredFile,
    file: ReadFile,
    former_sha256: str | None = None,
) -> RereadResult:
    """Put what was read into the tables, unless it may not be; where nothing was read only say what that comes to."""

    def work(connection: Connection) -> RereadResult:
        before = reparses.lock(connection, transcript_id, kind, stored.sha256)
        if before is None:
            return RereadResult.SKIPPED
        if file.write is not None:
            if former_sha256 is not None and before.content.content_sha256 == former_sha256:  # no change
                before = replace(before, content=before.content._replace(content_sha256=file.content_sha256))
            _write_rows(connection, transcript_id, kind, file, file.write, before)
        return result_of(before.files[kind] or ContentState.PENDING, is_read=file.write is not None)

    with reaching_database():
        return transact(engine, work)


def _write_rows(
    connection: Connection, transcript_id: UUID, kind: FileKind, file: ReadFile, write: WriteRows, before: Known
) -> None:
    write(connection, database_now(connection))
    files.mark_read(connection, transcript_id, kind, PARSER_VERSION, file.is_altered)
    state = ContentState.EMPTY if file.is_empty else ContentState.LOADED
    transcripts.set_files(connection, transcript_id, {kind: FileState(state, file.note)})
    after = transcripts.known(connection, [transcript_id])[transcript_id]
    events.write(connection, transcript_id, events_between(before, after))
