"""What a provider heard: the words of its messages, before and after they are put in place."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

Message = dict[str, Any]
"""One message of a provider, out of its envelope."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """One word as its provider writes it. Times are seconds from the start of the recording, None where unknown.

    `is_final`: nothing later in the file speaks of the same stretch, so that these words together are the transcript.
    """

    text: str
    start_s: float | None
    end_s: float | None
    confidence: float | None
    speaker: str | None
    is_final: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of one part, and why there are none where some could be expected."""

    words: tuple[HeardWord, ...] = ()
    note: str | None = None


class Joins(Enum):
    """What a token is to the words around it."""

    NEITHER = "a word of its own"
    PREVIOUS = "punctuation of the word before"
    NEXT = "punctuation of the word after"
    NOTHING = "no word at all: a space, a laugh"


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a punctuation mark as a message has it; times are seconds of the message's own audio."""

    text: str
    start_s: float | None = None
    end_s: float | None = None
    confidence: float | None = None
    speaker: str | None = None
    channel: str | None = None
    joins: Joins = Joins.NEITHER
    is_final: bool | None = None
    """Set where the message says it of each word; else the message counts."""


class Everything(Enum):
    """What a message that says it all again replaces."""

    SAID = "all that was said in the session"


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says about one stretch of its audio.

    `known_as` names the stretch, `replaces` the earlier answer that this one takes the place of.
    """

    tokens: Sequence[Token] = ()
    is_final: bool = True
    known_as: Hashable = None
    replaces: Hashable = None
    continues: bool = False
    """Its first punctuation may belong to the last word of the message before."""
    session: Hashable = None
    """The session of the vendor that the names count in."""
    opens_session: bool = False
    channel_count: int = 1
    note: str | None = None


Answer = tuple[Said, ...] | None
"""Empty: a message known to hold no words. None: not a message of this vendor."""

REFUSED = (Said(note="the provider reports an error"),)


def whole(tokens: Sequence[Token], identity: Hashable, *, is_final: bool = True, channel_count: int = 1) -> Answer:
    """The answer of a finished job. Told twice, by its id or to the letter, it counts once."""
    key = ("whole", identity if identity is not None else tuple(tokens))
    return (Said(tokens, is_final, known_as=key, replaces=key, channel_count=channel_count),)
