"""The shelf of provider parts: the provider's own file, one row for each message."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from syncd.core.document import write_document
from syncd.core.provider_file import ProviderPart
from syncd.db.copying import replace_rows
from syncd.db.recall_tables import provider_parts

_COLUMNS = ("position", "part_id", "created_at", "type", "source_audio", "data")


def replace(connection: Connection, transcript_id: UUID, parts: Sequence[ProviderPart]) -> None:
    """Put the parts in place of those that were there."""
    rows = (
        (position, part.part_id, part.created_at, part.type, _json(part.source_audio), _json(part.data))
        for position, part in enumerate(parts)
    )
    replace_rows(connection, provider_parts, transcript_id, _COLUMNS, rows)


def _json(value: object) -> str | None:
    return None if value is None else write_document(value)
