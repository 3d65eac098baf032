"""What a transcript file says: who spoke, and what, in which words and when."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from syncd.core.reading.document import Json

Times = Sequence[float | None]
"""Seconds from the start of the recording, one for each word; None where unknown."""


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who spoke. `participant_id` is Recall's, per meeting, and may be missing."""

    participant_id: str | None = None
    name: str | None = None
    is_host: bool | None = None
    platform: str | None = None
    email: str | None = None
    extra_data: Json = None


class Word(NamedTuple):
    """One word, or one caption phrase. Times are seconds from the start of the recording, None where unknown."""

    text: str | None
    start_s: float | None
    end_s: float | None


@dataclass(slots=True)
class Utterance:
    """One uninterrupted turn of one participant; `participant` counts from 0 in Payload.participants.

    Its words are three sequences of the same length, as in the tables: an object for each word would take half of the
    time in which a file is read. Nothing changes it once it is made.
    """

    participant: int
    texts: Sequence[str | None]
    starts_s: Times
    ends_s: Times
    language_code: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    text: str = field(init=False)
    """The words joined by single spaces, punctuation as the provider wrote it."""
    start_s: float | None = field(init=False)
    """The earliest time any of its words bears."""
    end_s: float | None = field(init=False)
    """The latest time any of its words bears."""

    def __post_init__(self) -> None:
        self.text = " ".join(filter(None, self.texts))
        times = [*self.starts_s, *self.ends_s]
        try:
            self.start_s, self.end_s = (min(times), max(times)) if times else (None, None)  # type: ignore[type-var]  # nearly never None
        except TypeError:
            known = [time_s for time_s in times if time_s is not None]
            self.start_s, self.end_s = min(known, default=None), max(known, default=None)

    @property
    def is_silent(self) -> bool:
        """Whether it has no text, or nothing but white space."""
        return not self.text or self.text.isspace()

    @property
    def words(self) -> tuple[Word, ...]:
        """The words one by one."""
        return tuple(map(Word, self.texts, self.starts_s, self.ends_s))


@dataclass(frozen=True, slots=True)
class Payload:
    """Who spoke, in order of first appearance, and what was said, in the order of the file."""

    participants: tuple[Participant, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    is_cut: bool = False
    """Whether `extra_data` was left out that is nested too deep."""
    lost: str | None = None
    """The first place where the file seems to have text that was not read, and why; None: there is none."""

    @property
    def has_text(self) -> bool:
        """Whether anybody said anything; found out at the first utterance, nearly always."""
        return any(not utterance.is_silent for utterance in self.utterances)

    @property
    def word_count(self) -> int:
        """Words in all utterances together."""
        return sum(len(utterance.texts) for utterance in self.utterances)


class Participants:
    """The participants met so far. One person is one (id, name) pair: ids may be null, names may be shared."""

    def __init__(self) -> None:
        self.all: list[Participant] = []
        self._index: dict[tuple[str | None, str | None], int] = {}

    def place(self, participant: Participant) -> int:
        """The position of this participant, whose blanks a later appearance may fill."""
        key = (participant.participant_id, participant.name)
        position = self._index.setdefault(key, len(self.all))
        if position == len(self.all):
            self.all.append(participant)
        elif self.all[position] != participant:
            self.all[position] = _filled(self.all[position], participant)
        return position


def _filled(known: Participant, again: Participant) -> Participant:
    fields = ("is_host", "platform", "email", "extra_data")
    missing = {f: getattr(again, f) for f in fields if getattr(known, f) is None}
    return replace(known, **missing)
