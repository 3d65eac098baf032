"""ElevenLabs: `{"words": [{"text", "type", "start", "end", "speaker_id", "logprob"}]}`, spaces and sounds among them.

Confidence is the logarithm of a probability. A live message is `{"message_type": "committed_transcript", "text"}`.
Source: https://elevenlabs.io/docs/api-reference/speech-to-text.
"""

import math

from syncd.core.reading.document import Json
from syncd.core.reading.values import channel, child, confidence, key, label, number, objects, pick, seconds, stripped
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

_KINDS = frozenset({"word", "spacing", "audio_event"})
_SILENT = frozenset({"session_started", "speech_started", "speech_ended", "committed_transcript_entities"})
_COMMITTED, _COMMITTED_WITH_TIMES = "committed_transcript", "committed_transcript_with_timestamps"
_OF_AN_ERROR = frozenset({"category", "details", "err_code"})
"""Deepgram's errors have a `message` and a `request_id`, too."""
_INFINITELY_UNSURE = frozenset({"-inf", "-infinity"})


def read_message(message: Message) -> Answer:
    """The words of a response or of a live message."""
    kind = message.get("message_type")
    if isinstance(kind, str):
        return _live(message, kind)
    transcripts = message.get("transcripts")
    if isinstance(transcripts, list) and any("words" in told for told in objects(transcripts)):
        tokens = [token for told in objects(transcripts) for token in _tokens(told)]
        return finished_transcript(tokens, key(message.get("transcription_id")), channel_count=len(transcripts))
    if _is_transcript(message):
        return finished_transcript(_tokens(message), key(message.get("transcription_id")))
    is_receipt = "request_id" in message and "message" in message and not message.keys() & _OF_AN_ERROR
    return RECEIPT if is_receipt else None


def _is_transcript(message: Message) -> bool:
    words = message.get("words")
    if not isinstance(words, list):
        return False
    first = next(iter(objects(words)), {})
    return key(first.get("type")) in _KINDS or "logprob" in first or (not words and "language_probability" in message)


def _live(message: Message, kind: str) -> Answer:
    """What is committed may be said twice: as a phrase, then with the times of its words."""
    if kind == "partial_transcript":
        return (Statement(_tokens(message), is_final=False),)
    if kind in (_COMMITTED, _COMMITTED_WITH_TIMES):
        phrase = (("committed", *(stripped(message.get("text")) or "").split()),)
        tokens = _tokens(message)
        if kind == _COMMITTED:
            return (Statement(tokens, known_as=phrase),)
        return (Statement(tokens, replaces=phrase),)
    if kind == "session_started":
        return (Statement(opens_session=True),)
    if kind in _SILENT:
        return ()
    return REFUSED if "error" in message else None


def _tokens(told: Message) -> list[Token]:
    line = channel(told.get("channel_index"))
    if told.get("words"):
        words = objects(told.get("words"))
        return [token for word in words if (token := _token(word, channel(word.get("channel_index")) or line))]
    phrase = stripped(told.get("text"))
    return [Token(phrase, channel=line)] if phrase else []


def _token(word: dict[str, Json], line: str | None) -> Token | None:
    said = stripped(word.get("text"))
    if word.get("type") in ("spacing", "audio_event"):
        return Token("", attaches=Attaches.NOTHING)
    if said is None:
        return None
    start_s, end_s = seconds(word.get("start")), seconds(word.get("end"))
    speaker = label(pick(word, "speaker_id", "speakerId")) or label(child(word, "speaker", "id"))
    return Token(said, start_s, end_s, _confidence(word), speaker, line)


def _confidence(word: dict[str, Json]) -> float | None:
    told = word.get("logprob")
    if isinstance(told, str) and told.strip().lower() in _INFINITELY_UNSURE:
        return 0.0
    logarithm = number(told, from_text=True)
    if logarithm is None:
        return confidence(word.get("confidence"))
    return confidence(math.exp(min(logarithm, 1.0)))
