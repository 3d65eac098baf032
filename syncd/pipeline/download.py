"""Fetch the finished files through their fresh links and store them verbatim, before anything is read."""

from collections.abc import Callable, Mapping

from syncd.core.queue.lease import Lease
from syncd.core.queue.outcome import Verdict, after_downloading_failed, believes_unreadable
from syncd.core.reading.artifact import Links
from syncd.core.reading.document import Document, Unreadable, read_document
from syncd.core.reading.provider_file import read_provider_parts
from syncd.core.reading.transcript_file import read_payload
from syncd.core.transcript import ContentState, FileKind, Stage
from syncd.db.content import files, transcripts
from syncd.db.engine import Engine
from syncd.db.queue import leases
from syncd.errors import DownloadError, UnconfirmedFile
from syncd.log import get_logger
from syncd.recall.body import Body
from syncd.recall.store import FileStore

log = get_logger(__name__)


def download(
    engine: Engine, store: FileStore, lease: Lease, links: Links, claim: Callable[[], None]
) -> tuple[Lease, list[DownloadError]]:
    """Fetch and store every file that is still missing; one that fails does not hold up the other.

    `claim` is called before a large file is held in memory, and blocks while another one is.

    Answers the lease (at stage load where nothing failed) and the failures. Raises LeaseLost.
    """
    with engine.connect() as connection:
        states = transcripts.states(connection, lease.transcript_id)
    failures: list[DownloadError] = []
    for kind, link in _missing(states, links).items():
        try:
            body = _credible(store.download(link, claim), kind, lease)
        except DownloadError as error:
            failures.append(error)
            _fail(engine, lease, kind, error)
        else:
            _shelve(engine, lease, kind, body)
    if not failures:
        with engine.begin() as connection:
            lease = leases.advance(connection, lease, Verdict(Stage.LOAD))
    return lease, failures


def _missing(states: Mapping[FileKind, ContentState | None], links: Links) -> dict[FileKind, str]:
    offered = {FileKind.TRANSCRIPT: links.transcript, FileKind.PROVIDER_DATA: links.provider_data}
    open_states = (None, ContentState.PENDING)
    return {kind: link for kind, link in offered.items() if link and states[kind] in open_states}


def _credible(body: Body, kind: FileKind, lease: Lease) -> Body:
    """The file, if it can be read or has been proven to be unreadable. Raises UnconfirmedFile."""
    try:
        _READERS[kind](read_document(body.content))
    except Unreadable as error:
        if not believes_unreadable(body.sha256, body.is_proven_whole, lease):
            raise UnconfirmedFile(f"What was downloaded is suspicious: {error}.", body.sha256) from None
    return body


_READERS: Mapping[FileKind, Callable[[Document], object]] = {
    FileKind.TRANSCRIPT: read_payload,
    FileKind.PROVIDER_DATA: read_provider_parts,
}


def _shelve(engine: Engine, lease: Lease, kind: FileKind, body: Body) -> None:
    packed = files.pack(body.content)
    with engine.begin() as connection:
        leases.hold(connection, lease)
        files.store(connection, lease.transcript_id, kind, packed)
        transcripts.mark(connection, lease.transcript_id, kind, ContentState.STORED)
    log.info("shelved", transcript_id=lease.transcript_id, kind=kind, byte_count=len(body.content))


def _fail(engine: Engine, lease: Lease, kind: FileKind, error: DownloadError) -> None:
    state = after_downloading_failed(error, lease)
    if state is not None:
        with engine.begin() as connection:
            leases.hold(connection, lease)
            transcripts.mark(connection, lease.transcript_id, kind, state, str(error))
    log.warning("the download failed", transcript_id=lease.transcript_id, kind=kind, reason=str(error), end=state)
