"""Answers and live messages of Deepgram in their usual shape, read by their types (typed.py)."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from syncd.core.reading.values import channel, key
from syncd.core.reading.vendors.heard import Answer, Statement, Token, Told, Words, finished_names, joined
from syncd.core.reading.vendors.typed import Speaker, words_of

_MOST_CHANNELS = 1000


class _Word(msgspec.Struct, gc=False):
    start: float
    end: float
    word: str | None = None
    punctuated_word: str | None = None
    confidence: float | None = None
    speaker: Speaker = None


class _Alternative(msgspec.Struct):
    words: list[_Word]


class _Channel(msgspec.Struct):
    alternatives: list[_Alternative]


class _Results(msgspec.Struct):
    channels: list[_Channel]


class _Metadata(msgspec.Struct):
    request_id: Speaker = None


class _Message(msgspec.Struct):
    results: _Results | None = None
    metadata: _Metadata | None = None
    type: str | None = None
    channel: _Channel | None = None
    channel_index: tuple[int, int] = (0, 0)
    is_final: bool = True


class _Data(msgspec.Struct):
    payload: _Message | msgspec.UnsetType = msgspec.UNSET
    body: _Message | msgspec.UnsetType = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Data)


def read_typed(raw: msgspec.Raw) -> Answer:
    """The words of a response, a callback or a live message in its envelope; None for everything else."""
    try:
        data = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    message = data.payload or data.body
    if not message:
        return None
    if message.results is not None:
        return _prerecorded(message, message.results.channels)
    return _live(message, message.channel) if message.channel is not None and message.type != "TurnInfo" else None


def _prerecorded(message: _Message, channels: Sequence[_Channel]) -> Answer:
    told = [_words(heard, str(index), is_final=True) for index, heard in enumerate(channels)]
    found = [words for words in told if words is not None]
    if not found or len(found) < len(told):
        return None
    words = found[0] if len(found) == 1 else joined(found)
    first, *_, last = [*_tokens(words, slice(1)), *_tokens(words, slice(-1, None))]
    columns = replace(words)
    name = Told(len(words.texts), (first, last), lambda: _tokens(columns))
    known_as, replaces = finished_names(name, key(message.metadata and message.metadata.request_id))
    return (Statement(known_as=known_as, replaces=replaces, channel_count=len(channels), words=words),)


def _live(message: _Message, channel_: _Channel) -> Answer:
    index, count = message.channel_index
    words = _words(channel_, channel(index), is_final=message.is_final) if 1 <= count <= _MOST_CHANNELS else None
    return None if words is None else (Statement(is_final=message.is_final, channel_count=count, words=words),)


def _words(heard: _Channel, line: str | None, *, is_final: bool) -> Words | None:
    words = heard.alternatives[0].words if heard.alternatives else []
    return words_of(
        [(word.punctuated_word or "").strip() or (word.word or "").strip() for word in words],
        [word.start for word in words],
        [word.end for word in words],
        [word.confidence for word in words],
        [word.speaker for word in words],
        line,
        is_final,
    )


def _tokens(words: Words, some: slice = slice(None)) -> list[Token]:
    columns = (words.texts, words.starts_s, words.ends_s, words.confidences, words.speakers, words.channels)
    return [Token(*each) for each in zip(*(column[some] for column in columns), strict=True)]
