"""What a vendor hears and what it sends: the values between a meeting and the vendors' shapes."""

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from recall_emulator.documents import Json
from recall_emulator.meeting import Turn, Word
from recall_emulator.seeded import seeded_uuid

MessageKind = Literal["http_response", "webhook", "websocket_message"]
_PARTIAL_EVERY = 4
_WORD = re.compile(r"^(.*?)([.,!?;:]*)$", re.DOTALL)


@dataclass(frozen=True)
class Audio:
    """One audio as sent to a vendor: times of its turns count from its own start, in seconds.

    began_at is that start in seconds since the epoch; name is unique and the source of every invented id.
    """

    name: str
    began_at: float
    seconds: float
    turns: tuple[Turn, ...]
    config: Mapping[str, Json]
    language: str = "en"

    @property
    def words(self) -> list[tuple[Turn, Word]]:
        return [(turn, word) for turn in self.turns for word in turn.words]

    @property
    def text(self) -> str:
        return " ".join(turn.text for turn in self.turns)

    def uuid(self, *what: object) -> uuid.UUID:
        return seeded_uuid(self.name, *what)

    def confidence(self, word: Word) -> float:
        """Invent a confidence between 0.8 and 1 for a word."""
        digest = hashlib.blake2b(f"{self.name}{word.start}{word.text}".encode(), digest_size=2).digest()
        return round(0.8 + int.from_bytes(digest) / 65536 * 0.2, 4)

    def mean_confidence(self, words: tuple[Word, ...]) -> float:
        return round(sum(map(self.confidence, words)) / max(len(words), 1), 4)


@dataclass(frozen=True)
class Message:
    """One message of a vendor. at is in seconds from the start of the audio."""

    kind: MessageKind
    url: str
    payload: Json
    at: float
    event: str = "message"
    status: int = 200


def answered(url: str, payload: Json, at: float) -> Message:
    """Return the HTTP response of a vendor."""
    return Message("http_response", url, payload, at)


def called_back(payload: Json, at: float) -> Message:
    """Return a webhook of a vendor."""
    return Message("webhook", "", payload, at)


def streamed(url: str, payload: Json, at: float) -> Message:
    """Return one message of a vendor's websocket."""
    return Message("websocket_message", url, payload, at)


def growing(turn: Turn) -> Iterator[tuple[tuple[Word, ...], bool]]:
    """Yield the words of a turn as a live vendor hears them: some partial beginnings, then the whole as final."""
    for heard in range(_PARTIAL_EVERY, len(turn.words), _PARTIAL_EVERY):
        yield turn.words[:heard], False
    yield turn.words, True


def bare(word: Word) -> tuple[str, str]:
    """Split a word into its letters and the punctuation that follows them."""
    match = _WORD.match(word.text)
    return (match[1], match[2]) if match and match[1] else (word.text, "")


def letter(turn: Turn) -> str:
    """Name the speaker A, B, C, as diarisation does."""
    return chr(ord("A") + turn.speaker.number % 26)


def joined(words: tuple[Word, ...]) -> str:
    """Return the words as a sentence."""
    return " ".join(word.text for word in words)


def milliseconds(seconds: float) -> int:
    """Return whole milliseconds."""
    return round(seconds * 1000)
