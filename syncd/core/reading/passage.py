"""Split the text of an utterance into passages that a text search index can hold.

A tsvector of Postgres keeps positions up to 16,383 only, and may not be larger than 1 MB (PostgreSQL documentation,
"Limitations" of text search). A passage is short enough for both, as no text has more positions than characters.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

MOST_CHARACTERS = 6_000
"""The most characters of a passage; about a thousand words, so that few utterances need more than one."""

OVERLAP = 600
"""Characters that two neighbours share; about a hundred words, so that a phrase is whole in one of them."""

_LONGEST_WORD = 100
"""Characters. A passage begins and ends between words, unless a word is longer than this."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the text of an utterance, and the indexes of its first and last word. All indexes count from 0."""

    first_word: int
    last_word: int
    first_character: int
    text: str


def passages_of(words: Sequence[str | None]) -> Iterator[Passage]:
    """The passages of an utterance's text, which is its words joined by spaces; none where there is no text."""
    spoken = [(index, word) for index, word in enumerate(words) if word]
    text = " ".join(word for _, word in spoken)
    begins = list(accumulate((len(word) + 1 for _, word in spoken), initial=0))[:-1]
    for at in range(0, max(len(text) - OVERLAP, min(len(text), 1)), MOST_CHARACTERS - OVERLAP):
        begin, end = _trimmed(text, at, min(at + MOST_CHARACTERS, len(text)))
        first = bisect_right(begins, begin) - 1
        last = bisect_left(begins, end) - 1
        yield Passage(spoken[first][0], spoken[last][0], begin, text[begin:end])


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the parts of words at the borders; a neighbour has those whole."""
    if begin > 0 and text[begin - 1] != " ":
        space = text.find(" ", begin, begin + _LONGEST_WORD)
        begin = begin if space < 0 else space + 1
    if end < len(text) and text[end] != " ":
        space = text.rfind(" ", end - _LONGEST_WORD, end)
        end = end if space < 0 else space
    return begin, end
