"""Read the shelved bytes into tables. Costs no call, so a better parser can do it again from the shelf."""

from collections.abc import Callable, Mapping
from uuid import UUID

from syncd.core.document import Document, Unreadable, read_document
from syncd.core.lease import Lease
from syncd.core.payload import PARSER_VERSION, read_payload
from syncd.core.provider_file import read_provider_parts
from syncd.core.transcript import PayloadKind, PayloadState
from syncd.db import payloads, provider_parts, queue, transcripts, utterances
from syncd.db.engine import Connection, Engine
from syncd.errors import Unstorable
from syncd.log import get_logger
from syncd.recall.body import LARGE_BYTES

log = get_logger(__name__)

Write = Callable[[Connection], None]
"""Puts what was read into the tables."""


def load(engine: Engine, lease: Lease, claim: Callable[[], None]) -> None:
    """Load every file of the transcript that is shelved and not read yet. Raises LeaseLost.

    `claim` is called before a large file is held in memory, and blocks while another one is.
    """
    with engine.connect() as connection:
        states = transcripts.states(connection, lease.transcript_id)
    for kind, state in states.items():
        if state == PayloadState.SHELVED:
            _load_file(engine, lease, kind, claim)


def _load_file(engine: Engine, lease: Lease, kind: PayloadKind, claim: Callable[[], None]) -> None:
    with engine.connect() as connection:
        size = payloads.byte_count(connection, lease.transcript_id, kind)
    if size > LARGE_BYTES:
        claim()
    with engine.connect() as connection:
        content = payloads.content(connection, lease.transcript_id, kind)
    try:
        document = read_document(content)
        write = _READERS[kind](lease.transcript_id, document)
        with engine.begin() as connection:
            queue.hold(connection, lease)
            write(connection)
            payloads.mark_read(connection, lease.transcript_id, kind, PARSER_VERSION, document.is_altered)
    except (Unreadable, Unstorable) as error:
        reason = str(error)
        with engine.begin() as connection:
            queue.hold(connection, lease)
            transcripts.mark(connection, lease.transcript_id, kind, PayloadState.UNREADABLE, reason)
        log.warning("unreadable", transcript_id=lease.transcript_id, kind=kind, reason=reason)
    else:
        log.info("loaded", transcript_id=lease.transcript_id, kind=kind)


def _read_transcript(transcript_id: UUID, document: Document) -> Write:
    payload = read_payload(document)

    def write(connection: Connection) -> None:
        utterances.replace(connection, transcript_id, payload)
        transcripts.loaded(connection, transcript_id, payload)

    return write


def _read_provider_data(transcript_id: UUID, document: Document) -> Write:
    parts = read_provider_parts(document)

    def write(connection: Connection) -> None:
        provider_parts.replace(connection, transcript_id, parts)
        state = PayloadState.LOADED if parts else PayloadState.EMPTY
        transcripts.mark(connection, transcript_id, PayloadKind.PROVIDER_DATA, state)

    return write


_READERS: Mapping[PayloadKind, Callable[[UUID, Document], Write]] = {
    PayloadKind.TRANSCRIPT: _read_transcript,
    PayloadKind.PROVIDER_DATA: _read_provider_data,
}
