"""recall.search(): which indexes it uses."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.db.content import passages
from syncd.db.engine import Connection, Engine, psycopg_connection


@pytest.fixture
def many_passages(engine: Engine) -> Iterator[Connection]:
    """40,000 passages in three languages, 100 to a transcript."""
    with engine.begin() as connection:
        driver = psycopg_connection(connection)
        driver.execute(
            "insert into recall.transcripts (transcript_id, workspace, created_at, first_seen_at)"
            " select md5('t' || n)::uuid, 'default', now(), now() from generate_series(1, 400) as n"
        )
        driver.execute(
            "insert into recall.utterances (transcript_id, position, participant_position, speaker, text,"
            " language_code, word_count, words, word_starts_s, word_ends_s)"
            " select md5('t' || n)::uuid, position, 0, 'Ada', text, (array['en', 'de', 'tlh'])[1 + position %% 3], 4,"
            " string_to_array(text, ' '), '{1,2,3,4}', '{2,3,4,5}'"
            " from generate_series(1, 400) as n, generate_series(0, 99) as position,"
            " lateral (select concat('word', n * position %% 3000, ' of meeting', n, ' here') as text) as made",
            (),
        )
        for (id_,) in driver.execute("select transcript_id from recall.transcripts").fetchall():
            passages.replace_passages(connection, id_)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze")
        yield connection


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


SEARCHES = (
    "'word17'",
    "'\"meeting17 here\"'",
    "'word17 or word18'",
    "'word17 -meeting17'",
    "'word17', spoken_by => 'ada'",
    "'word17', workspace => 'default', since => '2020-01-01', max_results => 5",
)


def test_a_search_uses_the_index_and_scans_no_table_of_content(many_passages: Connection) -> None:
    for arguments in SEARCHES:
        explained = f"explain (format json, analyze) select * from recall.search({arguments})"
        (plan,) = many_passages.exec_driver_sql(explained).scalar_one()
        read = list(nodes(plan["Plan"]))
        (by_words,) = (node for node in read if node.get("Index Name") == "passages_search")
        assert by_words["Actual Loops"] == 3, "once for each language"
        assert {node["Relation Name"] for node in read if node["Node Type"] == "Seq Scan"} <= {"transcripts"}
        assert {node["Index Name"] for node in read if "Index Name" in node} >= {"passages_config", "utterances_pkey"}
        assert plan["Plan"]["Actual Rows"] > 0, "it finds something"
