"""Fetch the finished files through their fresh links, read each once, and write its bytes and rows.

Both are written in one transaction: the bytes are never without their rows for longer than it takes, nor the rows
without the bytes. Where that might fail, the bytes are written first and by themselves: a large file, whose rows
take long, and a row that something went wrong with before. So no fault in the rows costs a second download.
"""

import contextlib
from collections.abc import Mapping

from syncd.core.queue.files import Downloaded, DownloadFailed, is_confirmed_unreadable
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.reading.artifact import Links
from syncd.core.transcript import ContentState, FileKind
from syncd.db.content import files
from syncd.db.content.files import CompressedFile
from syncd.errors import DatabaseBusy, DatabaseFault, DownloadError, StorePaused, UnconfirmedFile, Unstorable
from syncd.pipeline.context import Context
from syncd.pipeline.load import ReadFile, load, load_stored, read_file, store_and_load
from syncd.recall.body import Body

_OF_ROWS = (DatabaseFault, DatabaseBusy)
"""What may concern the rows of a file and not its bytes: a trigger on their table, or a lock that somebody keeps."""


def download_and_load(context: Context, lease: Lease, links: Links) -> tuple[Lease, list[DownloadError]]:
    """Fetch, store and load every file that is still missing; one that fails does not hold up the other.

    Answers the lease after it, and the failures. Raises LeaseLost.
    """
    if lease.store is StoreHealth.PAUSED and not lease.is_settled:
        return lease, [StorePaused()]
    failures: list[DownloadError] = []
    for kind, link in _missing(lease, links).items():
        try:
            lease = _fetch(context, lease, kind, link)
        except DownloadError as error:
            lease = context.settle(lease, DownloadFailed(kind, error, tuple(failures)))
            failures.append(error)
    return load_stored(context, lease), failures


def _fetch(context: Context, lease: Lease, kind: FileKind, link: str) -> Lease:
    """One file; nothing of it is held in memory afterwards. Raises DownloadError and LeaseLost."""
    body = context.store.download(link, context.ask_for_memory)
    with context.reading:
        return _load(context, lease, kind, body)


def _load(context: Context, lease: Lease, kind: FileKind, body: Body) -> Lease:
    file = _read(lease, kind, body)
    packed = files.pack(body.content)
    is_in_trouble = lease.attempts or lease.expired_lease_count or ContentState.STORED in lease.known.files.values()
    if not body.is_large and not is_in_trouble:
        with contextlib.suppress(Unstorable, *_OF_ROWS):
            return store_and_load(context, lease, kind, packed, file)
    lease = _store(context, lease, kind, packed)
    with contextlib.suppress(*_OF_ROWS):  # load_stored meets it again, with the bytes of the other file stored, too
        return load(context, lease, kind, file)
    return lease


def _missing(lease: Lease, links: Links) -> Mapping[FileKind, str]:
    offered = {FileKind.TRANSCRIPT: links.transcript, FileKind.PROVIDER_DATA: links.provider_data}
    if lease.is_settled:
        return {}
    is_open = {kind: state in (None, ContentState.PENDING) for kind, state in lease.known.files.items()}
    return {kind: link for kind, link in offered.items() if link and is_open[kind]}


def _read(lease: Lease, kind: FileKind, body: Body) -> ReadFile:
    """The file, if it can be read or has been proven to be unreadable. Raises DownloadError."""
    file = read_file(lease.transcript_id, kind, body.content, lease.known.provider)
    is_in_doubt = file.reason is not None and not file.is_fault
    if is_in_doubt and not is_confirmed_unreadable(body.sha256, body.is_proven_whole, lease):
        raise UnconfirmedFile(f"What was downloaded is suspicious: {file.reason}.", body.sha256)
    return file


def _store(context: Context, lease: Lease, kind: FileKind, packed: CompressedFile) -> Lease:
    """The exact bytes, by themselves."""
    now = context.clock.now(lease.claimed_at)
    return context.settle(
        lease, Downloaded(kind), lambda connection: files.store(connection, lease.transcript_id, kind, packed, now)
    )
