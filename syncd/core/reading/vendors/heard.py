"""What a provider heard: the words of its messages, before and after they are put in place."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from enum import Enum
from itertools import chain

import msgspec.structs

from syncd.core.reading.document import Json

Message = dict[str, Json]
"""One message of a provider, out of its envelope."""


class HeardWord(msgspec.Struct, frozen=True, gc=False):
    """One word as its provider writes it. Times are seconds from the start of the recording, None where unknown.

    `is_final`: nothing later in the file speaks of the same stretch, so that these words together are the transcript.
    """

    text: str
    start_s: float | None
    end_s: float | None
    confidence: float | None
    speaker: str | None
    is_final: bool


class Words(msgspec.Struct, gc=False):
    """Words of one message, a list for each of their attributes; all words of a file are in memory together in these.

    What comes later may change their texts and whether they are final.
    """

    texts: list[str]
    starts_s: Sequence[float | None]
    ends_s: Sequence[float | None]
    confidences: Sequence[float | None]
    speakers: Sequence[str | None]
    channels: Sequence[str | None]
    finals: Sequence[bool]


def joined(several: Sequence[Words]) -> Words:
    """All of them, one after the other."""
    columns = zip(*map(msgspec.structs.astuple, several), strict=True)
    return Words(*([*chain.from_iterable(column)] for column in columns))


class Heard(msgspec.Struct, frozen=True, gc=False):
    """The words of one part, a list for each attribute of HeardWord, and why there are none where some are missed."""

    texts: Sequence[str] = ()
    starts_s: Sequence[float | None] = ()
    ends_s: Sequence[float | None] = ()
    confidences: Sequence[float | None] = ()
    speakers: Sequence[str | None] = ()
    finals: Sequence[bool] = ()
    note: str | None = None

    @property
    def words(self) -> tuple[HeardWord, ...]:
        """The same word by word."""
        columns = (self.texts, self.starts_s, self.ends_s, self.confidences, self.speakers, self.finals)
        return tuple(HeardWord(*word) for word in zip(*columns, strict=True))


class Attaches(Enum):
    """What a token is to the words around it."""

    NEITHER = "a word of its own"
    PREVIOUS = "punctuation of the word before"
    NEXT = "punctuation of the word after"
    NOTHING = "no word at all: a space, a laugh"


class Token(msgspec.Struct, frozen=True, gc=False):
    """A word or a punctuation mark as a message has it; times are seconds of the message's own audio."""

    text: str
    start_s: float | None = None
    end_s: float | None = None
    confidence: float | None = None
    speaker: str | None = None
    channel: str | None = None
    attaches: Attaches = Attaches.NEITHER
    is_final: bool | None = None
    """Set where the message says it of each word; else the message counts."""


class Statement(msgspec.Struct, frozen=True, gc=False):
    """What a message says about one stretch of its audio.

    `known_as` holds the names that a later statement may call it by. Of the names in `replaces`, the first that is
    known says which earlier statement this one takes the place of.
    """

    tokens: Sequence[Token] = ()
    is_final: bool = True
    known_as: tuple[Hashable, ...] = ()
    replaces: tuple[Hashable, ...] = ()
    replaces_session: bool = False
    """It tells again all that was told in the session."""
    continues: bool = False
    """Its first punctuation may belong to the last word of the message before, in the same `line`."""
    line: Hashable = None
    """The channel of the message, where one message is about one channel."""
    session: Hashable = None
    """The session of the vendor that the names count in."""
    opens_session: bool = False
    channel_count: int = 1
    note: str | None = None
    words: Words | None = None
    """In place of tokens, where its punctuation is on the words already."""


class Told:
    """What a statement tells, as a name: equal where every token is, and found quickly, however many there are.

    `tokens` are only asked for where another one has as many, with the same at both ends.
    """

    def __init__(self, count: int, ends: tuple[Token, ...], tokens: Callable[[], Iterable[Token]]) -> None:
        self._quick = count, ends
        self._tokens = tokens

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and self._quick == other._quick and [*self._tokens()] == [*other._tokens()]

    def __hash__(self) -> int:
        return hash(self._quick)


Answer = tuple[Statement, ...] | None
"""Empty: a message known to hold no words. None: not a message of this vendor."""

RECEIPT = (Statement(),)
"""The answer to a message that should hold no words: it is noted where it seems to hold some all the same."""
REFUSED = (Statement(note="the provider reports an error"),)
UNREAD = "it seems to hold words, but none of them could be read"
"""The note of a message of a known shape that lacks the place where its words should be."""


def finished_transcript(
    tokens: Sequence[Token], identity: Hashable, *, is_final: bool = True, channel_count: int = 1
) -> Answer:
    """The answer of a finished job. Told twice, by its id or to the letter, it counts once.

    The same words count twice where both answers have an id and the ids differ.
    """
    told = Told(len(tokens), (*tokens[:1], *tokens[-1:]), lambda: tokens)
    known_as, replaces = finished_names(told, identity)
    return (Statement(tokens, is_final, known_as, replaces, channel_count=channel_count),)


def finished_names(told: Told, identity: Hashable) -> tuple[tuple[Hashable, ...], tuple[Hashable, ...]]:
    """What the answer of a finished job is known as, and what it replaces."""
    with_id, without_id = ("with id", told), ("without id", told)
    by_id = names("id", identity)
    return (*by_id, with_id) if by_id else (without_id,), (*by_id, without_id) if by_id else (without_id, with_id)


def names(kind: str, value: Hashable) -> tuple[Hashable, ...]:
    """The name of a statement that its message numbers; none where it does not."""
    return () if value is None else ((kind, value),)
