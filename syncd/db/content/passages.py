"""Rows of recall.passages: what recall.search() searches, made from the utterances that are in the tables."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, delete, text

from syncd.core.reading.passage import MOST_CHARACTERS, passages_of
from syncd.db.tables.recall import Passages

_SQL = Path(__file__).parent / "sql"
_SHORT = text((_SQL / "short_passages.sql").read_text(encoding="utf-8"))
_LONG = text((_SQL / "long_utterances.sql").read_text(encoding="utf-8"))
_INSERT = text((_SQL / "insert_passage.sql").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class _LongUtterance:
    position: int
    words: list[str | None]
    parser_version: int | None
    search_config: str


def replace_passages(connection: Connection, transcript_id: UUID) -> None:
    """Index the transcript's utterances in place of what was indexed of it. No text is too long or too strange."""
    chosen = {"transcript_id": transcript_id, "most_characters": MOST_CHARACTERS}
    connection.execute(delete(Passages).where(Passages.transcript_id == transcript_id))
    connection.execute(_SHORT, chosen)
    for utterance in [_LongUtterance(**row._mapping) for row in connection.execute(_LONG, chosen)]:
        rows = [
            {
                "transcript_id": transcript_id,
                "position": utterance.position,
                "passage": number,
                "first_word": passage.first_word,
                "last_word": passage.last_word,
                "first_character": passage.first_character,
                "content": passage.text,
                "search_config": utterance.search_config,
                "parser_version": utterance.parser_version,
            }
            for number, passage in enumerate(passages_of(utterance.words))
        ]
        connection.execute(_INSERT, rows)
