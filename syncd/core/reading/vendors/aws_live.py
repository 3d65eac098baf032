"""Live messages of AWS Transcribe in their usual shape, read by their types (typed.py)."""

import msgspec

from syncd.core.reading.values import channel
from syncd.core.reading.vendors.aws import OPENING
from syncd.core.reading.vendors.heard import Answer, Statement, names
from syncd.core.reading.vendors.typed import Speaker, words_of

_ABSENT = msgspec.UNSET


class _Item(msgspec.Struct, rename="pascal", gc=False):
    start_time: float
    end_time: float
    type: str
    content: str
    confidence: float | None = None
    speaker: Speaker = None
    other_confidence: None = msgspec.field(default=None, name="confidence")
    other_speaker: None = msgspec.field(default=None, name="speaker")


class _Alternative(msgspec.Struct, rename="pascal"):
    items: list[_Item]


class _Result(msgspec.Struct, rename="pascal"):
    result_id: str
    is_partial: bool
    alternatives: list[_Alternative]
    channel_id: Speaker = None
    other_channel_id: None = msgspec.field(default=None, name="channel_id")
    third_channel_id: None = msgspec.field(default=None, name="channelId")


class _Transcript(msgspec.Struct, rename="pascal"):
    results: list[_Result]


class _Message(msgspec.Struct):
    transcript: _Transcript = msgspec.field(name="Transcript")
    results: None = None
    transcripts: msgspec.UnsetType | None = _ABSENT


class _Data(msgspec.Struct):
    payload: _Message


_DECODER = msgspec.json.Decoder(_Data)


def read_live(raw: msgspec.Raw) -> Answer:
    """The words of a live event in its envelope; None for everything else."""
    try:
        message = _DECODER.decode(raw).payload
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if message.transcripts is not _ABSENT:
        return None
    results = message.transcript.results
    said = tuple(each for result in results if (each := _statement(result)) is not None)
    return said if said and len(said) == len(results) else None


def _statement(result: _Result) -> Statement | None:
    if not result.alternatives:
        return None
    texts, spoken = list[str](), list[_Item]()
    for item in result.alternatives[0].items:
        text = item.content.strip()
        if not text or not item.type:
            return None
        if item.type != "punctuation":
            texts.append(text)
            spoken.append(item)
        elif texts and text not in OPENING:
            texts[-1] += text
        else:
            return None
    words = words_of(
        texts,
        [item.start_time for item in spoken],
        [item.end_time for item in spoken],
        [item.confidence for item in spoken],
        [item.speaker for item in spoken],
        channel(result.channel_id),
        is_final=not result.is_partial,
    )
    if words is None:
        return None
    name = () if result.is_partial else names("result", result.result_id)
    return Statement(is_final=not result.is_partial, known_as=name, replaces=name, words=words)
