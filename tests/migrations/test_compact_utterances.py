"""Revisions 0005 and 0007 store utterances in less space, and 0004 gets every value back."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from syncd.db.admin import others, schema
from syncd.db.engine import Connection, Engine, make_engine, psycopg_connection
from syncd.errors import ConfigError, DatabaseBusy

BEFORE, AFTER = "0004", schema.head_revision()
TRANSCRIPT = "00000000-0000-0000-0000-000000000001"
LONG: list[str | None] = ["budget" + "x" * 90] * 70
Times = list[float | None]
UTTERANCES: tuple[tuple[list[str | None], Times, Times], ...] = (
    (["We", "moved", "on."], [1.5, 1.916667, 2.0], [1.8, 1.95, 2.25]),
    (["one", "caption", "phrase"], [3.0, 4.0, 5.0], [None, None, None]),
    (["nobody", "knows", "when"], [None, None, None], [None, None, None]),
    (["a phrase with", "spaces", " around "], [6.0, 6.1, 6.2], [6.05, 6.15, None]),
    (["finer", "than"], [7.0000001, 7.1], [7.05, 7.15]),
    (["thirds"], [1 / 3], [2 / 3]),
    (LONG, [8.0 + number / 8 for number in range(70)], [8.1 + number / 8 for number in range(70)]),
    ([None, "null", None], [90.0, 90.1, 90.2], [90.1, 90.2, 90.3]),
    ([None], [None], [91.5]),
    ([""], [92.0], [92.5]),
    ([], [], []),
    (["before", "the", "start"], [-2.5, -0.000001, 0.0], [-2.25, 0.25, 0.5]),
    (["an", "hour", "later"], [100.0, 3700.25, 3701.0], [100.5, 3700.5, 3702.0]),
    (["beyond", "every", "recording"], [5e9, 5e9, 5e9], [6e9, 6e9, 6e9]),
    (["back", "to"], [200.0, 150.000001], [200.25, 150.5]),
    (["microseconds", "nanoseconds"], [1e13, 1.7e18], [1e20, None]),
    (["anything"], [-1e308], [1e308]),
)
INSERT_UTTERANCE = """
    insert into recall.utterances (
        transcript_id, position, participant_position, participant_id, speaker, start_s, end_s, started_at, ended_at,
        text, language_code, word_count, words, word_starts_s, word_ends_s, parser_version
    )
    select %(id)s, %(position)s, 1, '42', 'Grace',
        %(start_s)s, %(end_s)s, '2026-01-02 03:04:05.678901+00', null, %(text)s, 'en', cardinality(%(words)s::text[]),
        %(words)s::text[], %(starts_s)s::float8[], %(ends_s)s::float8[], 7
"""
INSERT_PASSAGES = """
    insert into recall.passages (
        transcript_id, position, passage, first_word, last_word, first_character, character_count,
        search_config, search_vector, parser_version
    )
    select transcript_id, position, number, 0, word_count - 1, number * 6000, length(part),
        'english', to_tsvector('english', part), 7
    from recall.utterances
    cross join lateral generate_series(0, (length(text) - 1) / 6000) as number
    cross join lateral substr(text, number * 6000 + 1, 6000) as part
    where text <> ''
"""
TABLES: Mapping[str, str] = {
    "utterances": """
        select transcript_id, position, participant_position, participant_id, speaker, start_s, end_s, started_at,
            ended_at, text, language_code, word_count, words, word_starts_s, word_ends_s, parser_version
        from recall.utterances order by position
    """,
    "words": """
        select utterance.position, word.number, participant_id, speaker, word.text, word.start_s, word.end_s
        from recall.utterances as utterance
        cross join unnest(words, word_starts_s, word_ends_s) with ordinality as word (text, start_s, end_s, number)
        order by 1, 2
    """,
    "passages": "select * from recall.passages order by position, passage",
}
WORDS = """
    select position, word_position + 1, participant_id, speaker, text, start_s, end_s
    from recall.words order by position, word_position
