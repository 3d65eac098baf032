"""Cuts what was said in one turn into passages that a text search index can hold.

Postgres keeps positions in an indexed text up to 16,383 only, and refuses texts that grow over a megabyte. A passage
is short enough for both, whatever is in it: no text has more positions than characters.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

MOST_CHARACTERS = 6_000
"""What a passage may hold; about a thousand words, so that few turns need more than one."""

OVERLAP = 600
"""What two neighbours share, about a hundred words, so that no phrase is lost between them."""

_LONGEST_WORD = 100
"""A passage begins and ends between words, unless they are longer than this."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the text of an utterance, and the words in it. Everything counts from 0."""

    first_word: int
    last_word: int
    first_character: int
    text: str


def passages_of(words: Sequence[str | None]) -> Iterator[Passage]:
    """The passages of an utterance's text, which is its words joined by spaces; none where there is no text."""
    spoken = [(place, word) for place, word in enumerate(words) if word]
    text = " ".join(word for _, word in spoken)
    begins = list(accumulate((len(word) + 1 for _, word in spoken), initial=0))[:-1]
    for at in range(0, max(len(text) - OVERLAP, min(len(text), 1)), MOST_CHARACTERS - OVERLAP):
        begin, end = _trimmed(text, at, min(at + MOST_CHARACTERS, len(text)))
        first = bisect_right(begins, begin) - 1
        last = bisect_left(begins, end) - 1
        yield Passage(spoken[first][0], spoken[last][0], begin, text[begin:end])


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the halves of words at the borders; a neighbour has them whole."""
    if begin > 0 and text[begin - 1] != " ":
        space = text.find(" ", begin, begin + _LONGEST_WORD)
        begin = begin if space < 0 else space + 1
    if end < len(text) and text[end] != " ":
        space = text.rfind(" ", end - _LONGEST_WORD, end)
        end = end if space < 0 else space
    return begin, end
