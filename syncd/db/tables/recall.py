"""The data plane: schema `recall`, for analysts. Every primary key starts with transcript_id.

Each description is written once, here, and reaches the database as a comment through the migrations.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from syncd.core.transcript import ContentState, FileKind
from syncd.db.tables.base import DATA, Base
from syncd.db.tables.indexes import transcript_indexes

_STATES = ", ".join(ContentState)
_FALSE = text("false")


def _transcript_id() -> MappedColumn[UUID]:
    key = ForeignKey(f"{DATA}.transcripts.transcript_id", ondelete="CASCADE")
    return mapped_column(key, primary_key=True, comment="The transcript this row belongs to.")


def _place(comment: str) -> MappedColumn[int]:
    return mapped_column(primary_key=True, autoincrement=False, comment=comment)


def _parser_version() -> MappedColumn[int | None]:
    return mapped_column(comment="Version of the parser that made this row.")


class Transcripts(Base):
    """One row for each tracked transcript, from the moment it is tracked."""

    __tablename__ = "transcripts"
    __table_args__ = (
        *transcript_indexes(),
        {"schema": DATA, "comment": __doc__},
    )

    transcript_id: Mapped[UUID] = mapped_column(primary_key=True, comment="Recall's id of the transcript artifact.")
    workspace: Mapped[str] = mapped_column(comment="The Recall workspace it belongs to, as named in syncd.")
    recording_id: Mapped[UUID | None] = mapped_column(comment="Recall's id of the recording that was transcribed.")
    recording_metadata: Mapped[object | None] = mapped_column(comment="Custom metadata of the recording.")
    created_at: Mapped[datetime | None] = mapped_column(comment="When Recall created the transcript.")
    status: Mapped[str | None] = mapped_column(
        comment="Recall's status code, verbatim: processing, done, failed, deleted. Null: not seen yet."
    )
    sub_code: Mapped[str | None] = mapped_column(comment="Recall's reason for the status, verbatim.")
    status_updated_at: Mapped[datetime | None] = mapped_column(comment="When Recall says the status changed.")
    custom_metadata: Mapped[object | None] = mapped_column("metadata", comment="Custom metadata of the transcript.")
    provider: Mapped[str | None] = mapped_column(
        comment="The provider key that is populated, such as deepgram_async."
    )
    provider_config: Mapped[object | None] = mapped_column(
        comment="Settings the provider was given, credentials replaced by null."
    )
    options: Mapped[object | None] = mapped_column(
        comment="Those settings under names that all providers share, for recall.transcription_options."
    )
    has_separate_streams: Mapped[bool | None] = mapped_column(
        comment="Diarization asked for separate audio streams where available."
    )
    artifact: Mapped[object | None] = mapped_column(
        comment="The whole artifact as Recall answered it, presigned links replaced by null."
    )
    payload_state: Mapped[ContentState] = mapped_column(
        server_default=text("'pending'"), comment=f"How far the content is: {_STATES}; see recall.payload_states."
    )
    payload_reason: Mapped[str | None] = mapped_column(
        comment="Why the payload is in that state, in words, where there is more to say."
    )
    provider_data_state: Mapped[ContentState | None] = mapped_column(
        comment="The same for the provider's own file; null: not decided yet."
    )
    provider_data_reason: Mapped[str | None] = mapped_column(
        comment="Why the provider's file is in that state, in words."
    )
    utterance_count: Mapped[int | None] = mapped_column(comment="Utterances loaded; null: none have been.")
    word_count: Mapped[int | None] = mapped_column(
        comment="Words loaded; a caption phrase counts as one. Null: none have been."
    )
    content_sha256: Mapped[str | None] = mapped_column(
        comment="Hex digest of who said what and when, as loaded; shows a change."
    )
    span_s: Mapped[float | None] = mapped_column(
        comment="From the first word to the last, seconds; null where no time is known."
    )
    speech_s: Mapped[float | None] = mapped_column(
        comment="Seconds of it in which anybody spoke; null where no durations are known."
    )
    overlap_s: Mapped[float | None] = mapped_column(comment="Seconds of it in which two or more spoke at once.")
    has_replaced_characters: Mapped[bool] = mapped_column(
        server_default=_FALSE, comment="Characters in the artifact that Postgres cannot hold were replaced by U+FFFD."
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="When syncd began to track it.")
    observed_at: Mapped[datetime | None] = mapped_column(
        comment="When Recall first showed the state that this row holds."
    )
    loaded_at: Mapped[datetime | None] = mapped_column(comment="When its utterances were loaded.")
    expires_at: Mapped[datetime | None] = mapped_column(comment="When Recall deletes it, where it says so.")


class StatusHistory(Base):
    """One row for each change of status that syncd observed."""

    __tablename__ = "status_history"
    __table_args__ = ({"schema": DATA, "comment": __doc__},)

    transcript_id: Mapped[UUID] = _transcript_id()
    observed_at: Mapped[datetime] = mapped_column(primary_key=True, comment="When syncd asked for it.")
    status: Mapped[str] = mapped_column(comment="Recall's status code from then on, verbatim.")
    sub_code: Mapped[str | None] = mapped_column(comment="Recall's reason for the status, verbatim.")
    status_updated_at: Mapped[datetime | None] = mapped_column(comment="When Recall says the status changed.")


class Payloads(Base):
    """The finished files, byte for byte."""

    __tablename__ = "payloads"
    __table_args__ = ({"schema": DATA, "comment": __doc__},)

    transcript_id: Mapped[UUID] = _transcript_id()
    kind: Mapped[FileKind] = mapped_column(
        primary_key=True, comment="transcript: Recall's own file; provider_data: the provider's."
    )
    sha256: Mapped[str] = mapped_column(comment="Hex digest of the decoded bytes.")
    byte_count: Mapped[int] = mapped_column(BigInteger, comment="Number of decoded bytes.")
    content: Mapped[bytes] = mapped_column(comment="The exact bytes, compressed with gzip.")
    downloaded_at: Mapped[datetime] = mapped_column(comment="When the file was downloaded.")
    parser_version: Mapped[int | None] = mapped_column(
        comment="Version of the parser that last read it into tables; null: not read."
    )
    has_replaced_characters: Mapped[bool] = mapped_column(
        server_default=_FALSE, comment="The tables hold U+FFFD or null where Postgres cannot hold what the bytes say."
    )


class Participants(Base):
    """Who spoke, one row for each pair of id and name in a transcript."""

    __tablename__ = "participants"
    __table_args__ = ({"schema": DATA, "comment": __doc__},)

    transcript_id: Mapped[UUID] = _transcript_id()
    position: Mapped[int] = _place("Order of first appearance, from 0; utterances.participant_position points here.")
    participant_id: Mapped[str | None] = mapped_column(
        comment="Recall's id within the meeting; null where it knows none."
    )
    name: Mapped[str | None] = mapped_column(comment="Display name, or the label of a machine diarization.")
    is_host: Mapped[bool | None] = mapped_column(comment="Whether they hosted the meeting.")
    platform: Mapped[str | None] = mapped_column(comment="Device as the meeting platform reports it.")
    email: Mapped[str | None] = mapped_column(comment="E-mail address, where calendar identification found one.")
    extra_data: Mapped[object | None] = mapped_column(comment="What the meeting platform says about them.")
    turn_count: Mapped[int | None] = mapped_column(comment="Utterances of theirs.")
    word_count: Mapped[int | None] = mapped_column(
        comment="Words of theirs; a caption phrase counts as all the words in it."
    )
    talk_s: Mapped[float | None] = mapped_column(
        comment="Seconds in which they spoke; null where no durations are known."
    )
    overlap_s: Mapped[float | None] = mapped_column(comment="Seconds of those in which somebody else spoke too.")
    parser_version: Mapped[int | None] = _parser_version()


class Utterances(Base):
    """What was said: one row for each uninterrupted turn of one participant."""

    __tablename__ = "utterances"
    __table_args__ = ({"schema": DATA, "comment": __doc__},)

    transcript_id: Mapped[UUID] = _transcript_id()
    position: Mapped[int] = _place("Place in the transcript, from 0.")
    participant_position: Mapped[int] = mapped_column(comment="Who spoke: position in recall.participants.")
    participant_id: Mapped[str | None] = mapped_column(comment="Recall's id of who spoke, as in recall.participants.")
    speaker: Mapped[str | None] = mapped_column(comment="Name of who spoke, as in recall.participants.")
    start_s: Mapped[float | None] = mapped_column(
        comment="Earliest time of its words, seconds from the start of the recording."
    )
    end_s: Mapped[float | None] = mapped_column(
        comment="Latest time of its words, seconds from the start of the recording."
    )
    started_at: Mapped[datetime | None] = mapped_column(comment="Start by the clock, where Recall gives it.")
    ended_at: Mapped[datetime | None] = mapped_column(comment="End by the clock, where Recall gives it.")
    text: Mapped[str] = mapped_column(comment="The words joined by spaces.")
    language_code: Mapped[str | None] = mapped_column(comment="Language of the utterance, as the provider names it.")
    word_count: Mapped[int] = mapped_column(comment="Number of words; a caption phrase counts as one.")
    words: Mapped[list[str | None]] = mapped_column(comment="Its words, in order; recall.words shows them as rows.")
    word_starts_s: Mapped[list[float | None]] = mapped_column(
        comment="Start of each word, seconds; null where unknown."
    )
    word_ends_s: Mapped[list[float | None]] = mapped_column(comment="End of each word, seconds; null where unknown.")
    parser_version: Mapped[int | None] = _parser_version()


class ProviderParts(Base):
    """The provider's own file, one row for each message of the provider."""

    __tablename__ = "provider_parts"
    __table_args__ = ({"schema": DATA, "comment": __doc__},)

    transcript_id: Mapped[UUID] = _transcript_id()
    position: Mapped[int] = _place("Place in the file, from 0.")
    part_id: Mapped[str | None] = mapped_column(comment="Recall's id of the part.")
    created_at: Mapped[datetime | None] = mapped_column(comment="When Recall received it from the provider.")
    type: Mapped[str | None] = mapped_column(comment="How it came: webhook, http_response or websocket_message.")
    source_audio: Mapped[object | None] = mapped_column(
        comment="Which audio it speaks of, and that audio's offset in seconds."
    )
    data: Mapped[object | None] = mapped_column(
        comment="The provider's own message, presigned links and credentials replaced by null."
    )
    words: Mapped[list[str | None] | None] = mapped_column(
        comment="The words it says; recall.provider_words shows them as rows."
    )
    word_starts_s: Mapped[list[float | None] | None] = mapped_column(
        comment="Start of each word, seconds from the start of the recording."
    )
    word_ends_s: Mapped[list[float | None] | None] = mapped_column(
        comment="End of each word, seconds from the start of the recording."
    )
    word_confidences: Mapped[list[float | None] | None] = mapped_column(
        comment="How sure the provider was of each word, from 0 to 1."
    )
    word_speakers: Mapped[list[str | None] | None] = mapped_column(
        comment="The provider's own label of who spoke each word."
    )
    word_finals: Mapped[list[bool | None] | None] = mapped_column(
        comment="Whether each word was the provider's last answer for its time."
    )
    note: Mapped[str | None] = mapped_column(comment="Why no words were read from it, where it seems to hold some.")
    parser_version: Mapped[int | None] = _parser_version()


