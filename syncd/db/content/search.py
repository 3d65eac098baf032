"""What recall.search() needs beside the utterances: their configurations, and passages of those that are too long."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from syncd.core.reading.passage import MOST_CHARACTERS, passages_of
from syncd.core.reading.payload import Payload
from syncd.core.reading.transcript_file import PARSER_VERSION

_SQL = Path(__file__).parent / "sql"
_CHOOSE = text((_SQL / "choose_search_configs.sql").read_text(encoding="utf-8"))
_NOTE = text((_SQL / "note_search_configs.sql").read_text(encoding="utf-8"))
_INSERT = text((_SQL / "insert_passage.sql").read_text(encoding="utf-8"))


class ChosenConfigs(NamedTuple):
    """The configuration for utterances of each language code, None for those without."""

    by_code: Mapping[str | None, str]
    new: Sequence[str]
    """Those that are not noted as being in use, in order."""


def choose_configs(
    connection: Connection, transcript_id: UUID, language_codes: Collection[str | None]
) -> ChosenConfigs:
    """The configurations for these language codes of a transcript."""
    chosen = {"transcript_id": transcript_id, "language_codes": list(language_codes)}
    rows = connection.execute(_CHOOSE, chosen).all()
    new = sorted({row.search_config for row in rows if not row.is_noted})
    return ChosenConfigs({row.language_code: row.search_config for row in rows}, new)


def note_configs(connection: Connection, search_configs: Sequence[str]) -> None:
    """Note that utterances have these, in order. One that no utterance has is not noted: every search reads all.

    Others that note the same wait until the transaction ends, so this comes after the rows.
    """
    if search_configs:
        connection.execute(_NOTE, {"search_configs": list(search_configs)})


def insert_passages(
    connection: Connection, transcript_id: UUID, payload: Payload, configs: Mapping[str | None, str]
) -> None:
    """Index the utterances that are too long for one search vector. No text is too long or too strange."""
    for position, said in enumerate(payload.utterances):
        if len(said.text) <= MOST_CHARACTERS:
            continue
        rows = [
            {
                "transcript_id": transcript_id,
                "position": position,
                "passage": number,
                "first_word": passage.first_word,
                "last_word": passage.last_word,
                "first_character": passage.first_character,
                "content": passage.text,
                "search_config": configs[said.language_code],
                "parser_version": PARSER_VERSION,
            }
            for number, passage in enumerate(passages_of(said.texts))
        ]
        connection.execute(_INSERT, rows)
