"""The data plane: schema `recall`, for analysts. Every primary key starts with transcript_id.

Each description is written once, here, and reaches the database as a comment through the migrations.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnClause, ForeignKey, Identity, Index, text

from syncd.core.admin.erasure import SelectedBy
from syncd.core.transcript import ContentState
from syncd.db.tables.base import DATA, Base, column
from syncd.db.tables.indexes import transcript_indexes

_STATES = ", ".join(ContentState)
_FALSE = text("false")


def transcript_key() -> Any:  # as column()
    """The column that every table of schema `recall` begins its key with."""
    key = ForeignKey(f"{DATA}.transcripts.transcript_id", ondelete="CASCADE")
    return column(key, primary_key=True, comment="The transcript this row belongs to.")


class Transcripts(Base, schema=DATA):
    """One row for each tracked transcript, from the moment it is tracked."""

    __tablename__ = "transcripts"
    __table_args__ = transcript_indexes()

    transcript_id: ColumnClause[UUID] = column(primary_key=True, comment="Recall's id of the transcript artifact.")
    workspace: ColumnClause[str] = column(comment="The Recall workspace it belongs to, as named in syncd.")
    recording_id: ColumnClause[UUID | None] = column(comment="Recall's id of the recording that was transcribed.")
    recording_metadata: ColumnClause[object | None] = column(comment="Custom metadata of the recording.")
    created_at: ColumnClause[datetime | None] = column(comment="When Recall created the transcript.")
    status: ColumnClause[str | None] = column(
        comment="Recall's status code, verbatim: processing, done, failed, deleted (also after a confirmed 404)."
        " Null: not seen yet."
    )
    sub_code: ColumnClause[str | None] = column(comment="Recall's reason for the status, verbatim.")
    status_updated_at: ColumnClause[datetime | None] = column(comment="When Recall says the status changed.")
    deleted_at: ColumnClause[datetime | None] = column(
        comment="When syncd saw that Recall has deleted it, by its status or a confirmed 404; null: it has not."
    )
    metadata: ColumnClause[object | None] = column(comment="Custom metadata of the transcript.")
    provider: ColumnClause[str | None] = column(comment="The provider key that is populated, such as deepgram_async.")
    provider_config: ColumnClause[object | None] = column(
        comment="Settings the provider was given, credentials replaced by null."
    )
    options: ColumnClause[object | None] = column(
        comment="Those settings under names that all providers share, for recall.transcription_options."
    )
    has_separate_streams: ColumnClause[bool | None] = column(
        comment="Diarization asked for separate audio streams where available."
    )
    artifact: ColumnClause[object | None] = column(
        comment="The whole artifact as Recall answered it, presigned links replaced by null."
    )
    payload_state: ColumnClause[ContentState] = column(
        server_default=text("'pending'"), comment=f"How far the content is: {_STATES}; see recall.payload_states."
    )
    payload_reason: ColumnClause[str | None] = column(
        comment="Why the payload is in that state, in words; of a loaded one, where text may be missing."
    )
    provider_data_state: ColumnClause[ContentState | None] = column(
        comment="The same for the provider's own file; null: not decided yet."
    )
    provider_data_reason: ColumnClause[str | None] = column(
        comment="Why the provider's file is in that state, in words."
    )
    utterance_count: ColumnClause[int | None] = column(comment="Utterances loaded; null: none have been.")
    word_count: ColumnClause[int | None] = column(
        comment="Words loaded; a caption phrase counts as one. Null: none have been."
    )
    content_sha256: ColumnClause[str | None] = column(
        comment="Hex digest of who said what and when, as loaded; shows a change."
    )
    span_s: ColumnClause[float | None] = column(
        comment="From the first word to the last, seconds; null where no time is known."
    )
    speech_s: ColumnClause[float | None] = column(
        comment="Seconds of it in which anybody spoke; null where no durations are known."
    )
    overlap_s: ColumnClause[float | None] = column(comment="Seconds of it in which two or more spoke at once.")
    has_replaced_characters: ColumnClause[bool] = column(
        server_default=_FALSE, comment="Characters in the artifact that Postgres cannot hold were replaced by U+FFFD."
    )
    first_seen_at: ColumnClause[datetime] = column(comment="When syncd began to track it.")
    observed_at: ColumnClause[datetime | None] = column(
        comment="When Recall first showed the state that this row holds."
    )
    loaded_at: ColumnClause[datetime | None] = column(comment="When its utterances were loaded.")
    expires_at: ColumnClause[datetime | None] = column(comment="When Recall deletes it, where it says so.")


class StatusHistory(Base, schema=DATA):
    """One row for each change of status that syncd observed."""

    __tablename__ = "status_history"

    transcript_id: ColumnClause[UUID] = transcript_key()
    observed_at: ColumnClause[datetime] = column(primary_key=True, comment="When syncd asked for it.")
    status: ColumnClause[str] = column(comment="Recall's status code from then on, verbatim.")
    sub_code: ColumnClause[str | None] = column(comment="Recall's reason for the status, verbatim.")
    status_updated_at: ColumnClause[datetime | None] = column(comment="When Recall says the status changed.")


class Events(Base, schema=DATA):
    """What happened to transcripts, in order, for programs that want to be told."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("kind in ('ready', 'failed', 'deleted', 'changed', 'erased')", name="events_kind"),
        Index("events_transcript", "transcript_id", "event_id"),
        Index("events_occurred_at", "occurred_at"),
    )

    event_id: ColumnClause[int] = column(
        Identity(always=True), type_=BigInteger, primary_key=True, comment="Grows in order of commit."
    )
    transcript_id: ColumnClause[UUID] = column(comment="The transcript; an erased one is in no other table.")
    workspace: ColumnClause[str] = column(comment="The workspace it belongs to.")
    kind: ColumnClause[str] = column(comment="ready, failed, deleted, changed or erased.")
    occurred_at: ColumnClause[datetime] = column(comment="When it was written.")


