"""Read the exact bytes of a file, once, and write what they say into tables. Costs no call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from syncd.core.queue.files import Loaded, Unreadable
from syncd.core.queue.lease import Lease
from syncd.core.reading import document as reading
from syncd.core.reading.document import Content
from syncd.core.reading.fingerprint import fingerprint, former_fingerprint
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import PARSER_VERSION, read_transcript_file
from syncd.core.reading.vendors import read_provider_content
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import files, provider_parts, transcripts, utterances
from syncd.db.content.files import CompressedFile
from syncd.db.engine import Connection
from syncd.errors import Unstorable
from syncd.log import get_logger
from syncd.pipeline.context import Context
from syncd.recall.body import LARGE_BYTES

log = get_logger(__name__)

WriteRows = Callable[[Connection, datetime], None]
"""Puts what was read into the tables, loaded at the given time."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file after it was read: its rows, or why there are none."""

    write: WriteRows | None = None
    is_empty: bool = False
    word_count: int | None = None
    """Words of a transcript file."""
    is_altered: bool = False
    """Whether characters or numbers were replaced so that Postgres can hold them."""
    content_sha256: str | None = None
    """The digest of a transcript file's content."""
    former_sha256: Callable[[], str] | None = None
    """The digest that an earlier version would have taken of the same content."""
    note: str | None = None
    """What was not read of it, in words; None: all was."""
    reason: str | None = None
    """Why it cannot be read; None: it can."""
    is_fault: bool = False
    """It cannot be read by a fault of ours: the bytes are what they should be, and a better parser may read them."""


def load_stored(context: Context, lease: Lease) -> Lease:
    """Load every file that an earlier run stored and did not load. Raises LeaseLost."""
    for kind, state in lease.known.files.items():
        if state == ContentState.STORED and not lease.is_settled:
            lease = load(context, lease, kind, _read_stored(context, lease, kind))
    return lease


def _read_stored(context: Context, lease: Lease, kind: FileKind) -> ReadFile:
    try:
        content = _stored_content(context, lease.transcript_id, kind)
    except reading.Unreadable as error:
        return ReadFile(reason=str(error))
    return read_file(lease.transcript_id, kind, content, lease.known.provider)


def _stored_content(context: Context, transcript_id: UUID, kind: FileKind) -> bytes:
    with context.engine.connect() as connection:
        size = files.byte_count(connection, transcript_id, kind)
    if size > LARGE_BYTES:
        context.wait_for_memory()
    with context.engine.connect() as connection:
        return files.content(connection, transcript_id, kind)


def store_and_load(context: Context, lease: Lease, kind: FileKind, packed: CompressedFile, file: ReadFile) -> Lease:
    """Write the exact bytes of a file and its rows, in one transaction. Raises LeaseLost.

    Raises Unstorable where Postgres cannot hold the rows; then nothing is written.
    """
    write, now = file.write, context.clock.now(lease.claimed_at)
    if write is None:
        raise Unstorable(file.reason or "it cannot be read")

    def both(connection: Connection) -> None:
        files.store(connection, lease.transcript_id, kind, packed, now, PARSER_VERSION, file.is_altered)
        write(connection, now)

    return context.settle(lease, Loaded(kind, file.is_empty, file.word_count, file.note), both)


def load(context: Context, lease: Lease, kind: FileKind, file: ReadFile) -> Lease:
    """Write the rows of a stored file, with its state, in one transaction. Raises LeaseLost."""
    write, now = file.write, context.clock.now(lease.claimed_at)
    if write is None:
        return context.settle(lease, Unreadable(kind, file.reason or "it cannot be read"))

    def rows(connection: Connection) -> None:
        write(connection, now)
        files.mark_read(connection, lease.transcript_id, kind, PARSER_VERSION, file.is_altered)

    try:
        return context.settle(lease, Loaded(kind, file.is_empty, file.word_count, file.note), rows)
    except Unstorable as error:
        return context.settle(lease, Unreadable(kind, str(error)))


def read_file(transcript_id: UUID, kind: FileKind, content: Content, provider: str | None) -> ReadFile:
    """Read the bytes of a file. A large one takes seconds, so this is done before any row is locked.

    A fault of ours ends a file as unreadable, and not the daemon: the bytes stay.
    """
    try:
        return _READERS[kind](transcript_id, content, provider)
    except reading.Unreadable as error:
        return ReadFile(reason=str(error))
    except MemoryError:
        raise
    except Exception as fault:
        log.exception("unexpected error", transcript_id=transcript_id, kind=kind)
        reason = f"an unexpected {type(fault).__name__} while reading it, a fault of syncd"
        return ReadFile(reason=reason, is_fault=True)


def _read_transcript(transcript_id: UUID, content: Content, _provider: str | None) -> ReadFile:
    payload, is_altered = read_transcript_file(content)
    talk, content_sha256 = reckon(payload), fingerprint(payload)

    def write(connection: Connection, now: datetime) -> None:
        utterances.replace_utterances(connection, transcript_id, payload, talk)
        transcripts.loaded(connection, transcript_id, payload, talk, content_sha256, now)

    former = partial(former_fingerprint, payload)
    note = payload.lost and f"some of its text may be missing: {payload.lost}"
    return ReadFile(write, not payload.has_text, payload.word_count, is_altered, content_sha256, former, note)


def _read_provider_data(transcript_id: UUID, content: Content, provider: str | None) -> ReadFile:
    parts, heard, is_altered = read_provider_content(content, provider)

    def write(connection: Connection, now: datetime) -> None:
        provider_parts.replace_parts(connection, transcript_id, parts, heard)

    return ReadFile(write, not parts, is_altered=is_altered)


_READERS: Mapping[FileKind, Callable[[UUID, Content, str | None], ReadFile]] = {
    FileKind.TRANSCRIPT: _read_transcript,
    FileKind.PROVIDER_DATA: _read_provider_data,
}
