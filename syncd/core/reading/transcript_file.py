"""Recall's normalised transcript file: a JSON array of utterances, each with its participant and words.

Four generations of the format are in the wild, and single keys come and go between them, so every key is
optional on its own: `participant{}` or the older `speaker`/`speaker_id`, times as `{relative, absolute}` or as
plain numbers, `language_code` or `language`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.core.reading.document import Document, Json, Unreadable
from syncd.core.reading.values import as_object, boolean, child, id_text, moment, number, relative, text

PARSER_VERSION = 3
"""Raised whenever the same bytes would be read into different rows."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who spoke. `participant_id` is Recall's, per meeting, and may be missing."""

    participant_id: str | None = None
    name: str | None = None
    is_host: bool | None = None
    platform: str | None = None
    email: str | None = None
    extra_data: Json = None


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


def _utterance(element: Json, index: int, roll: _Roll) -> Utterance:
    if not isinstance(element, dict):
        raise Unreadable(f"element {index} of the transcript file is not an object")
    raw_words = element.get("words")
    if raw_words is not None and not isinstance(raw_words, list):
        raise Unreadable(f"the words of element {index} are not an array")
    raw_words = raw_words or []
    return Utterance(
        participant=roll.place(_participant(element)),
        words=tuple(_word(word, index) for word in raw_words),
        language_code=text(element.get("language_code")) or text(element.get("language")),
        started_at=_first_moment(raw_words, ("start_timestamp", "end_timestamp"), first=True),
        ended_at=_first_moment(raw_words, ("end_timestamp", "start_timestamp"), first=False),
    )


def _participant(element: dict[str, Json]) -> Participant:
    raw = as_object(element.get("participant")) or {}
    participant_id, name = id_text(raw.get("id")), id_text(raw.get("name"))
    return Participant(
        participant_id=id_text(element.get("speaker_id")) if participant_id is None else participant_id,
        name=id_text(element.get("speaker")) if name is None else name,
        is_host=boolean(raw.get("is_host")),
        platform=text(raw.get("platform")),
        email=text(raw.get("email")),
        extra_data=raw.get("extra_data"),
    )


def _word(word: Json, index: int) -> Word:
    if not isinstance(word, dict):
        raise Unreadable(f"a word of element {index} is not an object")
    return Word(
        text=id_text(word.get("text")),
        start_s=number(relative(word.get("start_timestamp"))),
        end_s=number(relative(word.get("end_timestamp"))),
    )


def _first_moment(words: Sequence[Json], keys: tuple[str, str], *, first: bool) -> datetime | None:
    """The absolute time of the first (or last) word that bears one."""
    for word in words if first else reversed(words):
        for key in keys:
            found = moment(child(word, key, "absolute"), from_number=True)
            if found is not None:
                return found
    return None