class Erasures(Base, schema=DATA):
    """What was erased here: a receipt for each transcript, which keeps it from being tracked again."""

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint(
            f"selected_by in ({', '.join(repr(str(each)) for each in SelectedBy)})", name="erasures_selected_by"
        ),
        Index("erasures_erased_at", "erased_at"),
    )

    transcript_id: ColumnClause[UUID] = column(
        primary_key=True, comment="The transcript, which is in no other table but events."
    )
    workspace: ColumnClause[str] = column(comment="The workspace it belonged to.")
    recording_id: ColumnClause[UUID | None] = column(comment="Recall's id of its recording.")
    selected_by: ColumnClause[str] = column(
        comment=f"What it was chosen by: {', '.join(SelectedBy)}. The value itself is not kept."
    )
    reason: ColumnClause[str | None] = column(comment="Why, in the words of whoever erased it.")
    row_count: ColumnClause[int] = column(
        type_=BigInteger, comment="Rows that went; 0: the transcript was not known."
    )
    word_count: ColumnClause[int] = column(type_=BigInteger, comment="Words that went.")
    byte_count: ColumnClause[int] = column(type_=BigInteger, comment="Bytes of files that went, as downloaded.")
    digests: ColumnClause[object] = column(comment="SHA-256 of each file that went, by its kind.")
    erased_at: ColumnClause[datetime] = column(comment="When it was erased.")
    erased_by: ColumnClause[str] = column(comment="The login of Postgres that did it.")


class Workspaces(Base, schema=DATA):
    """The Recall workspaces that transcripts come from."""

    __tablename__ = "workspaces"

    workspace: ColumnClause[str] = column(primary_key=True, comment="Name of the workspace, as in SYNCD_WORKSPACE.")
    registered_at: ColumnClause[datetime] = column(comment="When a daemon first served it.")
    discovery_cut_short_at: ColumnClause[datetime | None] = column(
        comment="When the last pass of discovery ended before its end; null: it was whole, or there was none."
    )
    discovery_cut_short_reason: ColumnClause[str | None] = column(comment="Why it did.")
