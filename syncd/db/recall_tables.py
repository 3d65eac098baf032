"""The data plane: schema `recall`, for analysts. Every primary key starts with transcript_id.

Each description is written once, here, and reaches the database as a comment through the migrations.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from syncd.core.transcript import PayloadState
from syncd.db.control_tables import DATA, metadata

__all__ = ["metadata", "participants", "payloads", "provider_parts", "status_history", "transcripts", "utterances"]

_STATES = ", ".join(PayloadState)
_FALSE = text("false")


def _transcript_id() -> Column[object]:
    key = ForeignKey(f"{DATA}.transcripts.transcript_id", ondelete="CASCADE")
    return Column("transcript_id", Uuid, key, primary_key=True, comment="The transcript this row belongs to.")


def _json(name: str, comment: str) -> Column[object]:
    return Column(name, JSONB(none_as_null=True), comment=comment)


transcripts = Table(
    "transcripts",
    metadata,
    Column("transcript_id", Uuid, primary_key=True, comment="Recall's id of the transcript artifact."),
    Column("workspace", Text, nullable=False, comment="The Recall workspace it belongs to, as named in syncd."),
    Column("recording_id", Uuid, comment="Recall's id of the recording that was transcribed."),
    _json("recording_metadata", "Custom metadata of the recording."),
    Column("created_at", DateTime(timezone=True), comment="When Recall created the transcript."),
    Column(
        "status",
        Text,
        comment="Recall's status code, verbatim: processing, done, failed, deleted. Null: not seen yet.",
    ),
    Column("sub_code", Text, comment="Recall's reason for the status, verbatim."),
    Column("status_updated_at", DateTime(timezone=True), comment="When Recall says the status changed."),
    _json("metadata", "Custom metadata of the transcript."),
    Column("provider", Text, comment="The provider key that is populated, such as deepgram_async."),
    _json("provider_config", "Settings the provider was given, credentials replaced by null."),
    Column("has_separate_streams", Boolean, comment="Diarization asked for separate audio streams where available."),
    _json("artifact", "The whole artifact as Recall answered it, presigned links replaced by null."),
    Column(
        "payload_state",
        Text,
        nullable=False,
        server_default=text("'pending'"),
        comment=f"How far the content is: {_STATES}; see recall.payload_states.",
    ),
    Column("payload_reason", Text, comment="Why the payload is in that state, in words, where there is more to say."),
    Column("provider_data_state", Text, comment="The same for the provider's own file; null: not decided yet."),
    Column("provider_data_reason", Text, comment="Why the provider's file is in that state, in words."),
    Column("utterance_count", Integer, comment="Utterances loaded; null: none have been."),
    Column("word_count", Integer, comment="Words loaded; null: none have been."),
    Column(
        "has_replaced_characters",
        Boolean,
        nullable=False,
        server_default=_FALSE,
        comment="Characters in the artifact that Postgres cannot hold were replaced by U+FFFD.",
    ),
    Column("first_seen_at", DateTime(timezone=True), nullable=False, comment="When syncd began to track it."),
    Column("observed_at", DateTime(timezone=True), comment="When Recall first showed the state that this row holds."),
    Column("loaded_at", DateTime(timezone=True), comment="When its utterances were loaded."),
    Index("transcripts_recording_id", "recording_id"),
    Index("transcripts_created_at", "created_at"),
    schema=DATA,
    comment="One row for each tracked transcript, from the moment it is tracked.",
)

status_history = Table(
    "status_history",
    metadata,
    _transcript_id(),
    Column(
        "observed_at",
        DateTime(timezone=True),
        primary_key=True,
        comment="When syncd asked and so learned of it.",
    ),
    Column("status", Text, nullable=False, comment="Recall's status code from then on, verbatim."),
    Column("sub_code", Text, comment="Recall's reason for the status, verbatim."),
    Column("status_updated_at", DateTime(timezone=True), comment="When Recall says the status changed."),
    schema=DATA,
    comment="One row for each change of status that syncd observed.",
)

payloads = Table(
    "payloads",
    metadata,
    _transcript_id(),
    Column("kind", Text, primary_key=True, comment="transcript: Recall's own file; provider_data: the provider's."),
    Column("sha256", Text, nullable=False, comment="Hex digest of the decoded bytes."),
    Column("byte_count", BigInteger, nullable=False, comment="Number of decoded bytes."),
    Column("content", LargeBinary, nullable=False, comment="The exact bytes, compressed with gzip."),
    Column("downloaded_at", DateTime(timezone=True), nullable=False, comment="When the file was downloaded."),
    Column("parser_version", Integer, comment="Version of the parser that last read it into tables; null: not read."),
    Column(
        "has_replaced_characters",
        Boolean,
        nullable=False,
        server_default=_FALSE,
        comment="The tables hold U+FFFD or null where Postgres cannot hold what the bytes say.",
    ),
    schema=DATA,
    comment="The finished files, byte for byte.",
)

participants = Table(
    "participants",
    metadata,
    _transcript_id(),
    Column(
        "position",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="Order of first appearance, from 0; utterances.participant_position points here.",
    ),
    Column("participant_id", Text, comment="Recall's id within the meeting; null where it knows none."),
    Column("name", Text, comment="Display name, or the label of a machine diarization."),
    Column("is_host", Boolean, comment="Whether they hosted the meeting."),
    Column("platform", Text, comment="Device as the meeting platform reports it."),
    Column("email", Text, comment="E-mail address, where calendar identification found one."),
    _json("extra_data", "What the meeting platform says about them."),
    schema=DATA,
    comment="Who spoke, one row for each pair of id and name in a transcript.",
)

utterances = Table(
    "utterances",
    metadata,
    _transcript_id(),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="Place in the transcript, from 0."),
    Column("participant_position", Integer, nullable=False, comment="Who spoke: position in recall.participants."),
    Column("participant_id", Text, comment="Recall's id of who spoke, as in recall.participants."),
    Column("speaker", Text, comment="Name of who spoke, as in recall.participants."),
    Column("start_s", Double, comment="Earliest time of its words, seconds from the start of the recording."),
    Column("end_s", Double, comment="Latest time of its words, seconds from the start of the recording."),
    Column("started_at", DateTime(timezone=True), comment="Start by the clock, where Recall gives it."),
    Column("ended_at", DateTime(timezone=True), comment="End by the clock, where Recall gives it."),
    Column("text", Text, nullable=False, comment="The words joined by spaces."),
    Column("language_code", Text, comment="Language of the utterance, as the provider names it."),
    Column("word_count", Integer, nullable=False, comment="Number of words."),
    Column("words", ARRAY(Text), nullable=False, comment="Its words, in order; recall.words shows them as rows."),
    Column(
        "word_starts_s", ARRAY(Double), nullable=False, comment="Start of each word, seconds; null where unknown."
    ),
    Column("word_ends_s", ARRAY(Double), nullable=False, comment="End of each word, seconds; null where unknown."),
    schema=DATA,
    comment="What was said: one row for each uninterrupted turn of one participant.",
)

provider_parts = Table(
    "provider_parts",
    metadata,
    _transcript_id(),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="Place in the file, from 0."),
    Column("part_id", Text, comment="Recall's id of the part."),
    Column("created_at", DateTime(timezone=True), comment="When Recall received it from the provider."),
    Column("type", Text, comment="How it came: webhook, http_response or websocket_message."),
    _json("source_audio", "Which audio it speaks of, and that audio's offset in seconds."),
    _json("data", "The provider's own message, presigned links and credentials replaced by null."),
    schema=DATA,
    comment="The provider's own file, one row for each message of the provider.",
)
