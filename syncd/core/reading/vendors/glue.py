"""Tokens become words: punctuation goes to the word it belongs to, everything else that is no word goes away."""

from collections.abc import Iterable
from dataclasses import dataclass

from syncd.core.reading.vendors.heard import Attaches, Token, Words

_NEITHER, _PREVIOUS, _NEXT = Attaches.NEITHER, Attaches.PREVIOUS, Attaches.NEXT


@dataclass(slots=True)
class Attached:
    """The words of a message, and the punctuation at its beginning that belongs to an earlier word."""

    words: Words
    leading: str = ""


def attach_punctuation(tokens: Iterable[Token], *, is_final: bool) -> Attached:
    """Put punctuation on the words; it stays within its channel where channels are told."""
    spoken, texts = list[Token](), list[str]()
    latest: dict[str | None, int] = {}
    opening = leading = ""
    for token in tokens:
        attaches = token.attaches
        if attaches is _NEITHER:
            latest[token.channel] = len(texts)
            spoken.append(token)
            texts.append(opening + token.text)
            opening = ""
        elif attaches is _PREVIOUS:
            if texts:
                texts[latest.get(token.channel, -1)] += token.text
            else:
                leading += token.text
        elif attaches is _NEXT:
            opening += token.text
    if texts:
        texts[-1] += opening
    return Attached(_words(texts, spoken, is_final), leading)


def _words(texts: list[str], spoken: list[Token], is_final: bool) -> Words:
    return Words(
        texts,
        [token.start_s for token in spoken],
        [token.end_s for token in spoken],
        [token.confidence for token in spoken],
        [token.speaker for token in spoken],
        [token.channel for token in spoken],
        [is_final if token.is_final is None else token.is_final for token in spoken],
    )
