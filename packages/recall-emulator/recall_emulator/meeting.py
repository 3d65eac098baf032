"""An invented meeting: named people who take turns, word by word."""

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from recall_emulator import corpus
from recall_emulator.documents import Json
from recall_emulator.scenario import Scenario
from recall_emulator.seeded import seeded_random

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
    extra: dict[str, Json] | None


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


def make_meeting(scenario: Scenario, seed: int) -> Meeting:
    """Invent the meeting of a scenario: the same scenario and seed give the same meeting."""
    random = seeded_random("meeting", seed, scenario.transcript_id if scenario.seed is None else scenario.seed)
    speakers = _speakers(random, scenario.speakers)
    pace = scenario.seconds / max(scenario.words, 1) if scenario.seconds else _SECONDS_PER_WORD
    turns: list[Turn] = []
    clock, left = 1.5 * pace, scenario.words
    for speaker, text in _conversation(random, speakers, scenario.topic):
        if left <= 0:
            break
        spoken = text.split()[:left]
        left -= len(spoken)
        turn = Turn(speaker, _paced(random, spoken, clock, pace), scenario.language)
        turns.append(turn)
        clock = turn.end + pace * random.uniform(0.2, 1.2)
        if scenario.has_separate_streams and random.random() < 0.3:
            clock = max(turn.start + 0.01, turn.end - pace * random.uniform(1.0, 3.0))
    return Meeting(speakers, tuple(sorted(turns, key=lambda turn: turn.start)), clock)


def shifted(turn: Turn, seconds: float) -> Turn:
    """Return the turn as heard in an audio that began `seconds` after the recording."""
    return replace(turn, words=tuple(Word(w.text, w.start - seconds, w.end - seconds) for w in turn.words))


def single(value: float) -> float:
    """Round to a 32 bit float and back: the API's seconds carry that noise."""
    return float(round(struct.unpack("f", struct.pack("f", value))[0], 6))


def _paced(random: Random, spoken: list[str], clock: float, pace: float) -> tuple[Word, ...]:
    words = []
    for text in spoken:
        length = pace * random.uniform(0.45, 0.9)
        words.append(Word(text, single(clock), single(clock + length)))
        clock += length + pace * random.uniform(0.02, 0.25)
    return tuple(words)


def _conversation(random: Random, speakers: tuple[Speaker, ...], topic: str | None) -> Iterator[tuple[Speaker, str]]:
    """Yield turns without end: an opening, then topics with reactions between the statements.

    A given topic comes first, and again after each other one.
    """
    speaker = speakers[0]
    yield speaker, random.choice(corpus.OPENINGS)
    for round_ in itertools.count():
        other = random.choice(sorted(corpus.TOPICS))
        sentences = list(corpus.TOPICS[topic if topic and round_ % 2 == 0 else other])
        random.shuffle(sentences)
        while sentences:
            speaker = _another(random, speakers, speaker)
            said = [sentences.pop() for _ in range(min(random.randint(1, 3), len(sentences)))]
            yield speaker, filled(random, " ".join(said))
            if random.random() < 0.4:
                speaker = _another(random, speakers, speaker)
                yield speaker, random.choice(corpus.REACTIONS)


def filled(random: Random, sentence: str) -> str:
    """Fill the blanks of a sentence of the corpus."""
    return sentence.format(
        customer=random.choice(corpus.CUSTOMERS),
        feature=random.choice(corpus.FEATURES),
        day=random.choice(corpus.DAYS),
        month=random.choice(corpus.MONTHS),
        number=random.randint(3, 90),
    )


def _another(random: Random, speakers: tuple[Speaker, ...], last: Speaker) -> Speaker:
    others = [speaker for speaker in speakers if speaker is not last]
    return random.choice(others or list(speakers))


def _speakers(random: Random, count: int) -> tuple[Speaker, ...]:
    names = random.sample(corpus.NAMES, k=min(max(count, 1), len(corpus.NAMES)))
    platform_name = random.choice(_PLATFORMS)
    return tuple(_speaker(random, number, name, platform_name) for number, name in enumerate(names))


def _speaker(random: Random, number: int, name: str, platform_name: str) -> Speaker:
    email = name.lower().replace(" ", ".") + "@example.com" if random.random() < 0.7 else None
    participant_id = random.randrange(16_000_000, 17_000_000) if platform_name == "zoom" else 100 * (number + 1)
    platform = random.choice(("desktop", "mobile_app", "dial-in")) if platform_name == "zoom" else "unknown"
    return Speaker(number, participant_id, name, email, number == 0, platform, _extra(random, platform_name))


def _extra(random: Random, platform_name: str) -> dict[str, Json] | None:
    if platform_name == "zoom":
        guid = f"{random.getrandbits(64):016X}"
        return {"zoom": {"os": random.randint(1, 6), "guest": False, "user_guid": guid, "conf_user_id": guid[:12]}}
    if platform_name == "microsoft_teams":
        user = f"8:orgid:{random.getrandbits(64):016x}"
        return {"microsoft_teams": {"role": "attendee", "participant_type": "inTenant", "user_id": user}}
    if platform_name == "google_meet":
        return {"google_meet": {"static_participant_id": f"spaces/{random.getrandbits(48):012x}=="}}
    return None
