"""A transcript file whose values have the types that Recall gives them, decoded straight into those types.

Several times as fast as reading every value leniently (docs/benchmarks.md, Ingest). What has any other type, NaN, a
lone surrogate or U+0000 is left to transcript_file.py; where both read a file, they read the same
(tests/core/reading/test_typed_transcript.py). Keys that are not read are not looked at: they may be nested as deep as
the decoder bears.

msgspec keeps integers of any size exact, and refuses what is no JSON.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter

import msgspec

from syncd.core.reading.document import (
    Content,
    Json,
    holds_null,
    is_too_deep,
    is_utf8,
    read_pairs,
    without_mark,
)
from syncd.core.reading.lost_text import WORDS_KEY, first_lost, has_more_arrays
from syncd.core.reading.payload import Participant, Participants, Payload, Times, Utterance
from syncd.core.reading.values import id_text, moment


class _Moment(msgspec.Struct, gc=False):
    relative: float | None = None
    absolute: str | float | None = None


_Timestamp = _Moment | float | None


class _Word(msgspec.Struct, gc=False):
    text: str | None = None
    start_timestamp: _Timestamp = None
    end_timestamp: _Timestamp = None


class _Who(msgspec.Struct, gc=False):
    id: int | float | str | None = None
    name: str | None = None
    is_host: bool | None = None
    platform: str | None = None
    email: str | None = None
    extra_data: msgspec.Raw = msgspec.Raw(b"null")


class _Element(msgspec.Struct, gc=False):
    participant: _Who | None = None
    speaker: str | None = None
    speaker_id: int | float | str | None = None
    words: list[_Word] | None = None
    language_code: str | None = None
    language: str | None = None


MOST_EXTRA_LEVELS = 500
"""Of `extra_data`. Postgres takes ten times as many; Python writes JSON of no more than a thousand, less what called
it. What is nested deeper is left out, and said so."""

_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
_ELEMENT = msgspec.json.Decoder(_Element)
"""Element by element, so that of a large file only one at a time is in memory in this form; it takes no longer."""
_ANYTHING = msgspec.json.Decoder()
_TEXT, _START, _END = attrgetter("text"), attrgetter("start_timestamp.relative"), attrgetter("end_timestamp.relative")


def read_typed(content: Content) -> Payload | None:
    """The payload of a file of nothing but the expected types; None for any other."""
    content = without_mark(content)
    try:
        if holds_null(content) or not is_utf8(content):
            return None
        raws, met = _ELEMENTS.decode(content), _Met()
        utterances = tuple([_utterance(_ELEMENT.decode(raw), met) for raw in raws])
        suspects = raws if has_more_arrays(content, utterances) else ()
        repeated = {index for index, raw in enumerate(suspects) if len(WORDS_KEY.findall(raw)) > 1}
        lost = first_lost(utterances, lambda index: read_pairs(bytes(raws[index])), repeated)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return Payload(tuple(met.participants.all), utterances, met.is_cut, lost)


class _Met:
    """The participants met so far, and what each was last read from: most elements repeat it to the letter."""

    def __init__(self) -> None:
        self.participants = Participants()
        self.is_cut = False
        self._positions: dict[tuple[object, ...], int] = {}

    def place(self, element: _Element) -> int:
        """The position of the participant of this element."""
        who = element.participant or _Who()
        told = (who.id, type(who.id), who.name, who.is_host, who.platform, who.email, bytes(who.extra_data))
        key = (*told, element.speaker, element.speaker_id, type(element.speaker_id))
        position = self._positions.get(key)
        if position is None:
            participant, is_cut = _participant(element, who)
            self.is_cut |= is_cut
            position = self._positions[key] = self.participants.place(participant)
        return position


def _participant(element: _Element, who: _Who) -> tuple[Participant, bool]:
    """The participant, and whether its `extra_data` was left out."""
    extra_data, is_cut = _extra_data(who.extra_data)
    participant = Participant(
        participant_id=id_text(element.speaker_id if who.id is None else who.id),
        name=element.speaker if who.name is None else who.name,
        is_host=who.is_host,
        platform=who.platform,
        email=who.email,
        extra_data=extra_data,
    )
    return participant, is_cut


def _extra_data(raw: msgspec.Raw) -> tuple[Json, bool]:
    """The value, or null where it is nested so deep that writing it down might fail; and whether it is so."""
    value = _ANYTHING.decode(raw)
    is_cut = is_too_deep(value, MOST_EXTRA_LEVELS)
    return (None if is_cut else value), is_cut


def _utterance(element: _Element, met: _Met) -> Utterance:
    words = element.words or []
    try:
        starts_s: Times = list(map(_START, words))
        ends_s: Times = list(map(_END, words))
    except AttributeError:  # plain numbers, or no time
        starts_s = [_relative(word.start_timestamp) for word in words]
        ends_s = [_relative(word.end_timestamp) for word in words]
    return Utterance(
        participant=met.place(element),
        texts=list(map(_TEXT, words)),
        starts_s=starts_s,
        ends_s=ends_s,
        language_code=element.language_code or element.language,
        started_at=_started_at(words),
        ended_at=_ended_at(words),
    )


def _relative(timestamp: _Timestamp) -> float | None:
    return timestamp.relative if isinstance(timestamp, _Moment) else timestamp


def _started_at(words: Sequence[_Word]) -> datetime | None:
    """The first absolute time that any of these words bears; its start comes first."""
    for word in words:
        found = _absolute(word.start_timestamp) or _absolute(word.end_timestamp)
        if found is not None:
            return found
    return None


def _ended_at(words: Sequence[_Word]) -> datetime | None:
    """The last one; its end comes first."""
    for word in reversed(words):
        found = _absolute(word.end_timestamp) or _absolute(word.start_timestamp)
        if found is not None:
            return found
    return None


def _absolute(timestamp: _Timestamp) -> datetime | None:
    if isinstance(timestamp, _Moment) and timestamp.absolute is not None:
        return moment(timestamp.absolute, from_number=True)
    return None
