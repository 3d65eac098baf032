"""Recall's normalised transcript file: a JSON array of utterances, each with its participant and words.

Four generations of the format are in the wild, and single keys come and go between them, so every key is
optional on its own: `participant{}` or the older `speaker`/`speaker_id`, times as `{relative, absolute}` or as
plain numbers, `language_code` or `language`.

Nearly every file has the types of one of these generations, and is read by typed_transcript.py. What it does not
take is read here, leniently, value by value.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial

from syncd.core.reading.document import Content, Document, Json, Unreadable, read_document, read_pairs
from syncd.core.reading.lost_text import first_lost, has_more_arrays
from syncd.core.reading.payload import Participant, Participants, Payload, Utterance
from syncd.core.reading.typed_transcript import read_typed
from syncd.core.reading.values import as_object, boolean, child, id_text, moment, number, relative, text

PARSER_VERSION = 5
"""Raised whenever the same bytes would be read into different rows."""


def read_transcript_file(content: Content) -> tuple[Payload, bool]:
    """Read the bytes of a transcript file; and whether characters or numbers in it were replaced to be storable.

    Raises Unreadable where it is not a JSON array, where read_document refuses it, and where nothing was read
    although it is no file of a silent meeting: one without elements, or whose elements have no words or empty ones,
    and no other text. Where only some was not read, `lost` of the payload says so.
    """
    payload = read_typed(content)
    payload, is_altered = (payload, payload.is_cut) if payload else read_leniently(content)
    if payload.lost is not None and not payload.has_text:
        raise Unreadable(payload.lost)
    return payload, is_altered


def read_leniently(content: Content) -> tuple[Payload, bool]:
    """The same of a file of any types. It is read once more where some text of it may be lost."""
    document = read_document(content)
    payload = read_payload(document)
    pairs = cache(partial(read_pairs, content))
    repeated = range(len(document.value)) if has_more_arrays(content, payload.utterances) else ()
    lost = first_lost(payload.utterances, lambda index: pairs()[index], repeated)
    return replace(payload, lost=lost), document.is_altered


def read_payload(document: Document) -> Payload:
    """Read a transcript file value by value. Raises Unreadable where it is not an array."""
    if not isinstance(document.value, list):
        raise Unreadable("the transcript file is not a JSON array of utterances")
    met = Participants()
    utterances = tuple(_utterance(as_object(element) or {}, met) for element in document.value)
    return Payload(tuple(met.all), utterances)


def _utterance(element: dict[str, Json], met: Participants) -> Utterance:
    words = element.get("words")
    words = [as_object(word) or {} for word in words] if isinstance(words, list) else []
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
