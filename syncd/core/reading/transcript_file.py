"""Recall's normalised transcript file: a JSON array of utterances, each with its participant and words.

Four generations of the format are in the wild, and single keys come and go between them, so every key is
optional on its own: `participant{}` or the older `speaker`/`speaker_id`, times as `{relative, absolute}` or as
plain numbers, `language_code` or `language`.

Nearly every file has the types of one of these generations, and is read by typed_transcript.py. What it does not
take is read here, leniently, value by value.
"""

from collections.abc import Sequence
from datetime import datetime

from syncd.core.reading.document import Content, Document, Json, Unreadable, read_document
from syncd.core.reading.payload import Participant, Participants, Payload, Utterance
from syncd.core.reading.typed_transcript import read_typed
from syncd.core.reading.values import as_object, boolean, child, id_text, moment, number, relative, text

PARSER_VERSION = 4
"""Raised whenever the same bytes would be read into different rows."""

_TEXT_KEYS = ("text", "transcript", "content", "sentence", "punctuated_transcript")
"""Where a file of an unknown shape may keep what was said."""
_MOST_KEYS, _LONGEST_KEY = 12, 40


def read_transcript_file(content: Content) -> tuple[Payload, bool]:
    """Read the bytes of a transcript file; and whether characters or numbers in it were replaced to be storable.

    Raises Unreadable where it is not a JSON array of objects, where read_document refuses it, and where it has no
    text although it is not one of a silent meeting.
    """
    payload = read_typed(content)
    if payload is not None and payload.has_text:
        return payload, payload.is_cut
    document = read_document(content)
    payload = read_payload(document)
    if not payload.has_text:
        _require_silence(document.value)
    return payload, document.is_altered


def read_payload(document: Document) -> Payload:
    """Read a transcript file value by value. Raises Unreadable where it is not an array of objects."""
    if not isinstance(document.value, list):
        raise Unreadable("the transcript file is not a JSON array of utterances")
    met = Participants()
    utterances = tuple(_utterance(element, index, met) for index, element in enumerate(document.value))
    return Payload(tuple(met.all), utterances)


def _require_silence(elements: list[Json]) -> None:
    """A file without any text is one of a silent meeting, or one of a shape that nobody knows: Raises Unreadable.

    Where nobody spoke there are no elements, or they have no words, or words whose text is empty.
    """
    for index, element in enumerate(elements):
        place = f"element {index} of the transcript file"
        if "words" not in element:
            raise Unreadable(f"{place} has no words; its keys are {_keys(element)}")
        other = next((key for key in _TEXT_KEYS if text(element.get(key))), None)
        if other is not None:
            raise Unreadable(f"{place} has a text under {other!r}, and no words")
        for word_index, said in enumerate(element["words"] or []):
            if text(said.get("text")) is None:
                raise Unreadable(f"word {word_index} of {place} has no text; its keys are {_keys(said)}")


def _keys(value: dict[str, Json]) -> str:
    """Names of keys, so that one sees which shape it is; they are no content."""
    names = ", ".join(repr(key[:_LONGEST_KEY]) for key in list(value)[:_MOST_KEYS])
    return names or "none"


def _utterance(element: Json, index: int, met: Participants) -> Utterance:
    if not isinstance(element, dict):
        raise Unreadable(f"element {index} of the transcript file is not an object")
    words = element.get("words")
    if words is not None and not isinstance(words, list):
        raise Unreadable(f"the words of element {index} are not an array")
    words = words or []
    if not all(isinstance(word, dict) for word in words):
        raise Unreadable(f"a word of element {index} is not an object")
    return Utterance(
        participant=met.place(_participant(element)),
        texts=[id_text(word.get("text")) for word in words],
        starts_s=[number(relative(word.get("start_timestamp"))) for word in words],
        ends_s=[number(relative(word.get("end_timestamp"))) for word in words],
        language_code=text(element.get("language_code")) or text(element.get("language")),
        started_at=_first_moment(words, ("start_timestamp", "end_timestamp"), first=True),
        ended_at=_first_moment(words, ("end_timestamp", "start_timestamp"), first=False),
    )


def _participant(element: dict[str, Json]) -> Participant:
    raw = as_object(element.get("participant")) or {}
    participant_id, name = id_text(raw.get("id")), id_text(raw.get("name"))
    return Participant(
        participant_id=id_text(element.get("speaker_id")) if participant_id is None else participant_id,
        name=id_text(element.get("speaker")) if name is None else name,
        is_host=boolean(raw.get("is_host")),
        platform=text(raw.get("platform")),
        email=text(raw.get("email")),
        extra_data=raw.get("extra_data"),
    )


def _first_moment(words: Sequence[Json], keys: tuple[str, str], *, first: bool) -> datetime | None:
    """The absolute time of the first (or last) word that bears one."""
    for word in words if first else reversed(words):
        for key in keys:
            found = moment(child(word, key, "absolute"), from_number=True)
            if found is not None:
                return found
    return None
