"""recall.search(): phrases and words, each row in its own language, in turns of any length."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from syncd.core.reading.document import read_document
from syncd.core.reading.passage import MOST_CHARACTERS
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import Participant, Payload, Utterance, Word, read_payload
from syncd.db.content import passages, utterances
from syncd.db.engine import Connection, Engine, psycopg_connection

T0 = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
Told = Callable[..., UUID]


@pytest.fixture
def told(connection: Connection) -> Told:
    """Loads a meeting of turns: texts, or pairs of a text and its language. One word a second."""

    def tell(
        *turns: str | tuple[str, str | None],
        number: int = 1,
        speakers: Sequence[str] = ("Ada", "Bo"),
        **columns: object,
    ) -> UUID:
        id_ = UUID(int=number)
        row = {"workspace": "default", "created_at": T0, "provider": "rev_async", "options": "{}"} | columns
        psycopg_connection(connection).execute(
            "insert into recall.transcripts (transcript_id, first_seen_at, workspace, created_at, provider, options)"
            " values (%s, now(), %s, %s, %s, %s)",
            (id_, row["workspace"], row["created_at"], row["provider"], row["options"]),
        )
        payload = meeting(turns, speakers)
        utterances.replace(connection, id_, payload, reckon(payload))
        passages.replace(connection, id_)
        return id_

    return tell


def meeting(turns: Sequence[str | tuple[str, str | None]], speakers: Sequence[str]) -> Payload:
    said, clock = [], 0
    for number, turn in enumerate(turns):
        content, language = turn if isinstance(turn, tuple) else (turn, "en")
        words = [Word(word, float(clock + n), clock + n + 0.5) for n, word in enumerate(content.split(" "))]
        clock += len(words)
        said.append(Utterance(number % len(speakers), tuple(words), language, None, None))
    return Payload(tuple(Participant(str(n), name) for n, name in enumerate(speakers)), tuple(said))


@pytest.fixture
def search(connection: Connection) -> Callable[..., list[Any]]:
    """Rows of recall.search; further arguments by name."""

    def ask(query: str | None, **arguments: object) -> list[Any]:
        named = "".join(f", {name} => %({name})s" for name in arguments)
        return list(
            connection.exec_driver_sql(
                f"select * from recall.search(%(query)s{named})", {"query": query, **arguments}
            )
        )

    return ask


Search = Callable[..., list[Any]]


def positions(rows: Sequence[Any]) -> set[int]:
    return {row.position for row in rows}


TURNS = (
    "The root cause was a full disk.",
    "Was the cause of it at the root of the tree?",
    "We ran out of budget, twice.",
    "Budgets are frozen until April.",
)


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
    told: Told, search: Search, query: str, found: set[int]
) -> None:
    told(*TURNS)
    assert positions(search(query)) == found


def test_an_answer_says_who_when_and_what(told: Told, search: Search) -> None:
    id_ = told("Hello, all of you.", "I fear that the root cause was a full disk, not the root.")
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
def test_what_is_marked_is_what_was_asked_for(
    told: Told, search: Search, query: str, text: str, snippet: str
) -> None:
    told(text)
    assert [row.snippet for row in search(query)] == [snippet]


def test_the_time_is_that_of_the_first_match_and_the_earliest_place_where_all_words_are(
    told: Told, search: Search
) -> None:
    told("root x x root x cause x root cause")
    assert [row.start_s for row in search("root")] == [0]
    assert [row.start_s for row in search("root cause")] == [3]
    assert [row.start_s for row in search('"root cause"')] == [7]
    assert [row.start_s for row in search("cause -disk")] == [5]
    assert [row.start_s for row in search("-disk")] == [0]


def test_a_word_without_a_time_has_that_of_its_end_or_its_turn(
    connection: Connection, told: Told, search: Search
) -> None:
    told("one two three")
    for starts, expected in (("{7,null,9}", 1.5), ("{7,8,9}", 8.0)):
        connection.exec_driver_sql("update recall.utterances set word_starts_s = %s", (starts,))
        assert [row.start_s for row in search("two")] == [expected]
    connection.exec_driver_sql("update recall.utterances set word_starts_s = '{null,null}', word_ends_s = '{}'")
    assert [row.start_s for row in search("two")] == [0]


def test_the_best_comes_first_and_ties_have_an_order(told: Told, search: Search) -> None:
    told("budget and nothing else but very many other words", "budget budget", "budget", "budget", number=2)
    told("budget", number=1)
    told("budget", number=3, created_at=T0 + timedelta(days=1))
    rows = search("budget")
    assert [row.rank for row in rows] == sorted((row.rank for row in rows), reverse=True)
    found = [(row.transcript_id.int, row.position) for row in rows]
    assert found == [(2, 1), (3, 0), (1, 0), (2, 0), (2, 2), (2, 3)]
    assert [(row.transcript_id.int, row.position) for row in search("budget", max_results=3)] == found[:3]


def test_it_does_not_depend_on_the_search_path(connection: Connection, told: Told, search: Search) -> None:
    told("the budget", ("今日の会議", "ja"))
    connection.exec_driver_sql("set search_path = ''")
    assert positions(search("budgets")) == {0}
    assert positions(search("会議")) == {1}


def test_the_arguments_narrow_it_down(told: Told, search: Search) -> None:
    told("budget", "budget", number=1, workspace="acme", provider="aws")
    told("budget", number=2, created_at=T0 + timedelta(days=1), speakers=("ada",))

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


def test_each_row_is_searched_in_its_own_language(told: Told, search: Search) -> None:
    told(("Die Häuser sind groß.", "de"), ("Their houses, and the Häuser of Berlin.", "en-US"), ("Häuser", "klingon"))
    assert positions(search("Haus")) == {0}
    assert positions(search("house")) == {1}
    assert positions(search("Häuser")) == {0, 1, 2}
    assert positions(search("großen")) == {0}
    assert [row.snippet for row in search("Haus")] == ["Die **Häuser** sind groß."]


def test_a_row_without_a_language_has_that_of_its_transcript(connection: Connection, told: Told) -> None:
    told(("a", None), ("b", "multi"), ("c", "fr"), ("d", "ja"), number=1, options='{"language": "de"}')
    told(("a", None), number=2)
    found = connection.exec_driver_sql("select search_config from recall.passages order by transcript_id, position")
    assert found.scalars().all() == ["german", "german", "french", "simple", "simple"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *((code, "english") for code in ("en", "EN", "en-us", "en_US", "eng", "english", " en ", "en-GB-oed")),
        *((code, "german") for code in ("de", "de-AT", "deu", "ger", "German")),
        *((code, "norwegian") for code in ("no", "nb", "nn-NO")),
        *((code, "simple") for code in ("ja", "zh-CN", "tlh")),
        *((code, None) for code in (None, "", "auto", "multi", "und", "mul", "en,es", "klingon")),
    ],
)
def test_languages_are_known_by_code_and_name(connection: Connection, code: str | None, expected: str | None) -> None:
    assert connection.exec_driver_sql("select recall.search_config(%s)", (code,)).scalar_one() == expected


def test_every_configuration_that_may_be_named_exists(connection: Connection) -> None:
    source = connection.exec_driver_sql(
        "select array_agg(distinct word[1]) from pg_proc, regexp_matches(prosrc, '\": \"([a-z]+)\"', 'g') as word"
        " where proname = 'search_config'"
    ).scalar_one()
    known = connection.exec_driver_sql("select cfgname::text from pg_ts_config").scalars().all()
    assert len(source) == 28
    assert set(source) <= set(known)


def test_scripts_without_spaces_are_found_sign_by_sign(told: Told, search: Search) -> None:
    told(
        ("今日の会議は延期です。", "ja"),
        ("議会で会う", "ja"),
        ("ประชุมวันนี้ยกเลิก", "th"),
        ("the 会議 room", "en"),
        ("時々foo", "ja"),
    )
    assert positions(search("会議")) == {0, 3}
    assert positions(search('"議会"')) == {1}
    assert positions(search("延期 -議会")) == {0}
    assert positions(search("時々")) == positions(search("foo")) == {4}
    assert positions(search("วันนี้")) == {2}
    assert positions(search("วันนั้")) == set()
    assert [row.snippet for row in search("延期")] == ["今日の会議は**延期**です。"]


@pytest.mark.parametrize("query", ["", "   ", "the", "the of", '""', "-", "!!", None])
def test_a_query_of_no_words_finds_nothing(told: Told, search: Search, query: str | None) -> None:
    told(*TURNS)
    assert search(query) == []


def test_a_query_of_stop_words_says_so(connection: Connection, told: Told, search: Search) -> None:
    told(*TURNS)
    notices: list[str] = []
    psycopg_connection(connection).add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    search("the")
    assert any("only stop words" in notice for notice in notices)


# Turns of any length


def test_a_phrase_far_beyond_the_last_position_is_found_where_it_is(told: Told, search: Search) -> None:
    words = [f"filler{n % 500}" for n in range(40_000)]
    words[39_000:39_003] = ["purple", "zeppelin", "lands"]
    told("Hello.", " ".join(words))
    (row,) = search('"purple zeppelin"')
    assert (row.position, row.start_s) == (1, 39_001)
    assert "**purple** **zeppelin** lands" in row.snippet
    assert search('"zeppelin purple"') == []
    assert search('"purple lands"') == []
    assert [row.start_s for row in search("lands zeppelin")] == [39_002]


def test_no_phrase_is_lost_between_two_passages_and_none_is_found_twice(
    connection: Connection, told: Told, search: Search
) -> None:
    words = [f"w{n}" for n in range(5_000)]
    told(" ".join(words))
    borders = connection.exec_driver_sql("select last_word from recall.passages order by 1").scalars().all()
    assert len(borders) > 3
    for border in borders[:-1]:
        for first in range(border - 12, border + 3):
            (row,) = search(f'"{" ".join(words[first : first + 10])}"')
            assert row.start_s == first


def test_the_better_of_two_passages_of_a_turn_is_shown(told: Told, search: Search) -> None:
    words = ["x"] * 10_000
    words[0], words[6_000], words[6_002] = "budget", "budget", "budget"
    told(" ".join(words))
    (row,) = search("budget")
    assert row.start_s == 6_000


HOSTILE = {
    "megabytes in one word": ["x" * 3_000_000],
    "megabytes in one phrase": ["lorem ipsum " * 100_000 + "zeppelin"],
    "very many words": ["word"] * 40_000,
    "long distinct words": [f"{n:05}" * 60 for n in range(20_000)],
    "parts of parts": ["-".join("abcdefgh" * 500), "/".join("a.b" for _ in range(4_000)), "a@b.c/" * 3_000],
    "tags and entities": ["<a href=" * 2_000, "&#" * 5_000, "<" * 9_000],
    "strange signs": ["\ufffd" * 7_000, "\u202e\u0301" * 5_000, "\U0010ffff" * 7_000, "\u200b", "\x01\x1f\n\t"],
    "marks without signs": ["\u0e31" * 9_000, "\u3099" * 9_000, "\u1039" * 9_000],
    "empty words": [None, "", " ", None] * 5_000,
    "signs that stand alone": ["会" * 100_000],
    "replaced nothings": ["a\0b", "\ud800", "zeppelin\0"],
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_no_text_keeps_a_transcript_from_being_loaded_and_searched(
    connection: Connection, told: Told, search: Search, words: list[str | None]
) -> None:
    id_ = told("")
    elements = [{"words": [{"text": word, "start_timestamp": {"relative": 1.0}} for word in words]}]
    payload = read_payload(read_document(json.dumps(elements).encode()))
    with connection.engine.begin() as loading:
        utterances.replace(loading, id_, payload, reckon(payload))
        passages.replace(loading, id_)
    text = payload.utterances[0].text
    pieces = connection.exec_driver_sql(
        "select first_character, character_count, first_word, last_word from recall.passages order by passage"
    ).all()
    assert sum(count for _, count, _, _ in pieces) >= len(text)
    assert all(0 < count <= MOST_CHARACTERS and text[first : first + count] for first, count, _, _ in pieces)
    assert all(0 <= first <= last < len(words) for _, _, first, last in pieces)
    most_positions = connection.exec_driver_sql(
        "select max(place - character_count) from recall.passages, unnest(search_vector) as lexeme,"
        " unnest(lexeme.positions) as place"
    ).scalar_one()
    assert most_positions is None or most_positions <= 0, "no more positions than characters"
    for query in ("zeppelin", '"lorem ipsum"', "会会", "-zeppelin", "a"):
        assert len(search(query)) <= 1
    if any(word and "zeppelin" in word for word in words):
        assert "**zeppelin**" in search("zeppelin")[0].snippet


def test_replacing_leaves_nothing_of_before(connection: Connection, told: Told, search: Search) -> None:
    id_ = told("old words", "and more")
    payload = meeting(["new words"], ["Ada"])
    for _ in range(2):
        utterances.replace(connection, id_, payload, reckon(payload))
        passages.replace(connection, id_)
    assert [row.position for row in search("new")] == [0]
    assert search("old") == search("more") == []
    versions = connection.exec_driver_sql(
        "select count(*), count(*) filter (where p.parser_version = u.parser_version)"
        " from recall.passages p join recall.utterances u using (transcript_id, position)"
    ).one()
    assert tuple(versions) == (1, 1)


# How it is found


@pytest.fixture
def crowd(engine: Engine) -> Iterator[Connection]:
    """40,000 passages in three languages, 20 to a transcript."""
    with engine.begin() as connection:
        driver = psycopg_connection(connection)
        driver.execute(
            "insert into recall.transcripts (transcript_id, workspace, created_at, first_seen_at)"
            " select md5('t' || n)::uuid, 'default', now(), now() from generate_series(1, 2000) as n"
        )
        driver.execute(
            "insert into recall.utterances (transcript_id, position, participant_position, speaker, text,"
            " language_code, word_count, words, word_starts_s, word_ends_s)"
            " select md5('t' || n)::uuid, position, 0, 'Ada', text, (array['en', 'de', 'tlh'])[1 + position %% 3], 4,"
            " string_to_array(text, ' '), '{1,2,3,4}', '{2,3,4,5}'"
            " from generate_series(1, 2000) as n, generate_series(0, 19) as position,"
            " lateral (select concat('word', n * position %% 3000, ' of meeting', n, ' here') as text) as made",
            (),
        )
        for (id_,) in driver.execute("select transcript_id from recall.transcripts").fetchall():
            passages.replace(connection, id_)
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


def test_a_search_reads_the_index_of_words_and_no_table_of_content_whole(crowd: Connection) -> None:
    for arguments in SEARCHES:
        explained = f"explain (format json, analyze) select * from recall.search({arguments})"
        (plan,) = crowd.exec_driver_sql(explained).scalar_one()
        read = list(nodes(plan["Plan"]))
        (by_words,) = (node for node in read if node.get("Index Name") == "passages_search")
        assert by_words["Actual Loops"] == 3, "once for each language"
        assert {node["Relation Name"] for node in read if node["Node Type"] == "Seq Scan"} <= {"transcripts"}
        assert {node["Index Name"] for node in read if "Index Name" in node} >= {"passages_config", "utterances_pkey"}
        assert plan["Plan"]["Actual Rows"] > 0, "it finds something"
