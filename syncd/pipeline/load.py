"""Read stored bytes into tables. Costs no call, so a better parser can do it again; reparse.py does."""

from collections.abc import Callable, Mapping
from uuid import UUID

from syncd.core.queue.lease import Lease
from syncd.core.reading.document import Document, Unreadable, read_document
from syncd.core.reading.fingerprint import fingerprint
from syncd.core.reading.provider_file import read_provider_parts
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import PARSER_VERSION, read_payload
from syncd.core.reading.vendors import read_provider_words
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import files, passages, provider_parts, transcripts, utterances
from syncd.db.engine import Connection, Engine
from syncd.db.queue import leases
from syncd.errors import Unstorable
from syncd.log import get_logger
from syncd.recall.body import LARGE_BYTES

log = get_logger(__name__)

Write = Callable[[Connection], None]
"""Puts what was read into the tables."""


def load(engine: Engine, lease: Lease, claim: Callable[[], None]) -> None:
    """Load every file of the transcript that is stored_file and not read yet. Raises LeaseLost.

    `claim` is called before a large file is held in memory, and blocks while another one is.
    """
    with engine.connect() as connection:
        states = transcripts.states(connection, lease.transcript_id)
        provider = transcripts.provider(connection, lease.transcript_id)
    for kind, state in states.items():
        if state == ContentState.STORED:
            _load_file(engine, lease, kind, provider, claim)


def _load_file(engine: Engine, lease: Lease, kind: FileKind, provider: str | None, claim: Callable[[], None]) -> None:
    with engine.connect() as connection:
        size = files.byte_count(connection, lease.transcript_id, kind)
    if size > LARGE_BYTES:
        claim()
    with engine.connect() as connection:
        content = files.content(connection, lease.transcript_id, kind)
    try:
        write = _read_or_refuse(lease.transcript_id, kind, content, provider)
        with engine.begin() as connection:
            leases.hold(connection, lease)
            write(connection)
    except (Unreadable, Unstorable) as error:
        reason = str(error)
        with engine.begin() as connection:
            leases.hold(connection, lease)
            transcripts.mark(connection, lease.transcript_id, kind, ContentState.UNREADABLE, reason)
        log.warning("unreadable", transcript_id=lease.transcript_id, kind=kind, reason=reason)
    else:
        log.info("loaded", transcript_id=lease.transcript_id, kind=kind)


def _read_or_refuse(transcript_id: UUID, kind: FileKind, content: bytes, provider: str | None) -> Write:
    """Our own fault ends a file as unreadable: the bytes stay, and a better parser may read them."""
    try:
        return read(transcript_id, kind, content, provider)
    except (Unreadable, MemoryError):
        raise
    except Exception as fault:
        log.exception("unexpected error", transcript_id=transcript_id, kind=kind)
        raise Unreadable(f"an unexpected {type(fault).__name__} while reading it, a fault of syncd") from None


def read(transcript_id: UUID, kind: FileKind, content: bytes, provider: str | None) -> Write:
    """Read the bytes of a file; answers what puts them into the tables. Raises Unreadable.

    Reading a large one takes long, so it is done before any row is locked. What it answers raises Unstorable; the
    transaction can then only be rolled back.
    """
    document = read_document(content)
    write = _READERS[kind](transcript_id, document, provider)

    def write_all(connection: Connection) -> None:
        write(connection)
        files.mark_read(connection, transcript_id, kind, PARSER_VERSION, document.is_altered)

    return write_all


def _read_transcript(transcript_id: UUID, document: Document, _provider: str | None) -> Write:
    payload = read_payload(document)
    talk, content_sha256 = reckon(payload), fingerprint(payload)

    def write(connection: Connection) -> None:
        utterances.replace(connection, transcript_id, payload, talk)
        passages.replace(connection, transcript_id)
        transcripts.loaded(connection, transcript_id, payload, talk, content_sha256)

    return write


def _read_provider_data(transcript_id: UUID, document: Document, provider: str | None) -> Write:
    parts = read_provider_parts(document)
    heard = read_provider_words(provider, parts)

    def write(connection: Connection) -> None:
        provider_parts.replace(connection, transcript_id, parts, heard)
        state = ContentState.LOADED if parts else ContentState.EMPTY
        transcripts.mark(connection, transcript_id, FileKind.PROVIDER_DATA, state)

    return write


_READERS: Mapping[FileKind, Callable[[UUID, Document, str | None], Write]] = {
    FileKind.TRANSCRIPT: _read_transcript,
    FileKind.PROVIDER_DATA: _read_provider_data,
}
