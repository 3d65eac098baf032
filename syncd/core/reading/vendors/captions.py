"""Captions of the meeting platform itself: phrases without times, which grow until they are final."""

from typing import Any

from syncd.core.reading.vendors.heard import Answer, Message, Said, Token
from syncd.core.reading.vendors.values import child, key, label, objects, pick, seconds, text

_RTMS_TRANSCRIPT = 17
_OF_A_WORD = frozenset({"text", "start_timestamp"})
_OF_VENDORS = frozenset({"message_type", "words", "status"})
_SPEAKERS = ("speaker", "speaker_name", "user_name", "participant_name", "participant_id", "user_id")


def read(message: Message) -> Answer:
    """The phrase of a caption event, the words of Recall's own event, or a message of Zoom's real-time streams."""
    if "msg_type" in message:
        content = message.get("content")
        if message["msg_type"] != _RTMS_TRANSCRIPT:
            return ()
        return (Said(_phrase(content, "data")),) if isinstance(content, dict) else None
    words = objects(message.get("words"))
    if words and words[0].keys() >= _OF_A_WORD:
        return (Said([token for word in words if (token := _word(word, message))], _is_final(message)),)
    if not isinstance(message.get("text"), str) or _OF_VENDORS & message.keys():
        return None
    caption = key(pick(message, "caption_id", "id"))
    name = ("caption", caption) if caption is not None and _is_final(message) else None
    return (Said(_phrase(message, "text"), _is_final(message), known_as=name, replaces=name),)


def _is_final(message: Message) -> bool:
    return message.get("is_final") is not False


def _phrase(message: Message, name: str) -> list[Token]:
    said = text(message.get(name))
    return [Token(said, _time(message, "start"), _time(message, "end"), speaker=_speaker(message))] if said else []


def _word(word: dict[str, Any], message: Message) -> Token | None:
    said = text(word.get("text"))
    return Token(said, _time(word, "start"), _time(word, "end"), speaker=_speaker(message)) if said else None


def _time(said: Message, edge: str) -> float | None:
    """Relative seconds; a wall clock is none."""
    told = pick(said, f"{edge}_timestamp", f"{edge}_time", edge)
    return seconds(told.get("relative") if isinstance(told, dict) else told)


def _speaker(message: Message) -> str | None:
    participant = message.get("participant")
    return (
        label(pick(participant, "name", "id"))
        or label(pick(message, *_SPEAKERS))
        or label(child(message, "user", "name"))
    )