"""


@pytest.fixture
def filled(empty_database_url: str) -> Iterator[Engine]:
    """A database of the revision before, with utterances of every kind."""
    engine = make_engine(empty_database_url)
    schema.migrate(engine, BEFORE)
    with engine.begin() as connection:
        _fill(connection)
    yield engine
    engine.dispose()


def _fill(connection: Connection) -> None:
    driver = psycopg_connection(connection)
    driver.execute(
        "insert into recall.transcripts (transcript_id, workspace, first_seen_at) values (%s, 'default', now())",
        (TRANSCRIPT,),
    )
    driver.execute(
        "insert into recall.participants (transcript_id, position, participant_id, name)"
        " values (%s, 0, '41', 'Ada'), (%s, 1, '42', 'Grace')",
        (TRANSCRIPT, TRANSCRIPT),
    )
    for position, (words, starts_s, ends_s) in enumerate(UTTERANCES):
        known = [time_s for time_s in (*starts_s, *ends_s) if time_s is not None]
        values = {
            "id": TRANSCRIPT,
            "position": position,
            "start_s": min(known, default=None),
            "end_s": max(known, default=None),
            "text": " ".join(filter(None, words)),
            "words": words,
            "starts_s": starts_s,
            "ends_s": ends_s,
        }
        driver.execute(INSERT_UTTERANCE, values)
    driver.execute(INSERT_PASSAGES)


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return psycopg_connection(connection).execute(statement.encode()).fetchall()


def content(engine: Engine) -> Mapping[str, list[tuple[Any, ...]]]:
    return {name: rows(engine, statement) for name, statement in TABLES.items()}


def test_upgrade_and_downgrade_keep_every_value(filled: Engine) -> None:
    before = content(filled)
    assert len(before["utterances"]) == len(UTTERANCES)

    assert schema.migrate(filled, AFTER) == (BEFORE, AFTER)
    after = content(filled)
    assert after["utterances"] == before["utterances"]
    assert after["words"] == before["words"] == rows(filled, WORDS)
    long = UTTERANCES.index(next(each for each in UTTERANCES if each[0] is LONG))
    assert [row[:3] for row in after["passages"]] == [row[:3] for row in before["passages"] if row[1] == long]

    assert schema.migrate(filled, f"-{int(AFTER) - int(BEFORE)}") == (AFTER, BEFORE)
    assert content(filled) == before
    assert (
        rows(filled, "select proname from pg_proc where proname in ('search_lower', 'search_signs', 'search_marks')")
        == []
    )


def test_upgrade_stores_once_what_can_be_told_from_the_rest(filled: Engine) -> None:
    schema.migrate(filled, AFTER)
    stored = rows(
        filled,
        "select words is null, word_times is not null, word_starts_s is not null"
        " from recall.utterance_data order by position",
    )
    assert stored[:6] == [
        (True, True, False),
        (True, False, True),
        (True, False, False),
        (False, False, True),
        (True, False, True),
        (True, False, True),
    ]


def test_search_finds_the_utterances_of_the_revision_before(filled: Engine) -> None:
    schema.migrate(filled, AFTER)
    found = rows(
        filled, "select position, start_s, snippet from recall.search('caption or recording or \"moved on\"')"
    )
    assert sorted(found) == [
        (0, 1.916667, "We **moved** on."),
        (1, 4.0, "one **caption** phrase"),
        (13, 5e9, "beyond every **recording**"),
    ]


def test_a_view_of_an_analyst_stops_the_upgrade_and_nothing_is_changed(filled: Engine) -> None:
    with filled.begin() as connection:
        connection.exec_driver_sql("create view public.mine as select text from recall.utterances")
        connection.exec_driver_sql("create view public.mine_too as select * from public.mine")
        connection.exec_driver_sql('create materialized view public."Mine" as select text from recall.utterances')
        connection.exec_driver_sql("create view public.other as select 1")
    before = content(filled)
    with pytest.raises(
        ConfigError, match=r'replaces some of those: public."Mine", public.mine, public.mine_too. Drop'
    ):
        schema.migrate(filled, AFTER)
    assert rows(filled, "select version_num from syncd.alembic_version") == [(BEFORE,)]
    assert content(filled) == before


def test_who_holds_a_migration_up_is_named(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "TELL_AFTER_S", 0.05)
    monkeypatch.setattr(others, "HELD_UP_S", 1.0)
    with filled.connect() as reader:
        reader.exec_driver_sql("select text from recall.utterances")
        with pytest.raises(
            DatabaseBusy, match=r"Others use what this version changes: .*\(process \d+.* for \d+ s\)"
        ):
            schema.migrate(filled, AFTER)
    assert rows(filled, "select version_num from syncd.alembic_version") == [(BEFORE,)]
    schema.migrate(filled, AFTER)
