"""Who spoke for how long in a meeting: talk, overlap and silence, reckoned from the times of the utterances.

Times are whole microseconds inside, so that sums are exact whatever their order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from syncd.core.reading.transcript_file import Payload, Utterance

MOST_S = 1e10
"""A time further from the start of the recording than this is no time of a meeting, and is passed over."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one participant said. Times are None where no utterance of theirs is known to last, as with captions."""

    turn_count: int
    word_count: int
    talk_s: float | None
    """Time in which they spoke; however many of their utterances lie over each other, it counts once."""
    overlap_s: float | None
    """Time of that in which somebody else spoke too."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A meeting as a whole, and the share of each participant in it."""

    shares: tuple[Share, ...]
    """In the order of Payload.participants."""
    span_s: float | None
    """From the first known time to the last; None where none are known."""
    speech_s: float | None
    """Time in which anybody spoke; None where no utterance is known to last."""
    overlap_s: float | None
    """Time in which two or more participants spoke at once; None like speech_s."""


def reckon(payload: Payload) -> Talk:
    """Reckon the talk times of a meeting; an utterance counts from its start to its end."""
    stretches = [stretch for utterance in payload.utterances for stretch in _stretch(utterance)]
    span = max(end for _, end, _ in stretches) - min(start for start, _, _ in stretches) if stretches else None
    sweep = _swept(stretches, len(payload.participants))
    return Talk(
        _shares(payload, sweep),
        _seconds(span),
        _seconds(sweep.speech or None),
        _seconds(sweep.crowded if sweep.speech else None),
    )


def _stretch(utterance: Utterance) -> Iterator[tuple[int, int, int]]:
    """Start, end and participant, where the times are known; an end is never before its start."""
    start_s, end_s = utterance.start_s, utterance.end_s
    if start_s is not None and end_s is not None and start_s >= -MOST_S and end_s <= MOST_S:
        yield round(start_s * 1e6), round(end_s * 1e6), utterance.participant


def _seconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6


def _shares(payload: Payload, sweep: "_Sweep") -> tuple[Share, ...]:
    turns, words = [0] * len(payload.participants), [0] * len(payload.participants)
    for utterance in payload.utterances:
        turns[utterance.participant] += 1
        words[utterance.participant] += _spoken_words(utterance)
    return tuple(
        Share(turns[who], words[who], _seconds(voice.talk or None), _seconds(voice.overlap if voice.talk else None))
        for who, voice in enumerate(sweep.voices)
    )


def _spoken_words(utterance: Utterance) -> int:
    """A caption phrase comes as one word and counts as all the words in it."""
    return sum(len(word.text.split()) for word in utterance.words if word.text)


def _swept(stretches: list[tuple[int, int, int]], participant_count: int) -> "_Sweep":
    """From the first moment to the last, with a stop wherever an utterance starts or ends."""
    sweep = _Sweep([_Voice() for _ in range(participant_count)])
    lasting = [(start, end, who) for start, end, who in stretches if start < end]
    stops = [(start, True, who) for start, _, who in lasting] + [(end, False, who) for _, end, who in lasting]
    for moment, is_start, who in sorted(stops):
        sweep.move(moment)
        if is_start:
            sweep.start(who)
        else:
            sweep.stop(who)
    return sweep


@dataclass(slots=True)
class _Voice:
    """One participant during the sweep. In microseconds, like all of it."""

    open_count: int = 0
    """How many utterances of theirs are going on."""
    began: int = 0
    crowded_before: int = 0
    """How much overlap the meeting had had when they began."""
    talk: int = 0
    overlap: int = 0


@dataclass(slots=True)
class _Sweep:
    """The moment that the sweep has come to, and what it has counted so far."""

    voices: list[_Voice]
    now: int = 0
    speaking_count: int = 0
    speech: int = 0
    crowded: int = 0

    def move(self, moment: int) -> None:
        """Count the time up to the next stop."""
        passed = moment - self.now
        self.now = moment
        if self.speaking_count >= 1:
            self.speech += passed
        if self.speaking_count >= 2:
            self.crowded += passed

    def start(self, who: int) -> None:
        """An utterance starts."""
        voice = self.voices[who]
        voice.open_count += 1
        if voice.open_count == 1:
            self.speaking_count += 1
            voice.began, voice.crowded_before = self.now, self.crowded

    def stop(self, who: int) -> None:
        """An utterance ends. While somebody speaks, any overlap of the meeting is theirs too."""
        voice = self.voices[who]
        voice.open_count -= 1
        if voice.open_count == 0:
            self.speaking_count -= 1
            voice.talk += self.now - voice.began
            voice.overlap += self.crowded - voice.crowded_before
