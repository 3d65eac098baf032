"""Captions of the meeting platform: `{"text", "is_final", "caption_id"}`, phrases that grow until they are final.

Beside them Recall's own events, `{"words": [{"text", "start_timestamp": {"relative"}}], "participant"}`, and Zoom's
real-time streams, `{"msg_type": 17, "content": {"user_name", "data"}}`. Source: Recall's page on real-time events and
https://developers.zoom.us/docs/rtms; for captions there is no document, so that shape is a guess.
"""

from syncd.core.reading.document import Json
from syncd.core.reading.values import child, key, label, objects, pick, relative, seconds, stripped
from syncd.core.reading.vendors.heard import Answer, Message, Statement, Token, names

_RTMS_TRANSCRIPT = 17
_OF_A_WORD = frozenset({"text", "start_timestamp"})
_OF_VENDORS = frozenset({"message_type", "words", "status"})
_SPEAKERS = ("speaker", "speaker_name", "user_name", "participant_name", "participant_id", "user_id")


def read_message(message: Message) -> Answer:
    """The phrase of a caption event, the words of Recall's own event, or a message of Zoom's real-time streams."""
    if "msg_type" in message:
        content = message.get("content")
        if message["msg_type"] != _RTMS_TRANSCRIPT:
            return ()
        return (Statement(_phrase(content, "data")),) if isinstance(content, dict) else None
    words = objects(message.get("words"))
    if words and words[0].keys() >= _OF_A_WORD:
        return (Statement([token for word in words if (token := _word(word, message))], _is_final(message)),)
    if not isinstance(message.get("text"), str) or _OF_VENDORS & message.keys():
        return None
    name = names("caption", key(pick(message, "caption_id", "id"))) if _is_final(message) else ()
    return (Statement(_phrase(message, "text"), _is_final(message), known_as=name, replaces=name),)


def _is_final(message: Message) -> bool:
    return message.get("is_final") is not False


def _phrase(message: Message, name: str) -> list[Token]:
    said = stripped(message.get(name))
    return [Token(said, _time(message, "start"), _time(message, "end"), speaker=_speaker(message))] if said else []


def _word(word: dict[str, Json], message: Message) -> Token | None:
    said = stripped(word.get("text"))
    return Token(said, _time(word, "start"), _time(word, "end"), speaker=_speaker(message)) if said else None


def _time(said: Message, edge: str) -> float | None:
    """Relative seconds; a wall clock is none."""
    told = pick(said, f"{edge}_timestamp", f"{edge}_time", edge)
    return seconds(relative(told))


def _speaker(message: Message) -> str | None:
    participant = message.get("participant")
    return (
        label(pick(participant, "name", "id"))
        or label(pick(message, *_SPEAKERS))
        or label(child(message, "user", "name"))
    )