class Passages(Base):
    """The index of recall.search(): one row for each utterance, several for a very long one."""

    __tablename__ = "passages"
    __table_args__ = (
        Index("passages_search", "search_vector", postgresql_using="gin"),
        Index("passages_config", "search_config"),
        {"schema": DATA, "comment": __doc__},
    )

    transcript_id: Mapped[UUID] = _transcript_id()
    position: Mapped[int] = _place("The utterance it is a piece of.")
    passage: Mapped[int] = _place("Place in the utterance, from 0.")
    first_word: Mapped[int] = mapped_column(comment="Its first word: place in the utterance, from 0.")
    last_word: Mapped[int] = mapped_column(comment="Its last word: place in the utterance, from 0.")
    first_character: Mapped[int] = mapped_column(comment="Where it begins in the utterance's text, from 0.")
    character_count: Mapped[int] = mapped_column(comment="How much of the utterance's text it is.")
    search_config: Mapped[str] = mapped_column(comment="Text search configuration it was read with.")
    search_vector: Mapped[str] = mapped_column(TSVECTOR, comment="What recall.search() searches.")
    parser_version: Mapped[int | None] = _parser_version()


class Events(Base):
    """What happened to transcripts, in order, for programs that want to be told."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("kind in ('ready', 'failed', 'deleted', 'changed', 'erased')", name="events_kind"),
        Index("events_transcript", "transcript_id", "event_id"),
        Index("events_occurred_at", "occurred_at"),
        {"schema": DATA, "comment": __doc__},
    )

    event_id: Mapped[int] = mapped_column(
        BigInteger, Identity(always=True), primary_key=True, comment="Grows in order of commit."
    )
    transcript_id: Mapped[UUID] = mapped_column(comment="The transcript; an erased one is in no other table.")
    workspace: Mapped[str] = mapped_column(comment="The workspace it belongs to.")
    kind: Mapped[str] = mapped_column(comment="ready, failed, deleted, changed or erased.")
    occurred_at: Mapped[datetime] = mapped_column(comment="When it was written.")


class Workspaces(Base):
    """The Recall workspaces that transcripts come from."""

    __tablename__ = "workspaces"
    __table_args__ = ({"schema": DATA, "comment": __doc__},)

    workspace: Mapped[str] = mapped_column(primary_key=True, comment="Name of the workspace, as in SYNCD_WORKSPACE.")
    registered_at: Mapped[datetime] = mapped_column(comment="When a daemon first served it.")
