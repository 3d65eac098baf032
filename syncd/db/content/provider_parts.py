"""Rows of recall.provider_parts: the provider's own file, one row for each message, and the words each one says."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from syncd.core.reading.document import write_document
from syncd.core.reading.provider_file import ProviderPart
from syncd.core.reading.transcript_file import PARSER_VERSION
from syncd.core.reading.vendors import Heard
from syncd.db.content.copying import replace_rows
from syncd.db.tables.recall import ProviderParts

_PART = ("position", "part_id", "created_at", "type", "source_audio", "data")
_WORDS = ("words", "word_starts_s", "word_ends_s", "word_confidences", "word_speakers", "word_finals")
_COLUMNS = (*_PART, *_WORDS, "note", "parser_version")


def replace_parts(
    connection: Connection, transcript_id: UUID, parts: Sequence[ProviderPart], heard: Sequence[Heard]
) -> None:
    """Put the parts, and what was heard in each, in place of those that were there."""
    rows = (
        (position, *_part(part), *_words(said), said.note, PARSER_VERSION)
        for position, (part, said) in enumerate(zip(parts, heard, strict=True))
    )
    replace_rows(connection, ProviderParts, transcript_id, _COLUMNS, rows)


def _part(part: ProviderPart) -> tuple[object, ...]:
    return part.part_id, part.created_at, part.type, _json(part.source_audio), _json(part.data)


def _words(said: Heard) -> tuple[object, ...]:
    """Parallel arrays; none at all where there are no words."""
    if not said.words:
        return (None,) * len(_WORDS)
    return (
        [word.text for word in said.words],
        [word.start_s for word in said.words],
        [word.end_s for word in said.words],
        [word.confidence for word in said.words],
        [word.speaker for word in said.words],
        [word.is_final for word in said.words],
    )


def _json(value: object) -> str | None:
    return None if value is None else write_document(value)
