"""Tokens become words: punctuation goes to the word it belongs to, everything else that is no word goes away."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from syncd.core.reading.vendors.heard import Attaches, Token


class Word(msgspec.Struct, gc=False):
    """A word on its way into a row; what comes later may change its text and whether it is final.

    All words of a file are in memory together, in these.
    """

    text: str
    start_s: float | None
    end_s: float | None
    confidence: float | None
    speaker: str | None
    channel: str | None
    is_final: bool
    marks: str = ""
    """The punctuation that follows it."""

    @property
    def written(self) -> str:
        """The word with its punctuation."""
        return self.text + self.marks


@dataclass(slots=True)
class Attached:
    """The words of a message, and the punctuation at its beginning that belongs to an earlier word."""

    words: list[Word] = field(default_factory=list)
    leading: str = ""


def attach_punctuation(tokens: Iterable[Token], *, is_final: bool) -> Attached:
    """Put punctuation on the words; it stays within its channel where channels are told."""
    found = Attached()
    latest: dict[str | None, Word] = {}
    opening: list[str] = []
    for token in tokens:
        if token.attaches is Attaches.NEXT:
            opening.append(token.text)
        elif token.attaches is Attaches.PREVIOUS:
            before = latest.get(token.channel) or (found.words[-1] if found.words else None)
            if before:
                before.marks += token.text
            else:
                found.leading += token.text
        elif token.attaches is Attaches.NEITHER:
            word = _word(token, "".join(opening), is_final)
            opening.clear()
            latest[token.channel] = word
            found.words.append(word)
    if found.words:
        found.words[-1].marks += "".join(opening)
    return found


def _word(token: Token, opening: str, is_final: bool) -> Word:
    return Word(
        opening + token.text,
        token.start_s,
        token.end_s,
        token.confidence,
        token.speaker,
        token.channel,
        is_final if token.is_final is None else token.is_final,
    )
