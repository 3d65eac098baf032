"""recall.search(): which indexes it uses."""

from collections.abc import Iterator
from typing import Any

import pytest

from syncd.db.engine import Connection, Engine, psycopg_connection
from tests.db.roles import DatabaseRoles


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
            " (array['english', 'german', 'simple'])[1 + position %% 3], 4, 1, 5,"
            r" '\x000000000001000002000003000001000002000003000004'"
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


def test_counting_hits_makes_no_snippets(many_utterances: Connection) -> None:
    def explained(columns: str) -> str:
        statement = f"explain (verbose) select {columns} from recall.search('word17', max_results => null)"
        return "\n".join(many_utterances.exec_driver_sql(statement).scalars())

    assert "search_place" in explained("*")
    assert "search_place" not in explained("count(*)")
    assert "search_place" not in explained("transcript_id, rank")


def test_an_isolated_analyst_uses_the_index_once_its_operator_is_leakproof(
    many_utterances: Connection, roles: DatabaseRoles
) -> None:
    roles.change("update recall.transcripts set workspace = 'zephyr' where transcript_id = md5('t17')::uuid")
    roles.grant(workspace="zephyr")
    search = "recall.search('word17', max_results => null)"

    def indexes() -> set[object]:
        ((plan,),) = roles.ask("analyst", f"explain (format json) select * from {search}")
        return {node.get("Index Name") for node in nodes(plan[0]["Plan"])}

    assert "utterance_data_search" not in indexes()
    roles.change("alter function pg_catalog.ts_match_vq(tsvector, tsquery) leakproof")
    assert "utterance_data_search" in indexes()
    found = roles.ask("analyst", f"select distinct transcript_id from {search}")
    assert found == roles.rows("select md5('t17')::uuid")
    assert roles.rows(f"select count(distinct transcript_id) > 1 from {search}") == [(True,)]
