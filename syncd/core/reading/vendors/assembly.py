"""AssemblyAI: whole transcripts, and two generations of live messages; milliseconds; speakers are letters."""

from dataclasses import replace
from typing import Any

from syncd.core.reading.vendors.heard import REFUSED, Answer, Message, Said, Token, whole
from syncd.core.reading.vendors.values import (
    channel,
    confidence,
    key,
    label,
    milliseconds,
    number,
    objects,
    pick,
    text,
)

_STATES = frozenset({"queued", "processing", "completed", "error", "throttled"})
_SILENT = frozenset({"Begin", "Termination", "Heartbeat", "SpeechStarted", "SessionTerminated", "SessionInformation"})
_NOBODY = frozenset({"PENDING", "UNKNOWN"})
"""What stands for a speaker who is not told apart yet."""
_OF_A_WORD = frozenset({"text", "start", "end", "confidence"})


def read(message: Message) -> Answer:
    """The words of a transcript, or of a live message of either generation."""
    kind, older_kind = key(message.get("type")), key(message.get("message_type"))
    if kind == "Turn":
        return (_turn(message, is_ended=message.get("end_of_turn") is True),)
    if kind == "SpeakerRevision":
        return tuple(_turn(turn, is_ended=True) for turn in objects(message.get("revisions")))
    if kind == "Begin" or older_kind == "SessionBegins":
        return (Said(opens_session=True),)
    if older_kind in ("PartialTranscript", "FinalTranscript"):
        return (_realtime(message, is_final=older_kind == "FinalTranscript"),)
    if kind in _SILENT or older_kind in _SILENT:
        return ()
    if "error" in message and (kind == "Error" or set(message) <= {"error", "error_code", "message_type"}):
        return REFUSED
    return _transcript(message) if _is_transcript(message) else None


def _is_transcript(message: Message) -> bool:
    if key(message.get("status")) in _STATES and ("id" in message or "transcript_id" in message):
        return True
    words = objects(message.get("words")) or objects(message.get("utterances"))
    return bool(words) and words[0].keys() >= _OF_A_WORD and isinstance(words[0]["start"], int)


def _transcript(message: Message) -> Answer:
    status = message.get("status")
    if status == "error":
        return REFUSED
    tokens = _words(message.get("words"))
    if not tokens:
        for said in objects(message.get("utterances")):
            who, line = _speaker(said.get("speaker")), channel(said.get("channel"))
            tokens += _words(said.get("words"), who, line) or _phrase(said, "text", who)
    if not tokens and not _has_words(message):
        tokens = _phrase(message | {"start": None, "end": None}, "text", None)
    if not tokens and not _has_words(message):
        return ()
    count = int(number(message.get("audio_channels")) or 1)
    identity = key(pick(message, "id", "transcript_id"))
    return whole(tokens, identity, is_final=status in (None, "completed"), channel_count=count)


def _speaker(value: Any) -> str | None:
    named = label(value)
    return None if named in _NOBODY else named


def _has_words(message: Message) -> bool:
    return bool(message.get("words") or message.get("utterances"))


def _turn(message: Message, *, is_ended: bool) -> Said:
    """A turn is told again and again while it grows; the last word on it counts."""
    tokens = _words(message.get("words"), _speaker(message.get("speaker_label")))
    if is_ended:
        tokens = [replace(token, is_final=None) for token in tokens]
    if is_ended and not message.get("words"):
        tokens = _phrase(message, "transcript", _speaker(message.get("speaker_label")))
    order = key(message.get("turn_order"))
    turn = None if order is None else ("turn", order)
    return Said(tokens, is_ended, known_as=turn, replaces=turn)


def _realtime(message: Message, *, is_final: bool) -> Said:
    tokens = _words(message.get("words"))
    if not message.get("words"):
        times = {"start": message.get("audio_start"), "end": message.get("audio_end")}
        tokens = _phrase(message | times, "text", None)
    first, last = (tokens[0].start_s, tokens[-1].end_s) if tokens else (None, None)
    span = ("span", first, last) if is_final and last is not None else None
    return Said(tokens, is_final, known_as=span, replaces=span)


def _phrase(message: Message, name: str, speaker: str | None) -> list[Token]:
    said = text(message.get(name))
    if said is None:
        return []
    start_s, end_s = milliseconds(message.get("start")), milliseconds(message.get("end"))
    return [Token(said, start_s, end_s, confidence(message.get("confidence")), speaker)]


def _words(words: Any, speaker: str | None = None, line: str | None = None) -> list[Token]:
    return [token for word in objects(words) if (token := _word(word, speaker, line))]


def _word(word: dict[str, Any], speaker: str | None, line: str | None) -> Token | None:
    said = text(word.get("text"))
    if said is None:
        return None
    is_final = word.get("word_is_final")
    return Token(
        said,
        milliseconds(word.get("start")),
        milliseconds(word.get("end")),
        confidence(word.get("confidence")),
        _speaker(word.get("speaker")) or speaker,
        channel(word.get("channel")) or line,
        is_final=is_final if isinstance(is_final, bool) else None,
    )
