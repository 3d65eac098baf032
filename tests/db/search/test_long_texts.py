"""recall.search(): utterances of any length and content."""

import json

import pytest

from syncd.core.reading.document import read_document
from syncd.core.reading.passage import MOST_CHARACTERS
from syncd.core.reading.talk_time import reckon
from syncd.core.reading.transcript_file import read_payload
from syncd.db.content import utterances
from syncd.db.engine import Connection
from tests.db.search.meetings import Load, Search, meeting


def test_a_phrase_beyond_the_last_position_of_a_tsvector_is_found_at_its_time(load: Load, search: Search) -> None:
    words = [f"filler{n % 500}" for n in range(40_000)]
    words[39_000:39_003] = ["purple", "zeppelin", "lands"]
    load("Hello.", " ".join(words))
    (row,) = search('"purple zeppelin"')
    assert (row.position, row.start_s) == (1, 39_001)
    assert "**purple** **zeppelin** lands" in row.snippet
    assert search('"zeppelin purple"') == []
    assert search('"purple lands"') == []
    assert [row.start_s for row in search("lands zeppelin")] == [39_002]


def test_no_phrase_is_lost_between_two_passages_and_none_is_found_twice(
    connection: Connection, load: Load, search: Search
) -> None:
    words = [f"w{n}" for n in range(5_000)]
    load(" ".join(words))
    borders = connection.exec_driver_sql("select last_word from recall.passages order by 1").scalars().all()
    assert len(borders) > 3
    for border in borders[:-1]:
        for first in range(border - 12, border + 3):
            (row,) = search(f'"{" ".join(words[first : first + 10])}"')
            assert row.start_s == first


def test_the_better_of_two_passages_of_an_utterance_is_shown(load: Load, search: Search) -> None:
    words = ["x"] * 10_000
    words[0], words[6_000], words[6_002] = "budget", "budget", "budget"
    load(" ".join(words))
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
    connection: Connection, load: Load, search: Search, words: list[str | None]
) -> None:
    id_ = load("")
    elements = [{"words": [{"text": word, "start_timestamp": {"relative": 1.0}} for word in words]}]
    payload = read_payload(read_document(json.dumps(elements).encode()))
    with connection.engine.begin() as loading:
        utterances.replace_utterances(loading, id_, payload, reckon(payload))
    text = payload.utterances[0].text
    pieces = connection.exec_driver_sql(
        "select first_character, character_count, first_word, last_word from recall.passages order by passage"
    ).all()
    assert len(text) <= MOST_CHARACTERS or sum(count for _, count, _, _ in pieces) >= len(text)
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


def test_replacing_removes_the_old_rows(connection: Connection, load: Load, search: Search) -> None:
    id_ = load("old words", "and more")
    payload = meeting(["new words"], ["Ada"])
    for _ in range(2):
        utterances.replace_utterances(connection, id_, payload, reckon(payload))
    assert [row.position for row in search("new")] == [0]
    assert search("old") == search("more") == []
    assert connection.exec_driver_sql("select count(*) from recall.utterances").scalar_one() == 1
