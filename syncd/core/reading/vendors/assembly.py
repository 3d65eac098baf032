"""AssemblyAI: `{"id", "status", "words": [{"text", "start", "end", "confidence", "speaker"}]}`.

Times are milliseconds, speakers are letters. Live messages have two generations: `{"type": "Turn"}` (v3), which grows
under a `turn_order`, and `PartialTranscript` and `FinalTranscript` (v2). Source: https://www.assemblyai.com/docs/api-reference.
"""

from msgspec.structs import replace

from syncd.core.reading.document import Json
from syncd.core.reading.values import (
    boolean,
    channel,
    confidence,
    key,
    label,
    milliseconds,
    number,
    objects,
    pick,
    stripped,
)
from syncd.core.reading.vendors.heard import (
    RECEIPT,
    REFUSED,
    Answer,
    Message,
    Statement,
    Token,
    finished_transcript,
    names,
)

_STATES = frozenset({"queued", "processing", "completed", "error", "throttled"})
_SILENT = frozenset({"Begin", "Termination", "Heartbeat", "SpeechStarted", "SessionTerminated", "SessionInformation"})
_NOBODY = frozenset({"PENDING", "UNKNOWN"})
"""What stands for a speaker who is not told apart yet."""
_DELETED_AUDIO = "http://deleted_by_user"
"""What stands for the audio, and a text with it, once the transcript was deleted."""
_OF_A_WORD = frozenset({"text", "start", "end", "confidence"})


def read_message(message: Message) -> Answer:
    """The words of a transcript, or of a live message of either generation."""
    if "session_id" in message and isinstance(message.get("messages"), list):
        return _session(message)
    kind, older_kind = key(message.get("type")), key(message.get("message_type"))
    if kind == "Turn":
        return (_turn(message, is_ended=message.get("end_of_turn") is True),)
    if kind == "SpeakerRevision":
        return tuple(_turn(turn, is_ended=True) for turn in objects(message.get("revisions")))
    if kind == "Begin" or older_kind == "SessionBegins":
        return (Statement(opens_session=True),)
    if older_kind in ("PartialTranscript", "FinalTranscript"):
        return (_realtime(message, is_final=older_kind == "FinalTranscript"),)
    if kind in _SILENT or older_kind in _SILENT:
        return ()
    if "error" in message and (kind == "Error" or set(message) <= {"error", "error_code", "message_type"}):
        return REFUSED
    return _transcript(message) if _is_transcript(message) else None


def _session(session: Message) -> Answer:
    """All live messages of a session at once, as some keep them."""
    messages = [message for message in objects(session["messages"]) if "messages" not in message]
    return tuple(said for message in messages for said in read_message(message) or ()) or None


def _is_transcript(message: Message) -> bool:
    if key(message.get("status")) in _STATES and ("id" in message or "transcript_id" in message):
        return True
    words = objects(message.get("words")) or objects(message.get("utterances"))
    return bool(words) and words[0].keys() >= _OF_A_WORD and isinstance(words[0]["start"], int)


def _transcript(message: Message) -> Answer:
    status = message.get("status")
    if status == "error":
        return REFUSED
    if message.get("audio_url") == _DELETED_AUDIO:
        return (Statement(note="the transcript was deleted at the provider"),)
    tokens = _words(message.get("words"))
    if not tokens:
        for said in objects(message.get("utterances")):
            who, line = _speaker(said.get("speaker")), channel(said.get("channel"))
            tokens += _words(said.get("words"), who, line) or _phrase(said, "text", who)
    if not tokens and not _has_words(message):
        tokens = _phrase(message | {"start": None, "end": None}, "text", None)
    if not tokens and not _has_words(message):
        return RECEIPT
    if all(token.confidence == 0 for token in tokens):  # a model that does not tell it writes 0 for every word
        tokens = [replace(token, confidence=None) for token in tokens]
    count = int(number(message.get("audio_channels"), from_text=True) or 1)
    identity = key(pick(message, "id", "transcript_id"))
    return finished_transcript(tokens, identity, is_final=status in (None, "completed"), channel_count=count)


def _speaker(value: Json) -> str | None:
    named = label(value)
    return None if named in _NOBODY else named


def _has_words(message: Message) -> bool:
    return bool(message.get("words") or message.get("utterances"))


def _turn(message: Message, *, is_ended: bool) -> Statement:
    """A turn is told again and again while it grows; the last word on it counts."""
    tokens = _words(message.get("words"), _speaker(message.get("speaker_label")))
    if is_ended:
        tokens = [replace(token, is_final=None) for token in tokens]
    if is_ended and not message.get("words"):
        tokens = _phrase(message, "transcript", _speaker(message.get("speaker_label")))
    turn = names("turn", key(message.get("turn_order")))
    return Statement(tokens, is_ended, known_as=turn, replaces=turn)


def _realtime(message: Message, *, is_final: bool) -> Statement:
    tokens = _words(message.get("words"))
    if not message.get("words"):
        times = {"start": message.get("audio_start"), "end": message.get("audio_end")}
        tokens = _phrase(message | times, "text", None)
    first, last = (tokens[0].start_s, tokens[-1].end_s) if tokens else (None, None)
    span = (("span", first, last),) if is_final and last is not None else ()
    return Statement(tokens, is_final, known_as=span, replaces=span)


def _phrase(message: Message, name: str, speaker: str | None) -> list[Token]:
    said = stripped(message.get(name))
    if said is None:
        return []
    start_s, end_s = milliseconds(message.get("start")), milliseconds(message.get("end"))
    return [Token(said, start_s, end_s, confidence(message.get("confidence")), speaker)]


def _words(words: Json, speaker: str | None = None, line: str | None = None) -> list[Token]:
    return [token for word in objects(words) if (token := _word(word, speaker, line))]


def _word(word: dict[str, Json], speaker: str | None, line: str | None) -> Token | None:
    said = stripped(word.get("text"))
    if said is None:
        return None
    return Token(
        said,
        milliseconds(word.get("start")),
        milliseconds(word.get("end")),
        confidence(word.get("confidence")),
        _speaker(word.get("speaker")) or speaker,
        channel(word.get("channel")) or line,
        is_final=boolean(word.get("word_is_final")),
    )
