"""Whether two readings say the same: a digest of who said what and when, and of nothing that is reckoned from it."""

import hashlib
from typing import Any

from syncd.core.reading.document import write_document
from syncd.core.reading.transcript_file import Participant, Payload, Utterance


def fingerprint(payload: Payload) -> str:
    """Hex digest of all that a transcript file says; another one where a better parser reads anything else."""
    said = [[_who(who) for who in payload.participants], [_what(utterance) for utterance in payload.utterances]]
    return hashlib.sha256(write_document(said).encode()).hexdigest()


def _who(who: Participant) -> list[Any]:
    return [who.participant_id, who.name, who.is_host, who.platform, who.email, who.extra_data]


def _what(utterance: Utterance) -> list[Any]:
    moments = (utterance.started_at, utterance.ended_at)
    return [
        utterance.participant,
        utterance.language_code,
        [moment and moment.isoformat() for moment in moments],
        [[word.text, word.start_s, word.end_s] for word in utterance.words],
    ]
