"""Rows of recall.participants, recall.utterance_data and recall.passages: what a transcript file says, as rows."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from syncd.core.reading.payload import Payload, Utterance
from syncd.core.reading.talk_time import Talk
from syncd.core.reading.transcript_file import PARSER_VERSION
from syncd.core.reading.word_times import microseconds, packed
from syncd.db.content import copy_text, search
from syncd.db.content.copying import copy_rows, delete_rows
from syncd.db.tables.content import Participants, Passages, UtteranceData

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
    "start_s",
    "end_s",
    "started_at",
    "ended_at",
    "text",
    "language_code",
    "search_config",
    "word_count",
    "words",
    "word_times",
    "word_starts_s",
    "word_ends_s",
    "parser_version",
)


def replace_utterances(connection: Connection, transcript_id: UUID, payload: Payload, talk: Talk) -> None:
    """Put the payload's rows in place of those that were there. Raises Unstorable."""
    configs = search.choose_configs(connection, transcript_id, {each.language_code for each in payload.utterances})
    delete_rows(connection, transcript_id, Participants, UtteranceData, Passages)
    copy_rows(connection, Participants, transcript_id, _PARTICIPANT, _participant_lines(payload, talk))
    copy_rows(connection, UtteranceData, transcript_id, _UTTERANCE, _utterance_lines(payload, configs.by_code))
    search.insert_passages(connection, transcript_id, payload, configs.by_code)
    search.note_configs(connection, configs.new)


def _participant_lines(payload: Payload, talk: Talk) -> Iterator[str]:
    for position, (who, share) in enumerate(zip(payload.participants, talk.shares, strict=True)):
        yield copy_text.line(
            (
                str(position),
                copy_text.text(who.participant_id),
                copy_text.text(who.name),
                copy_text.flag(who.is_host),
                copy_text.text(who.platform),
                copy_text.text(who.email),
                copy_text.json(who.extra_data),
                str(share.turn_count),
                str(share.word_count),
                copy_text.number(share.talk_s),
                copy_text.number(share.overlap_s),
                str(PARSER_VERSION),
            )
        )


def _utterance_lines(payload: Payload, configs: Mapping[str | None, str]) -> Iterator[str]:
    for position, (said, exact) in enumerate(zip(payload.utterances, microseconds(payload.utterances), strict=True)):
        yield copy_text.line(
            (
                str(position),
                str(said.participant),
                copy_text.number(said.start_s),
                copy_text.number(said.end_s),
                copy_text.moment(said.started_at),
                copy_text.moment(said.ended_at),
                copy_text.text(said.text),
                copy_text.text(said.language_code),
                copy_text.text(configs[said.language_code]),
                str(len(said.texts)),
                copy_text.texts(_unspaced(said)),
                *_times(said, exact),
                str(PARSER_VERSION),
            )
        )


def _unspaced(said: Utterance) -> Sequence[str | None] | None:
    """The words, where the text split at its spaces is not the same."""
    is_same = all(said.texts) and said.text.count(" ") == max(len(said.texts) - 1, 0)
    return None if is_same else said.texts


def _times(said: Utterance, exact: Sequence[int] | None) -> tuple[str, str, str]:
    """Whole microseconds where they say it exactly, else the seconds as they are; nothing where no time is known."""
    if said.start_s is None:
        return copy_text.NULL, copy_text.NULL, copy_text.NULL
    if exact is not None:
        return copy_text.binary(packed(exact)), copy_text.NULL, copy_text.NULL
    return copy_text.NULL, copy_text.numbers(said.starts_s), copy_text.numbers(said.ends_s)
