"""Whether two parses have the same content: a digest of who said what and when, and of nothing computed from it."""

import hashlib

from syncd.core.reading.document import Json, write_document
from syncd.core.reading.transcript_file import Participant, Payload, Utterance


def fingerprint(payload: Payload) -> str:
    """SHA-256 hex digest of the content of a transcript file; it differs where another parser reads anything else."""
    content = [[_who(who) for who in payload.participants], [_what(utterance) for utterance in payload.utterances]]
    return hashlib.sha256(write_document(content).encode()).hexdigest()


def _who(who: Participant) -> list[Json]:
    return [who.participant_id, who.name, who.is_host, who.platform, who.email, who.extra_data]


def _what(utterance: Utterance) -> list[Json]:
    moments = (utterance.started_at, utterance.ended_at)
    return [
        utterance.participant,
        utterance.language_code,
        [moment and moment.isoformat() for moment in moments],
        [[word.text, word.start_s, word.end_s] for word in utterance.words],
    ]
