"""Whether two parses have the same content: a digest of who said what and when, and of nothing computed from it."""

import hashlib
from collections.abc import Callable

import msgspec

from syncd.core.reading.document import Json, write_document
from syncd.core.reading.payload import Participant, Payload, Utterance

_LEAST_S, _MOST_S = 1e-4, 1e15
"""Between these msgspec writes a float just as Python does; outside, they write exponents differently."""
_ENCODER = msgspec.json.Encoder()


class _Word(msgspec.Struct, array_like=True, gc=False):
    """Encoded as an array; a tuple for each word would keep the garbage collector busy."""

    text: str | None
    start_s: float | None
    end_s: float | None


def fingerprint(payload: Payload) -> str:
    """SHA-256 hex digest of the content of a transcript file; it differs where another parser reads anything else.

    It is taken of JSON as `write_document` writes it, which older digests were taken of, too.
    """
    participants = write_document([_who(who) for who in payload.participants])
    is_plain = all(map(_is_plain, payload.utterances))
    said = [_what(utterance, _Word if is_plain else _array) for utterance in payload.utterances]
    content = _ENCODER.encode(said) if is_plain else write_document(said).encode()
    return hashlib.sha256(b"[%b,%b]" % (participants.encode(), content)).hexdigest()


def _is_plain(utterance: Utterance) -> bool:
    """Whether both write its times alike."""
    start_s, end_s = utterance.start_s, utterance.end_s
    if start_s is None or end_s is None or (start_s >= _LEAST_S and end_s <= _MOST_S):
        return True
    return all(
        not time_s or _LEAST_S <= abs(time_s) <= _MOST_S
        for times in (utterance.starts_s, utterance.ends_s)
        for time_s in times
    )


def _who(who: Participant) -> list[Json]:
    return [who.participant_id, who.name, who.is_host, who.platform, who.email, who.extra_data]


def _array(*values: Json) -> Json:
    return values


def _what(utterance: Utterance, word: Callable[[str | None, float | None, float | None], Json]) -> list[Json]:
    moments = (utterance.started_at, utterance.ended_at)
    return [
        utterance.participant,
        utterance.language_code,
        [moment and moment.isoformat() for moment in moments],
        list(map(word, utterance.texts, utterance.starts_s, utterance.ends_s)),
    ]
