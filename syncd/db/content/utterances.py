"""Rows of recall.participants and recall.utterances: what a transcript file says, as rows."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection

from syncd.core.reading.document import write_document
from syncd.core.reading.talk_time import Talk
from syncd.core.reading.transcript_file import PARSER_VERSION, Payload
from syncd.db.content.copying import replace_rows
from syncd.db.tables.recall import Participants, Utterances

_PARTICIPANT = (
    "position",
    "participant_id",
    "name",
    "is_host",
    "platform",
    "email",
    "extra_data",
    "turn_count",
    "word_count",
    "talk_s",
    "overlap_s",
    "parser_version",
)
_UTTERANCE = (
    "position",
    "participant_position",
    "participant_id",
    "speaker",
    "start_s",
    "end_s",
    "started_at",
    "ended_at",
    "text",
    "language_code",
    "word_count",
    "words",
    "word_starts_s",
    "word_ends_s",
    "parser_version",
)


def replace_utterances(connection: Connection, transcript_id: UUID, payload: Payload, talk: Talk) -> None:
    """Put the payload's rows in place of those that were there."""
    replace_rows(connection, Participants, transcript_id, _PARTICIPANT, _participant_rows(payload, talk))
    replace_rows(connection, Utterances, transcript_id, _UTTERANCE, _utterance_rows(payload))


def _participant_rows(payload: Payload, talk: Talk) -> Iterator[tuple[object, ...]]:
    for position, (who, share) in enumerate(zip(payload.participants, talk.shares, strict=True)):
        yield (
            position,
            who.participant_id,
            who.name,
            who.is_host,
            who.platform,
            who.email,
            None if who.extra_data is None else write_document(who.extra_data),
            share.turn_count,
            share.word_count,
            share.talk_s,
            share.overlap_s,
            PARSER_VERSION,
        )


def _utterance_rows(payload: Payload) -> Iterator[tuple[object, ...]]:
    for position, utterance in enumerate(payload.utterances):
        who = payload.participants[utterance.participant]
        yield (
            position,
            utterance.participant,
            who.participant_id,
            who.name,
            utterance.start_s,
            utterance.end_s,
            utterance.started_at,
            utterance.ended_at,
            utterance.text,
            utterance.language_code,
            len(utterance.words),
            [word.text for word in utterance.words],
            [word.start_s for word in utterance.words],
            [word.end_s for word in utterance.words],
            PARSER_VERSION,
        )
