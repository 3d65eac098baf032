"""The provider's own words as rows: what goes in, what recall.provider_words shows, and what a lookup reads."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec.structs
import pytest
from sqlalchemy import insert

from syncd.core.reading.document import write_document
from syncd.core.reading.provider_file import ProviderPart
from syncd.core.reading.transcript_file import PARSER_VERSION
from syncd.core.reading.vendors import Heard, HeardWord, read_provider_words
from syncd.db.content import provider_parts
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.tables.recall import Transcripts

ADA = {"type": "separate", "offset": 0.5, "participant": {"id": 100, "name": "Ada"}}
MIXED = {"type": "mixed", "offset": 0, "participant": None}
SETTING = "default_toast_compression"
WORD = HeardWord("Hi,", 0.5, 1.25, 0.75, "A", False)
ODD = HeardWord('"a\\b"\t{NULL}, ü', None, None, None, None, True)


@pytest.fixture
def transcript_id(connection: Connection) -> UUID:
    """A transcript of a provider."""
    id_ = uuid4()
    values = {"transcript_id": id_, "workspace": "default", "provider": "rev_async"}
    connection.execute(insert(Transcripts).values(values | {"first_seen_at": database_now(connection)}))
    return id_


def rows(connection: Connection, query: str, *arguments: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(query, arguments)]


def part(source: Any = MIXED, data: Any = None) -> ProviderPart:
    return ProviderPart("p", None, "webhook", source, data)


def heard_as(*words: HeardWord) -> Heard:
    columns: Any = zip(*map(msgspec.structs.astuple, words), strict=True)
    return Heard(*columns)


def test_every_word_is_a_row_in_its_place(connection: Connection, transcript_id: UUID) -> None:
    heard = [Heard(note="nothing to see"), heard_as(WORD, ODD), heard_as(ODD)]
    provider_parts.replace_parts(connection, transcript_id, [part(), part(ADA), part("odd")], heard)
    found = rows(connection, "select * from recall.provider_words order by part, position")
    assert found == [
        (transcript_id, "rev_async", 1, 0, "Hi,", 0.5, 1.25, 0.75, "A", False, "Ada"),
        (transcript_id, "rev_async", 1, 1, ODD.text, None, None, None, None, True, "Ada"),
        (transcript_id, "rev_async", 2, 0, ODD.text, None, None, None, None, True, None),
    ]


def test_a_part_without_words_says_why_and_every_part_by_which_parser(
    connection: Connection, transcript_id: UUID
) -> None:
    provider_parts.replace_parts(connection, transcript_id, [part(), part()], [Heard(note="odd"), heard_as(WORD)])
    query = "select position, words, word_finals, note, parser_version from recall.provider_parts order by position"
    assert rows(connection, query) == [
        (0, None, None, "odd", PARSER_VERSION),
        (1, ["Hi,"], [False], None, PARSER_VERSION),
    ]


def test_parts_loaded_again_take_the_place_of_those_before(connection: Connection, transcript_id: UUID) -> None:
    for count in (3, 1):
        provider_parts.replace_parts(connection, transcript_id, [part()] * count, [heard_as(WORD)] * count)
    assert rows(connection, "select count(*) from recall.provider_words") == [(1,)]


def test_messages_are_packed_with_lz4_where_the_server_has_it(engine: Engine, transcript_id: UUID) -> None:
    long = part(data={"transcript": "again and again " * 1000})
    with engine.begin() as connection:  # for which alone the method is chosen
        provider_parts.replace_parts(connection, transcript_id, [long], [Heard()])
        [(has_lz4,)] = rows(connection, "select 'lz4' = any (enumvals) from pg_settings where name = %s", SETTING)
        query = "select pg_column_compression(data), current_setting(%s) from recall.provider_parts"
        method = "lz4" if has_lz4 else "pglz"
        assert rows(connection, query, SETTING) == [(method, method)]


def test_what_is_read_can_be_stored(connection: Connection, transcript_id: UUID) -> None:
    """Text inside of text may hold what Postgres refuses; numbers may be of any size."""
    inner = '{"monologues":[{"speaker":99,"elements":[{"type":"text","value":"a\\u0000\\ud800b","ts":1e999}]}]}'
    parts = [part(data={"body": inner}), part({"offset": 10**400}, {"body": inner})]
    heard = read_provider_words("rev_async", parts)
    provider_parts.replace_parts(connection, transcript_id, [part(), part()], heard)
    found = rows(connection, "select text, start_s, speaker_label from recall.provider_words")
    assert found == [("a\ufffd\ufffdb", None, "99")] * 2


_MANY = """
    insert into recall.transcripts (transcript_id, workspace, provider, first_seen_at)
    select md5('t' || n)::uuid, 'default', 'rev_async', now() from generate_series(1, 3000) as n
"""
_PARTS = """
    insert into recall.provider_parts (
        transcript_id, position, words, word_starts_s, word_ends_s, word_confidences, word_speakers, word_finals
    )
    select md5('t' || n)::uuid, position, '{a,b}', '{0,1}', '{1,2}', '{0.5,0.5}', '{A,A}', '{t,f}'
    from generate_series(1, 3000) as n, generate_series(0, 4) as position
"""


@pytest.fixture
def crowded(engine: Engine) -> Iterator[Connection]:
    """3,000 transcripts of five messages each."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (_MANY, _PARTS, "analyze recall.transcripts, recall.provider_parts"):
            connection.exec_driver_sql(statement)
        yield connection


@pytest.mark.parametrize("more", ["", "and is_final", "and part = 3", "and text = 'a' and confidence < 0.9"])
def test_the_words_of_one_transcript_are_found_by_its_key(crowded: Connection, more: str) -> None:
    query = f"select * from recall.provider_words where transcript_id = md5('t1700')::uuid {more}"
    [(plan,)] = rows(crowded, f"explain (format json) {query}")
    shown = write_document(plan)
    assert "Seq Scan" not in shown
    assert {"provider_parts_pkey", "transcripts_pkey"} <= set(shown.split('"'))
    assert 0 < len(rows(crowded, query)) <= 10
