"""Erases transcripts, by the same function that is called in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from syncd.core.admin.erasure import SelectedBy

_ERASE = text(
    "select transcript_id, workspace, row_count, word_count, byte_count, digests"
    " from recall.erase_transcripts(cast(:ids as uuid[]), :reason, :selected_by)"
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One transcript that was erased; a row of recall.erasures."""

    transcript_id: UUID
    workspace: str
    row_count: int
    """0: it was not known, and cannot be tracked from now on."""
    word_count: int
    byte_count: int
    """Of its files, as downloaded."""
    digests: dict[str, str]
    """Hex SHA-256 of each file, by its kind."""


def erase(connection: Connection, ids: Sequence[UUID], by: SelectedBy, reason: str | None) -> list[Receipt]:
    """Erase these with all their rows; the last statement of its transaction, for it writes events."""
    rows = connection.execute(_ERASE, {"ids": list(ids), "reason": reason, "selected_by": str(by)})
    return [Receipt(*row) for row in rows]
