"""Recall's normalised transcript file: a JSON array of utterances, each with its participant and words.

Four generations of the format are in the wild, and single keys come and go between them, so every key is
optional on its own: `participant{}` or the older `speaker`/`speaker_id`, times as `{relative, absolute}` or as
plain numbers, `language_code` or `language`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from syncd.core.reading.artifact import read_time
from syncd.core.reading.document import Document, Unreadable

PARSER_VERSION = 2
"""Raised whenever the same bytes would be read into different rows."""

_CLOCK_S = (1e9, 1e10)
"""A number between these is a time by the clock, in seconds since 1970: from the year 2001 on."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who spoke. `participant_id` is Recall's, per meeting, and may be missing."""

    participant_id: str | None = None
    name: str | None = None
    is_host: bool | None = None
    platform: str | None = None
    email: str | None = None
    extra_data: Any = None


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one caption phrase. Times are seconds from the start of the recording, None where unknown."""

    text: str | None
    start_s: float | None
    end_s: float | None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One uninterrupted turn of one participant; `participant` counts from 0 in Payload.participants."""

    participant: int
    words: tuple[Word, ...]
    language_code: str | None
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def text(self) -> str:
        """The words joined by single spaces, punctuation as the provider wrote it."""
        return " ".join(word.text for word in self.words if word.text)

    @property
    def start_s(self) -> float | None:
        """The earliest time any of its words bears."""
        return min((t for word in self.words for t in (word.start_s, word.end_s) if t is not None), default=None)

    @property
    def end_s(self) -> float | None:
        """The latest time any of its words bears."""
        return max((t for word in self.words for t in (word.end_s, word.start_s) if t is not None), default=None)


@dataclass(frozen=True, slots=True)
class Payload:
    """Who spoke, in order of first appearance, and what was said, in the order of the file."""

    participants: tuple[Participant, ...] = ()
    utterances: tuple[Utterance, ...] = ()

    @property
    def word_count(self) -> int:
        """Words in all utterances together."""
        return sum(len(utterance.words) for utterance in self.utterances)


def read_payload(document: Document) -> Payload:
    """Read a normalised transcript file. Raises Unreadable where it is not an array of objects."""
    if not isinstance(document.value, list):
        raise Unreadable("the transcript file is not a JSON array of utterances")
    roll = _Roll()
    utterances = tuple(_utterance(element, index, roll) for index, element in enumerate(document.value))
    return Payload(tuple(roll.participants), utterances)


class _Roll:
    """The participants met so far. One person is one (id, name) pair: ids may be null, names may be shared."""

    def __init__(self) -> None:
        self.participants: list[Participant] = []
        self._index: dict[tuple[str | None, str | None], int] = {}

    def place(self, participant: Participant) -> int:
        """The position of this participant, whose blanks a later appearance may fill."""
        key = (participant.participant_id, participant.name)
        position = self._index.setdefault(key, len(self.participants))
        if position == len(self.participants):
            self.participants.append(participant)
        else:
            self.participants[position] = _filled(self.participants[position], participant)
        return position


def _filled(known: Participant, again: Participant) -> Participant:
    fields = ("is_host", "platform", "email", "extra_data")
    missing = {f: getattr(again, f) for f in fields if getattr(known, f) is None}
    return replace(known, **missing)


def _utterance(element: Any, index: int, roll: _Roll) -> Utterance:
    if not isinstance(element, dict):
        raise Unreadable(f"element {index} of the transcript file is not an object")
    raw_words = element.get("words")
    if raw_words is not None and not isinstance(raw_words, list):
        raise Unreadable(f"the words of element {index} are not an array")
    raw_words = raw_words or []
    return Utterance(
        participant=roll.place(_participant(element)),
        words=tuple(_word(word, index) for word in raw_words),
        language_code=_text(element.get("language_code")) or _text(element.get("language")),
        started_at=_moment(raw_words, ("start_timestamp", "end_timestamp"), first=True),
        ended_at=_moment(raw_words, ("end_timestamp", "start_timestamp"), first=False),
    )


def _participant(element: dict[str, Any]) -> Participant:
    raw = element.get("participant")
    raw = raw if isinstance(raw, dict) else {}
    participant_id, name, is_host = _label(raw.get("id")), _label(raw.get("name")), raw.get("is_host")
    return Participant(
        participant_id=_label(element.get("speaker_id")) if participant_id is None else participant_id,
        name=_label(element.get("speaker")) if name is None else name,
        is_host=is_host if isinstance(is_host, bool) else None,
        platform=_text(raw.get("platform")),
        email=_text(raw.get("email")),
        extra_data=raw.get("extra_data"),
    )


def _word(word: Any, index: int) -> Word:
    if not isinstance(word, dict):
        raise Unreadable(f"a word of element {index} is not an object")
    return Word(
        text=_label(word.get("text")),
        start_s=_seconds(word.get("start_timestamp")),
        end_s=_seconds(word.get("end_timestamp")),
    )


def _seconds(timestamp: Any) -> float | None:
    return _number(timestamp.get("relative") if isinstance(timestamp, dict) else timestamp)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _moment(words: Sequence[Any], keys: tuple[str, str], *, first: bool) -> datetime | None:
    """The absolute time of the first (or last) word that bears one."""
    for word in words if first else reversed(words):
        for key in keys:
            timestamp = word.get(key) if isinstance(word, dict) else None
            moment = _by_clock(timestamp.get("absolute")) if isinstance(timestamp, dict) else None
            if moment is not None:
                return moment
    return None


def _by_clock(absolute: Any) -> datetime | None:
    """ISO 8601, or a number, as one edition of Recall's page has it: seconds or milliseconds since 1970."""
    number = _number(absolute)
    if number is None:
        return read_time(absolute)
    seconds = (s for s in (number, number / 1000) if _CLOCK_S[0] <= s < _CLOCK_S[1])
    return next((datetime.fromtimestamp(s, UTC) for s in seconds), None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _label(value: Any) -> str | None:
    """Ids and names come as texts or numbers; both are kept as text, nothing else is."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
