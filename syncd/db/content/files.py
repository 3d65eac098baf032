"""Rows of recall.payloads: the exact bytes of the finished files."""

import functools
import gzip
import hashlib
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from syncd.core.reading.document import Content, Unreadable
from syncd.core.transcript import FileKind
from syncd.db.tables.content import Payloads

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKING: Mapping[int, int] = {
    zstd.CompressionParameter.compression_level: 3,
    zstd.CompressionParameter.min_match: 7,
}
"""Of zstd. Times have digits of noise, and to repeat four or five that are alike by chance takes more space than to
write them: with matches of seven bytes and more, transcripts of the emulator take 24.3 bytes a word. Level 3 alone
takes 26.5 in more time, level 1 25.5 in three quarters of it, level 9 23.5 in seven times as much."""
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class CompressedFile:
    """A file ready to be stored. Compressing a large one takes seconds, so it is done before any row is locked."""

    compressed: bytes = field(repr=False)
    byte_count: int
    sha256: str
    """Hex digest of the exact bytes."""


def pack(content: Content) -> CompressedFile:
    """Compress a file and take its digest."""
    digest = hashlib.sha256(content).hexdigest()
    return CompressedFile(zstd.compress(content, options=PACKING), len(content), digest)


def unpack(compressed: bytes) -> bytes:
    """The exact bytes of a stored file; earlier versions stored gzip. Raises Unreadable where they are damaged."""
    try:
        return gzip.decompress(compressed) if compressed.startswith(_GZIP_MAGIC) else zstd.decompress(compressed)
    except (OSError, EOFError, zlib.error, zstd.ZstdError) as error:
        raise Unreadable(f"the stored bytes are damaged ({type(error).__name__})") from None


def store(
    connection: Connection,
    transcript_id: UUID,
    kind: FileKind,
    packed: CompressedFile,
    now: datetime,
    parser_version: int | None = None,
    is_altered: bool = False,
) -> None:
    """Store a file, byte for byte, downloaded at `now`; another version of it replaces it.

    `parser_version`: its rows are written in the same transaction; `is_altered`: with replaced characters.
    """
    values = {
        "transcript_id": transcript_id,
        "kind": str(kind),
        "sha256": packed.sha256,
        "byte_count": packed.byte_count,
        "content": packed.compressed,
        "downloaded_at": now,
        "parser_version": parser_version,
        "has_replaced_characters": is_altered,
    }
    connection.execute(_upsert(tuple(values)), values)


@functools.cache
def _upsert(names: tuple[str, ...]) -> Insert:
    upsert = insert(Payloads).values({name: bindparam(name) for name in names})
    replaced = {name: upsert.excluded[name] for name in names if name not in ("transcript_id", "kind")}
    return upsert.on_conflict_do_update(index_elements=["transcript_id", "kind"], set_=replaced)


def byte_count(connection: Connection, transcript_id: UUID, kind: FileKind) -> int:
    """How many bytes a stored file has."""
    count: int = connection.execute(select(Payloads.byte_count).where(_is(transcript_id, kind))).scalar_one()
    return count


def content(connection: Connection, transcript_id: UUID, kind: FileKind) -> bytes:
    """The exact bytes of a stored file."""
    return unpack(connection.execute(select(Payloads.content).where(_is(transcript_id, kind))).scalar_one())


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file."""

    compressed: bytes = field(repr=False)
    sha256: str

    def unpack(self) -> bytes:
        """The exact bytes. Raises Unreadable where the stored bytes are damaged."""
        return unpack(self.compressed)


def stored_file(connection: Connection, transcript_id: UUID, kind: FileKind) -> StoredFile | None:
    """A file and its digest; None where there is none any more."""
    statement = select(Payloads.content, Payloads.sha256).where(_is(transcript_id, kind))
    row = connection.execute(statement).one_or_none()
    return None if row is None else StoredFile(row.content, row.sha256)


def mark_read(
    connection: Connection, transcript_id: UUID, kind: FileKind, parser_version: int, is_altered: bool
) -> None:
    """Note which parser read the file into tables, and whether it had to replace characters."""
    statement = update(Payloads).where(_is(transcript_id, kind))
    connection.execute(statement.values(parser_version=parser_version, has_replaced_characters=is_altered))


def _is(transcript_id: UUID, kind: FileKind) -> ColumnElement[bool]:
    return (Payloads.transcript_id == transcript_id) & (Payloads.kind == str(kind))
