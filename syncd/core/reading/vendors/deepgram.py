"""Deepgram: channels of alternatives of words; seconds; speakers count from 0."""

from typing import Any

from syncd.core.reading.vendors.heard import REFUSED, Answer, Message, Said, Token, whole
from syncd.core.reading.vendors.values import (
    channel,
    child,
    confidence,
    key,
    label,
    number,
    objects,
    pick,
    seconds,
    text,
)

_SILENT = frozenset(
    {"Metadata", "UtteranceEnd", "SpeechStarted", "Connected", "ConfigureSuccess", "FinalizeComplete"}
)


def read(message: Message) -> Answer:
    """The words of a response, a callback or a live message."""
    channels = child(message, "results", "channels")
    if isinstance(channels, list):
        return _prerecorded(message, channels)
    if message.get("type") == "TurnInfo":
        return _turn(message)
    if isinstance(child(message, "channel", "alternatives"), list):
        return _live(message)
    if "err_code" in message or (message.get("type") == "Error" and "description" in message):
        return REFUSED
    is_receipt = set(message) == {"request_id"}
    return () if is_receipt or key(message.get("type")) in _SILENT else None


def _prerecorded(message: Message, channels: list[Any]) -> Answer:
    tokens = [
        token for index, heard in enumerate(channels) for token in _best(child(heard, "alternatives"), str(index))
    ]
    if not tokens:
        for said in objects(child(message, "results", "utterances")):
            tokens += _best([said], channel(said.get("channel")), label(said.get("speaker")))
    return whole(tokens, key(child(message, "metadata", "request_id")), channel_count=len(channels))


def _live(message: Message) -> Answer:
    index = message.get("channel_index")
    index = index if isinstance(index, list) and len(index) == 2 else [None, 1]
    tokens = _best(child(message, "channel", "alternatives"), channel(index[0]))
    return (Said(tokens, message.get("is_final") is not False, channel_count=int(number(index[1]) or 1)),)


def _turn(message: Message) -> Answer:
    """A message about a whole turn, which grows until its end."""
    turn = ("turn", key(message.get("turn_index")))
    is_final = message.get("event") == "EndOfTurn"
    return (Said(_best([message], None), is_final, turn if is_final else None, turn if is_final else None),)


def _best(alternatives: Any, index: str | None, speaker: str | None = None) -> list[Token]:
    best = next(iter(objects(alternatives)), {})
    words = objects(best.get("words"))
    if not words:
        phrase = text(best.get("transcript"))
        return [Token(phrase, confidence=confidence(best.get("confidence")), channel=index)] if phrase else []
    return [token for word in words if (token := _word(word, index, speaker))]


def _word(word: dict[str, Any], index: str | None, speaker: str | None) -> Token | None:
    said = text(word.get("punctuated_word")) or text(word.get("word"))
    if said is None:
        return None
    who = label(pick(word, "speaker")) or speaker
    start_s, end_s = seconds(word.get("start")), seconds(word.get("end"))
    return Token(said, start_s, end_s, confidence(word.get("confidence")), who, index)
