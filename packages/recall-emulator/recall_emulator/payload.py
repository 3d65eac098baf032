"""The normalised transcript file in all the shapes it has had."""

import json

from recall_emulator.documents import Json
from recall_emulator.meeting import Meeting, Speaker, Turn, Word
from recall_emulator.scenario import Variant
from recall_emulator.timestamps import timestamp

Element = dict[str, Json]
_MIXTURE: tuple[Variant, ...] = ("2", "3", "1")


def transcript_of(meeting: Meeting, variant: Variant, started_at: float, has_phrases: bool) -> list[Element]:
    """Return the elements of a transcript.

    `started_at` is the recording's start in seconds since the epoch; `has_phrases` makes each turn one caption phrase
    without an end, as meeting captions are.
    """
    elements = []
    for index, turn in enumerate(meeting.turns):
        chosen = _MIXTURE[index % len(_MIXTURE)] if variant == "mixed" else variant
        elements.append(_element(_as_phrase(turn) if has_phrases else turn, chosen, started_at, has_phrases))
    return elements


def written(document: Json) -> bytes:
    """Write JSON compactly, in UTF-8 without escapes."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def participant_of(speaker: Speaker, variant: Variant) -> dict[str, Json]:
    """Return the participant object in the shape of a variant."""
    participant: dict[str, Json] = {"id": speaker.participant_id, "name": speaker.name}
    if variant in ("2", "3"):
        participant |= {"is_host": speaker.is_host, "platform": speaker.platform, "extra_data": speaker.extra}
    if variant == "3":
        participant["email"] = speaker.email
    return participant


def _element(turn: Turn, variant: Variant, started_at: float, has_phrases: bool) -> Element:
    if variant == "L":
        words = [_legacy_word(word, has_phrases) for word in turn.words]
        speaker = turn.speaker
        return {
            "speaker": speaker.name,
            "speaker_id": speaker.participant_id,
            "language": turn.language,
            "words": words,
        }
    origin = None if variant == "1" else started_at
    element: Element = {"participant": participant_of(turn.speaker, variant)}
    if variant == "3":
        element["language_code"] = turn.language
    element["words"] = [_word(word, origin, has_phrases) for word in turn.words]
    return element


def _word(word: Word, origin: float | None, has_phrases: bool) -> dict[str, Json]:
    end = None if has_phrases else _moment(word.end, origin)
    return {"text": word.text, "start_timestamp": _moment(word.start, origin), "end_timestamp": end}


def _moment(seconds: float, origin: float | None) -> dict[str, Json]:
    if origin is None:
        return {"relative": seconds}
    return {"relative": seconds, "absolute": timestamp(origin + seconds)}


def _legacy_word(word: Word, has_phrases: bool) -> dict[str, Json]:
    legacy: dict[str, Json] = {"text": word.text, "start_timestamp": word.start}
    if not has_phrases:
        legacy["end_timestamp"] = word.end
    return legacy | {"language": None, "confidence": None}


def _as_phrase(turn: Turn) -> Turn:
    return Turn(turn.speaker, (Word(turn.text, turn.start, turn.end),), turn.language)
