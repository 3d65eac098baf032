"""Passages: short enough for an index, and together everything that was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.passage import MOST_CHARACTERS, OVERLAP, Passage, passages_of

SHORT = st.text(st.characters(exclude_characters=" "), max_size=20)
LONG = st.builds(lambda size: "x" * size, st.integers(90, 15_000))
FEW = st.lists(st.none() | SHORT | LONG, max_size=12)
MANY = st.builds(lambda words, times: words * times, st.lists(st.none() | SHORT, max_size=12), st.integers(1, 600))
WORDS = FEW | MANY


def text_of(words: list[str | None]) -> str:
    return " ".join(word for word in words if word)


def test_a_short_turn_is_one_passage() -> None:
    assert list(passages_of(["Let", None, "us", "", "start."])) == [Passage(0, 4, 0, "Let us start.")]


@pytest.mark.parametrize("words", [[], [None], ["", None]])
def test_where_nothing_is_said_there_is_no_passage(words: list[str | None]) -> None:
    assert list(passages_of(words)) == []


@given(WORDS)
def test_passages_are_pieces_of_the_text_and_none_is_too_long(words: list[str | None]) -> None:
    text = text_of(words)
    for passage in passages_of(words):
        assert passage.text == text[passage.first_character :][: len(passage.text)]
        assert 0 < len(passage.text) <= MOST_CHARACTERS


@given(WORDS)
def test_passages_leave_nothing_out_and_share_enough_for_a_phrase(words: list[str | None]) -> None:
    text, passages = text_of(words), list(passages_of(words))
    if not text:
        return
    ends = [passage.first_character + len(passage.text) for passage in passages]
    assert passages[0].first_character == 0
    assert ends[-1] == len(text)
    for passage, end in zip(passages[1:], ends, strict=False):
        assert end - passage.first_character >= OVERLAP - 200


@given(WORDS)
def test_a_passage_knows_its_words(words: list[str | None]) -> None:
    for passage in passages_of(words):
        of_them = text_of(words[passage.first_word : passage.last_word + 1])
        assert passage.text in of_them
        before = len(text_of([*words[: passage.first_word], "."])) - 1
        first, last = words[passage.first_word], words[passage.last_word]
        assert first and before <= passage.first_character < before + len(first)
        assert last and before + len(of_them) - len(last) < passage.first_character + len(passage.text)


def test_ordinary_words_are_never_cut() -> None:
    words: list[str | None] = [f"word{number}" for number in range(40_000)]
    passages = list(passages_of(words))
    assert len(passages) > 50
    for passage in passages:
        assert passage.text.split(" ") == words[passage.first_word : passage.last_word + 1]


def test_what_has_no_spaces_is_cut_anywhere() -> None:
    passages = list(passages_of(["a", "会" * 20_000, "b"]))
    assert [(passage.first_word, passage.last_word) for passage in passages] == [(0, 1), (1, 1), (1, 1), (1, 2)]
    assert all(len(passage.text) > 3_000 for passage in passages)
