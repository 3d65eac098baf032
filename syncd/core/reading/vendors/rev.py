"""Rev: `{"monologues": [{"speaker", "elements": [{"type": "text", "value", "ts", "end_ts", "confidence"}]}]}`.

Punctuation, single spaces too, is an element of its own, `{"type": "punct", "value"}`, and has no time. A live
message is `{"type": "final", "elements"}`. Source: https://docs.rev.ai/api.
"""

from syncd.core.reading.document import Json
from syncd.core.reading.values import child, confidence, key, label, objects, pick, seconds, stripped
from syncd.core.reading.vendors.heard import (
    RECEIPT,
    REFUSED,
    UNREAD,
    Answer,
    Attaches,
    Message,
    Statement,
    Token,
    finished_transcript,
)

_JOB_STATES = frozenset({"in_progress", "transcribed"})


def read_message(message: Message) -> Answer:
    """The words of a transcript or of a live hypothesis."""
    monologues = message.get("monologues")
    if isinstance(monologues, list):
        if monologues and not any("elements" in said for said in objects(monologues)):
            return (Statement(note=UNREAD),)
        tokens = [token for said in objects(monologues) for token in _monologue(said)]
        return finished_transcript(tokens, None)
    if message.get("type") in ("partial", "final") and isinstance(message.get("elements"), list):
        tokens = _tokens(objects(message["elements"]), label(pick(message, "speaker_id", "speaker")))
        return (Statement(tokens, message["type"] == "final"),)
    if message.get("type") == "connected" and "id" in message:
        return ()
    job = message.get("job", message)
    state = key(child(job, "status"))
    if state == "failed" and "failure" in job:
        return REFUSED
    return RECEIPT if state in _JOB_STATES and "id" in job else None


def _monologue(said: dict[str, Json]) -> list[Token]:
    speaker = label(said.get("speaker"))
    if speaker is None:
        info = said.get("speaker_info")
        speaker = label(pick(info, "display_name", "id"))
    return _tokens(objects(said.get("elements")), speaker)


def _tokens(elements: list[dict[str, Json]], speaker: str | None) -> list[Token]:
    tokens: list[Token] = []
    is_spaced = True
    for index, element in enumerate(elements):
        value = element.get("value")
        if not isinstance(value, str):
            continue
        if element.get("type") == "punct":
            is_before_word = index + 1 < len(elements) and elements[index + 1].get("type") == "text"
            opens = is_before_word and (is_spaced or value[:1].isspace()) and not value[-1:].isspace()
            stands_apart = bool(tokens) and (is_spaced or value[:1].isspace())
            tokens.append(_mark(value, opens=opens, stands_apart=stands_apart))
            is_spaced = value[-1:].isspace()
        else:
            tokens.append(_word(element, speaker))
            is_spaced = False
    return tokens


def _mark(value: str, *, opens: bool, stands_apart: bool) -> Token:
    """Punctuation belongs to the word before, also with a space between, unless only the one after touches it."""
    mark = stripped(value)
    if mark is None:
        return Token("", attaches=Attaches.NOTHING)
    return (
        Token(mark, attaches=Attaches.NEXT) if opens else Token(" " * stands_apart + mark, attaches=Attaches.PREVIOUS)
    )


def _word(element: dict[str, Json], speaker: str | None) -> Token:
    """Rev marks what it could not understand as unknown; that is no word."""
    said = stripped(element.get("value"))
    if said is None or element.get("type") != "text":
        return Token("", attaches=Attaches.NOTHING)
    start_s, end_s = seconds(element.get("ts")), seconds(element.get("end_ts"))
    return Token(said, start_s, end_s, confidence(element.get("confidence")), speaker)
