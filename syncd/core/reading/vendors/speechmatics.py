"""Speechmatics: one flat list of results; punctuation says which word it attaches to."""

from typing import Any

from syncd.core.reading.vendors.heard import REFUSED, Answer, Joins, Message, Said, Token, whole
from syncd.core.reading.vendors.values import channel, child, confidence, key, label, objects, seconds, text

_SILENT = frozenset(
    {
        "RecognitionStarted", "EndOfUtterance", "EndOfTranscript", "AudioAdded", "ChannelAudioAdded", "Info",
        "Warning", "AddTranslation", "AddPartialTranslation", "AudioEventStarted", "AudioEventEnded",
        "SpeakersResult",
    }
)  # fmt: skip
_JOB_STATES = frozenset({"running", "done", "accepted"})


def read(message: Message) -> Answer:
    """The words of a finished job or of a live message."""
    kind, results = key(message.get("message")), message.get("results")
    if kind in ("AddTranscript", "AddPartialTranscript"):
        tokens = _tokens(results, message.get("channel"))
        return (Said(tokens, kind == "AddTranscript", continues=True),)
    if kind == "Error":
        return REFUSED
    if kind in _SILENT:
        return ()
    job = message.get("job")
    if isinstance(results, list) and (isinstance(job, dict) or "format" in message or _is_list(results)):
        return whole(_tokens(results), key(child(job, "id")), channel_count=_channel_count(results))
    if child(job, "status") == "rejected":
        return REFUSED
    is_receipt = set(message) == {"id"}
    return () if is_receipt or key(child(job, "status")) in _JOB_STATES else None


def _is_list(results: list[Any]) -> bool:
    first = next(iter(objects(results)), {})
    return first.get("type") in ("word", "punctuation", "entity") and "alternatives" in first


def _channel_count(results: list[Any]) -> int:
    return len({channel(result.get("channel")) for result in objects(results)} - {None})


def _tokens(results: Any, line: Any = None) -> list[Token]:
    return [token for result in objects(results) if (token := _token(result, line))]


def _token(result: dict[str, Any], line: Any) -> Token | None:
    best = next(iter(objects(result.get("alternatives"))), {})
    content = text(best.get("content")) or _written(result)
    if content is None:
        return Token("", joins=Joins.NOTHING) if result.get("type") == "speaker_change" else None
    told = result.get("channel", line)
    named = label(told) if channel(told) is None else None  # channels may be given names of their own
    return Token(
        content,
        seconds(result.get("start_time")),
        seconds(result.get("end_time")),
        confidence(best.get("confidence")),
        label(best.get("speaker")) or named,
        channel(told),
        _joins(result),
    )


def _written(result: dict[str, Any]) -> str | None:
    """An entity, such as a date, is one word: as it is written, where its content is not told."""
    words = [
        child(next(iter(objects(word.get("alternatives"))), {}), "content")
        for word in objects(result.get("written_form"))
    ]
    return text(" ".join(word for word in words if isinstance(word, str)))


def _joins(result: dict[str, Any]) -> Joins:
    if result.get("type") != "punctuation" or result.get("attaches_to") == "none":
        return Joins.NEITHER
    return Joins.NEXT if result.get("attaches_to") == "next" else Joins.PREVIOUS
