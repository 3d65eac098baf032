"""recall.search(): words, phrases, ranks, snippets and arguments."""

from datetime import timedelta

import pytest

from syncd.db.engine import Connection, psycopg_connection
from tests.db.search.meetings import T0, TURNS, Load, Search, positions


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"root cause"', {0}),
        ("root cause", {0, 1}),
        ('"cause root"', set()),
        ("root or budget", {0, 1, 2, 3}),
        ("budget", {2, 3}),
        ("budget -frozen", {2}),
        ('cause -"full disk"', {1}),
        ('"the root" disk', {0}),
        ("nothing-of-the-kind", set()),
    ],
)
def test_words_must_all_occur_and_a_phrase_in_its_order(
    load: Load, search: Search, query: str, found: set[int]
) -> None:
    load(*TURNS)
    assert positions(search(query)) == found


def test_a_result_has_speaker_time_and_snippet(load: Load, search: Search) -> None:
    id_ = load("Hello, all of you.", "I fear that the root cause was a full disk, not the root.")
    (row,) = search('"root cause"')
    assert (row.transcript_id, row.recording_id, row.created_at, row.position) == (id_, None, T0, 1)
    assert (row.speaker, row.start_s) == ("Bo", 4 + 4)
    assert "the **root** **cause** was a full disk" in row.snippet
    assert row.rank > 0


@pytest.mark.parametrize(
    ("query", "text", "snippet"),
    [
        ("contract -discount or quote", "A quote with discount.", "A **quote** with discount."),
        ('quote or contract -"a discount"', "A quote: a discount.", "A **quote**: a discount."),
        ("-discount", "A quote.", "A quote."),
        ("quote", "A **quote** and **bold** text.", "A ****quote**** and **bold** text."),
    ],
)
def test_only_searched_words_are_marked(load: Load, search: Search, query: str, text: str, snippet: str) -> None:
    load(text)
    assert [row.snippet for row in search(query)] == [snippet]


def test_the_time_is_that_of_the_first_match_or_where_all_words_first_occur(load: Load, search: Search) -> None:
    load("root x x root x cause x root cause")
    assert [row.start_s for row in search("root")] == [0]
    assert [row.start_s for row in search("root cause")] == [3]
    assert [row.start_s for row in search('"root cause"')] == [7]
    assert [row.start_s for row in search("cause -disk")] == [5]
    assert [row.start_s for row in search("-disk")] == [0]


def test_a_word_without_a_start_has_the_time_of_its_end_or_its_utterance(
    connection: Connection, load: Load, search: Search
) -> None:
    load("one two three")
    connection.exec_driver_sql("update recall.utterance_data set word_times = null")
    for starts_s in ("{7,null,9}", None):
        values = (starts_s, "{8,2.5,10}")
        connection.exec_driver_sql("update recall.utterance_data set word_starts_s = %s, word_ends_s = %s", values)
        assert [row.start_s for row in search("two")] == [2.5]
    connection.exec_driver_sql("update recall.utterance_data set word_ends_s = null")
    assert [row.start_s for row in search("two")] == [0]


def test_the_best_comes_first_and_ties_have_an_order(load: Load, search: Search) -> None:
    load("budget and nothing else but very many other words", "budget budget", "budget", "budget", number=2)
    load("budget", number=1)
    load("budget", number=3, created_at=T0 + timedelta(days=1))
    rows = search("budget")
    assert [row.rank for row in rows] == sorted((row.rank for row in rows), reverse=True)
    found = [(row.transcript_id.int, row.position) for row in rows]
    assert found == [(2, 1), (3, 0), (1, 0), (2, 0), (2, 2), (2, 3)]
    assert [(row.transcript_id.int, row.position) for row in search("budget", max_results=3)] == found[:3]


def test_the_search_path_does_not_matter(connection: Connection, load: Load, search: Search) -> None:
    load("the budget", ("今日の会議", "ja"))
    connection.exec_driver_sql("set search_path = ''")
    assert positions(search("budgets")) == {0}
    assert positions(search("会議")) == {1}


def test_each_argument_restricts_the_result(load: Load, search: Search) -> None:
    load("budget", "budget", number=1, workspace="acme", provider="aws")
    load("budget", number=2, created_at=T0 + timedelta(days=1), speakers=("ada",))

    def found(**arguments: object) -> set[tuple[int, int]]:
        return {(row.transcript_id.int, row.position) for row in search("budget", **arguments)}

    assert found() == {(1, 0), (1, 1), (2, 0)}
    assert found(workspace="acme") == {(1, 0), (1, 1)}
    assert found(workspace="nobody") == set()
    assert found(spoken_by="ADA") == {(1, 0), (2, 0)}
    assert found(provider="rev_async") == {(2, 0)}
    assert found(since=T0 + timedelta(days=1)) == {(2, 0)}
    assert found(until=T0 + timedelta(days=1)) == {(1, 0), (1, 1)}
    assert found(max_results=1) == {(2, 0)}
    assert len(found(max_results=None)) == 3
    assert found(max_results=0) == found(max_results=-1) == set()


@pytest.mark.parametrize("query", ["", "   ", "the", "the of", '""', "-", "!!", None])
def test_a_query_of_no_words_finds_nothing(load: Load, search: Search, query: str | None) -> None:
    load(*TURNS)
    assert search(query) == []


def test_a_query_of_stop_words_says_so(connection: Connection, load: Load, search: Search) -> None:
    load(*TURNS)
    notices: list[str] = []
    psycopg_connection(connection).add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    search("the")
    assert any("only stop words" in notice for notice in notices)
