"""Whether two parses have the same content: a digest of who said what and when, and of nothing computed from it."""

import hashlib
import math
import sys
from array import array
from collections.abc import Iterable

import msgspec

from syncd.core.reading.document import Json, write_document
from syncd.core.reading.payload import Participant, Payload, Times, Utterance

_ENCODER = msgspec.json.Encoder()


def fingerprint(payload: Payload) -> str:
    """SHA-256 hex digest of the content of a transcript file; it differs where another parser reads anything else.

    It is taken of JSON without the times, and of the times as they are in memory: to write a float takes longer than
    everything else here.
    """
    digest = hashlib.sha256(write_document(_who(payload)).encode())
    digest.update(_ENCODER.encode([_said(utterance) for utterance in payload.utterances]))
    times = array("d")
    for utterance in payload.utterances:
        for some in (utterance.starts_s, utterance.ends_s):
            try:
                times.fromlist(some)  # type: ignore[arg-type]  # a list of numbers, nearly always
            except TypeError:
                times.extend(_known(some))
    if sys.byteorder == "big":  # pragma: no cover: so that all machines have the same digest
        times.byteswap()
    digest.update(times)
    return digest.hexdigest()


def former_fingerprint(payload: Payload) -> str:
    """The digest as it was before revision 0005, of JSON with the times in it. Stored ones may be of this kind."""
    content = [_who(payload), [_what(utterance) for utterance in payload.utterances]]
    return hashlib.sha256(write_document(content).encode()).hexdigest()


def _who(payload: Payload) -> list[Json]:
    return [_fields(who) for who in payload.participants]


def _fields(who: Participant) -> list[Json]:
    return [who.participant_id, who.name, who.is_host, who.platform, who.email, who.extra_data]


def _said(utterance: Utterance) -> tuple[Json, ...]:
    moments = (utterance.started_at, utterance.ended_at)
    return utterance.participant, utterance.language_code, *moments, utterance.texts


def _known(times: Times) -> Iterable[float]:
    """NaN, which no time is, for one that is unknown."""
    return (math.nan if time_s is None else time_s for time_s in times)


def _what(utterance: Utterance) -> list[Json]:
    moments = (utterance.started_at, utterance.ended_at)
    return [
        utterance.participant,
        utterance.language_code,
        [moment and moment.isoformat() for moment in moments],
        utterance.words,
    ]
