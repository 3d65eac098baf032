"""Speechmatics: `{"job", "results": [{"type", "start_time", "alternatives": [{"content", "speaker"}]}]}`.

One flat list; punctuation is a result of its own that says which word it attaches to. A live message is
`{"message": "AddTranscript", "metadata": {"transcript"}, "results"}`. Source: https://docs.speechmatics.com.
"""

from syncd.core.reading.document import Json
from syncd.core.reading.values import as_object, channel, child, confidence, key, label, objects, seconds, stripped
from syncd.core.reading.vendors.heard import (
    RECEIPT,
    REFUSED,
    Answer,
    Attaches,
    Message,
    Statement,
    Token,
    finished_transcript,
)

_SILENT = frozenset(
    {
        "RecognitionStarted", "EndOfUtterance", "EndOfTranscript", "AudioAdded", "ChannelAudioAdded", "Info",
        "Warning", "AddTranslation", "AddPartialTranslation", "AudioEventStarted", "AudioEventEnded",
        "SpeakersResult",
    }
)  # fmt: skip
_JOB_STATES = frozenset({"running", "done", "accepted"})


def read_message(message: Message) -> Answer:
    """The words of a finished job or of a live message."""
    kind, results = key(message.get("message")), message.get("results")
    if kind in ("AddTranscript", "AddPartialTranscript"):
        tokens = _tokens(results, message.get("channel")) if results else _phrase(message)
        return (Statement(tokens, kind == "AddTranscript", continues=True, line=key(message.get("channel"))),)
    if kind == "Error":
        return REFUSED
    if kind in _SILENT:
        return ()
    job = message.get("job")
    if isinstance(results, list) and (isinstance(job, dict) or "format" in message or _is_list(results)):
        return finished_transcript(_tokens(results), key(child(job, "id")), channel_count=_channel_count(results))
    if child(job, "status") == "rejected":
        return REFUSED
    is_receipt = set(message) == {"id"}
    return RECEIPT if is_receipt or key(child(job, "status")) in _JOB_STATES else None


def _phrase(message: Message) -> list[Token]:
    """The text of a message that does not tell its words one by one."""
    told, line = as_object(message.get("metadata")) or {}, message.get("channel")
    said = stripped(told.get("transcript"))
    if said is None:
        return []
    times = seconds(told.get("start_time")), seconds(told.get("end_time"))
    return [Token(said, *times, speaker=_channel_name(line), channel=channel(line))]


def _channel_name(line: Json) -> str | None:
    """Channels may be given names of their own; then they name the speaker."""
    return label(line) if channel(line) is None else None


def _is_list(results: list[Json]) -> bool:
    first = next(iter(objects(results)), {})
    return first.get("type") in ("word", "punctuation", "entity") and "alternatives" in first


def _channel_count(results: list[Json]) -> int:
    return len({channel(result.get("channel")) for result in objects(results)} - {None})


def _tokens(results: Json, line: Json = None) -> list[Token]:
    return [token for result in objects(results) if (token := _token(result, line))]


def _token(result: dict[str, Json], line: Json) -> Token | None:
    best = next(iter(objects(result.get("alternatives"))), {})
    content = stripped(best.get("content")) or _written(result)
    if content is None:
        return Token("", attaches=Attaches.NOTHING) if result.get("type") == "speaker_change" else None
    told = result.get("channel", line)
    return Token(
        content,
        seconds(result.get("start_time")),
        seconds(result.get("end_time")),
        confidence(best.get("confidence")),
        label(best.get("speaker")) or _channel_name(told),
        channel(told),
        _attaches(result),
    )


def _written(result: dict[str, Json]) -> str | None:
    """An entity, such as a date, is one word: as it is written, where its content is not told."""
    words = [
        child(next(iter(objects(word.get("alternatives"))), {}), "content")
        for word in objects(result.get("written_form"))
    ]
    return stripped(" ".join(word for word in words if isinstance(word, str)))


def _attaches(result: dict[str, Json]) -> Attaches:
    if result.get("type") != "punctuation" or result.get("attaches_to") == "none":
        return Attaches.NEITHER
    return Attaches.NEXT if result.get("attaches_to") == "next" else Attaches.PREVIOUS
