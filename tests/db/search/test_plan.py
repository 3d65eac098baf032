"""recall.search(): which indexes it uses."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.db.engine import Connection, Engine, psycopg_connection


@pytest.fixture
def many_utterances(engine: Engine) -> Iterator[Connection]:
    """40,000 utterances in three languages, 100 to a transcript."""
    with engine.begin() as connection:
        driver = psycopg_connection(connection)
        driver.execute(
            "insert into recall.transcripts (transcript_id, workspace, created_at, first_seen_at)"
            " select md5('t' || n)::uuid, 'default', now(), now() from generate_series(1, 400) as n"
        )
        driver.execute(
            "insert into recall.utterance_data (transcript_id, position, participant_position, text,"
            " search_config, word_count, start_s, end_s, word_times)"
            " select md5('t' || n)::uuid, position, 0, text,"
            " (array['english', 'german', 'simple'])[1 + position %% 3], 4, 1, 5, '{0,1,2,3,1,2,3,4}'"
            " from generate_series(1, 400) as n, generate_series(0, 99) as position,"
            " lateral (select concat('word', n * position %% 3000, ' of meeting', n, ' here') as text) as made",
            (),
        )
        driver.execute(
            "insert into recall.participants (transcript_id, position, name)"
            " select transcript_id, 0, 'Ada' from recall.transcripts"
        )
        driver.execute("insert into recall.search_configs values ('english'), ('german'), ('simple')")
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


def test_a_search_uses_the_index_and_scans_no_table_of_content(many_utterances: Connection) -> None:
    for arguments in SEARCHES:
        explained = f"explain (format json, analyze) select * from recall.search({arguments})"
        (plan,) = many_utterances.exec_driver_sql(explained).scalar_one()
        read = list(nodes(plan["Plan"]))
        (by_words,) = (node for node in read if node.get("Index Name") == "utterance_data_search")
        assert by_words["Actual Loops"] == 3, "once for each language"
        small = {"transcripts", "participants", "search_configs", "passages"}
        assert {node["Relation Name"] for node in read if node["Node Type"] == "Seq Scan"} <= small
        assert plan["Plan"]["Actual Rows"] > 0, "it finds something"
