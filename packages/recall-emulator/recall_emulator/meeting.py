"""An invented meeting: named people who take turns, word by word."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from recall_emulator import corpus
from recall_emulator.scenario import Script
from recall_emulator.seeded import dice

_SECONDS_PER_WORD = 0.4
_PLATFORMS = ("zoom", "microsoft_teams", "google_meet", "none")


@dataclass(frozen=True)
class Speaker:
    """A participant. number counts from 0; extra is the platform's object, or None."""

    number: int
    participant_id: int
    name: str
    email: str | None
    is_host: bool
    platform: str
    extra: dict[str, Any] | None


@dataclass(frozen=True)
class Word:
    """A word with its punctuation; times in seconds from the start of the recording."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Turn:
    """What one speaker says without a break; never empty."""

    speaker: Speaker
    words: tuple[Word, ...]
    language: str = "en"

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return self.words[-1].end


@dataclass(frozen=True)
class Meeting:
    """A whole meeting, turns in order of their starts."""

    speakers: tuple[Speaker, ...]
    turns: tuple[Turn, ...]
    seconds: float


def hold_meeting(script: Script, seed: int) -> Meeting:
    """Invent the meeting of a script: the same script and seed give the same meeting."""
    throws = dice("meeting", seed, script.transcript_id if script.seed is None else script.seed)
    speakers = _invite(throws, script.speakers)
    pace = script.seconds / max(script.words, 1) if script.seconds else _SECONDS_PER_WORD
    turns: list[Turn] = []
    clock, left = 1.5 * pace, script.words
    for speaker, text in _conversation(throws, speakers, script.topic):
        if left <= 0:
            break
        spoken = text.split()[:left]
        left -= len(spoken)
        turn = Turn(speaker, _paced(throws, spoken, clock, pace), script.language)
        turns.append(turn)
        clock = turn.end + pace * throws.uniform(0.2, 1.2)
        if script.has_separate_streams and throws.random() < 0.3:
            clock = max(turn.start + 0.01, turn.end - pace * throws.uniform(1.0, 3.0))
    return Meeting(speakers, tuple(sorted(turns, key=lambda turn: turn.start)), clock)


def shifted(turn: Turn, seconds: float) -> Turn:
    """Return the turn as heard in an audio that began `seconds` after the recording."""
    return replace(turn, words=tuple(Word(w.text, w.start - seconds, w.end - seconds) for w in turn.words))


def single(value: float) -> float:
    """Round to a 32 bit float and back: the API's seconds carry that noise."""
    return float(round(struct.unpack("f", struct.pack("f", value))[0], 6))


def _paced(throws: Random, spoken: list[str], clock: float, pace: float) -> tuple[Word, ...]:
    words = []
    for text in spoken:
        length = pace * throws.uniform(0.45, 0.9)
        words.append(Word(text, single(clock), single(clock + length)))
        clock += length + pace * throws.uniform(0.02, 0.25)
    return tuple(words)


def _conversation(throws: Random, speakers: tuple[Speaker, ...], topic: str | None) -> Iterator[tuple[Speaker, str]]:
    """Yield turns without end: an opening, then topics with reactions between the statements.

    A given topic comes first, and again after each other one.
    """
    speaker = speakers[0]
    yield speaker, throws.choice(corpus.OPENINGS)
    for round_ in itertools.count():
        other = throws.choice(sorted(corpus.TOPICS))
        sentences = list(corpus.TOPICS[topic if topic and round_ % 2 == 0 else other])
        throws.shuffle(sentences)
        while sentences:
            speaker = _another(throws, speakers, speaker)
            said = [sentences.pop() for _ in range(min(throws.randint(1, 3), len(sentences)))]
            yield speaker, filled(throws, " ".join(said))
            if throws.random() < 0.4:
                speaker = _another(throws, speakers, speaker)
                yield speaker, throws.choice(corpus.REACTIONS)


def filled(throws: Random, sentence: str) -> str:
    """Fill the blanks of a sentence of the corpus."""
    return sentence.format(
        customer=throws.choice(corpus.CUSTOMERS),
        feature=throws.choice(corpus.FEATURES),
        day=throws.choice(corpus.DAYS),
        month=throws.choice(corpus.MONTHS),
        number=throws.randint(3, 90),
    )


def _another(throws: Random, speakers: tuple[Speaker, ...], last: Speaker) -> Speaker:
    others = [speaker for speaker in speakers if speaker is not last]
    return throws.choice(others or list(speakers))


def _invite(throws: Random, count: int) -> tuple[Speaker, ...]:
    names = throws.sample(corpus.NAMES, k=min(max(count, 1), len(corpus.NAMES)))
    place = throws.choice(_PLATFORMS)
    return tuple(_speaker(throws, number, name, place) for number, name in enumerate(names))


def _speaker(throws: Random, number: int, name: str, place: str) -> Speaker:
    email = name.lower().replace(" ", ".") + "@example.com" if throws.random() < 0.7 else None
    participant_id = throws.randrange(16_000_000, 17_000_000) if place == "zoom" else 100 * (number + 1)
    platform = throws.choice(("desktop", "mobile_app", "dial-in")) if place == "zoom" else "unknown"
    return Speaker(number, participant_id, name, email, number == 0, platform, _extra(throws, place))


def _extra(throws: Random, place: str) -> dict[str, Any] | None:
    if place == "zoom":
        guid = f"{throws.getrandbits(64):016X}"
        return {"zoom": {"os": throws.randint(1, 6), "guest": False, "user_guid": guid, "conf_user_id": guid[:12]}}
    if place == "microsoft_teams":
        user = f"8:orgid:{throws.getrandbits(64):016x}"
        return {"microsoft_teams": {"role": "attendee", "participant_type": "inTenant", "user_id": user}}
    if place == "google_meet":
        return {"google_meet": {"static_participant_id": f"spaces/{throws.getrandbits(48):012x}=="}}
    return None
