"""Who spoke for how long in a meeting: talk and overlap, computed from the times of the utterances.

A sweep line (M. Shamos and D. Hoey, 1976) passes over the starts and ends of utterances in the order of time. Inside,
times are whole microseconds, so that sums are exact in any order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from syncd.core.reading.payload import Payload, Utterance

MOST_S = 1e10
"""Seconds. A time further from the start of the recording is no time of a meeting, and is ignored."""


@dataclass(frozen=True, slots=True)
class Share:
    """The part of one participant. Times are None where no utterance of theirs has a duration, as with captions."""

    turn_count: int
    word_count: int
    talk_s: float | None
    """Seconds in which they spoke; where utterances of theirs overlap, the time counts once."""
    overlap_s: float | None
    """Seconds of that in which somebody else spoke too."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A meeting as a whole, and the share of each participant in it."""

    shares: tuple[Share, ...]
    """In the order of Payload.participants."""
    span_s: float | None
    """Seconds from the first known time to the last; None where none are known."""
    speech_s: float | None
    """Seconds in which anybody spoke; None where no utterance has a duration."""
    overlap_s: float | None
    """Seconds in which two or more participants spoke; None where speech_s is."""


def reckon(payload: Payload) -> Talk:
    """The talk times of a meeting; an utterance counts from its start to its end."""
    intervals = [interval for utterance in payload.utterances for interval in _interval(utterance)]
    span = max(end for _, end, _ in intervals) - min(start for start, _, _ in intervals) if intervals else None
    sweep = _swept(intervals, len(payload.participants))
    return Talk(
        _shares(payload, sweep),
        _seconds(span),
        _seconds(sweep.speech or None),
        _seconds(sweep.overlap if sweep.speech else None),
    )


def _interval(utterance: Utterance) -> Iterator[tuple[int, int, int]]:
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
    return len(utterance.text.split())


def _swept(intervals: list[tuple[int, int, int]], participant_count: int) -> "_Sweep":
    """The sums after a sweep over all starts and ends."""
    sweep = _Sweep([_Voice() for _ in range(participant_count)])
    lasting = [(start, end, who) for start, end, who in intervals if start < end]
    events = [(start, True, who) for start, _, who in lasting] + [(end, False, who) for _, end, who in lasting]
    for moment, is_start, who in sorted(events):
        sweep.move(moment)
        if is_start:
            sweep.start(who)
        else:
            sweep.stop(who)
    return sweep


@dataclass(slots=True)
class _Voice:
    """One participant during the sweep. All times are microseconds."""

    open_count: int = 0
    """How many utterances of theirs have started and not ended."""
    began: int = 0
    overlap_before: int = 0
    """The overlap of the meeting when they began to speak."""
    talk: int = 0
    overlap: int = 0


@dataclass(slots=True)
class _Sweep:
    """The time that the sweep has reached, and the sums so far."""

    voices: list[_Voice]
    now: int = 0
    speaking_count: int = 0
    speech: int = 0
    overlap: int = 0

    def move(self, moment: int) -> None:
        """Add the time up to the next event."""
        passed = moment - self.now
        self.now = moment
        if self.speaking_count >= 1:
            self.speech += passed
        if self.speaking_count >= 2:
            self.overlap += passed

    def start(self, who: int) -> None:
        """An utterance starts."""
        voice = self.voices[who]
        voice.open_count += 1
        if voice.open_count == 1:
            self.speaking_count += 1
            voice.began, voice.overlap_before = self.now, self.overlap

    def stop(self, who: int) -> None:
        """An utterance ends. While somebody speaks, the overlap of the meeting is theirs too."""
        voice = self.voices[who]
        voice.open_count -= 1
        if voice.open_count == 0:
            self.speaking_count -= 1
            voice.talk += self.now - voice.began
            voice.overlap += self.overlap - voice.overlap_before
