"""The data plane: schema `recall`, for analysts. Every primary key starts with transcript_id.

Each description is written once, here, and reaches the database as a comment through the migrations.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from syncd.core.transcript import ContentState
from syncd.db.tables.control import DATA, metadata

__all__ = [
    "events",
    "metadata",
    "participants",
    "passages",
    "payloads",
    "provider_parts",
    "status_history",
    "transcripts",
    "utterances",
    "workspaces",
]

_STATES = ", ".join(ContentState)
_FALSE = text("false")


def _transcript_id() -> Column[object]:
    key = ForeignKey(f"{DATA}.transcripts.transcript_id", ondelete="CASCADE")
    return Column("transcript_id", Uuid, key, primary_key=True, comment="The transcript this row belongs to.")


def _json(name: str, comment: str) -> Column[object]:
    return Column(name, JSONB(none_as_null=True), comment=comment)


def _parser_version() -> Column[int]:
    return Column("parser_version", Integer, comment="Version of the parser that made this row.")


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
    _json("options", "Those settings under names that all providers share, for recall.transcription_options."),
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
    Column("word_count", Integer, comment="Words loaded; a caption phrase counts as one. Null: none have been."),
    Column("content_sha256", Text, comment="Hex digest of who said what and when, as loaded; shows a change."),
    Column("span_s", Double, comment="From the first word to the last, seconds; null where no time is known."),
    Column("speech_s", Double, comment="Seconds of it in which anybody spoke; null where no durations are known."),
    Column("overlap_s", Double, comment="Seconds of it in which two or more spoke at once."),
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
    Column("expires_at", DateTime(timezone=True), comment="When Recall deletes it, where it says so."),
    Index("transcripts_latest", "recording_id", text("created_at DESC NULLS LAST"), text("transcript_id DESC")),
    Index("transcripts_created_at", "created_at"),
    Index(
        "transcripts_undecided",
        *("workspace", "first_seen_at"),
        postgresql_where=text("payload_state in ('pending', 'shelved')"),
    ),
    Index("transcripts_loaded_at", "workspace", "loaded_at"),
    Index("transcripts_observed_at", "workspace", "observed_at"),
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
    Column("turn_count", Integer, comment="Utterances of theirs."),
    Column("word_count", Integer, comment="Words of theirs; a caption phrase counts as all the words in it."),
    Column("talk_s", Double, comment="Seconds in which they spoke; null where no durations are known."),
    Column("overlap_s", Double, comment="Seconds of those in which somebody else spoke too."),
    _parser_version(),
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
    Column("word_count", Integer, nullable=False, comment="Number of words; a caption phrase counts as one."),
    Column("words", ARRAY(Text), nullable=False, comment="Its words, in order; recall.words shows them as rows."),
    Column(
        "word_starts_s", ARRAY(Double), nullable=False, comment="Start of each word, seconds; null where unknown."
    ),
    Column("word_ends_s", ARRAY(Double), nullable=False, comment="End of each word, seconds; null where unknown."),
    _parser_version(),
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
    Column("words", ARRAY(Text), comment="The words it says; recall.provider_words shows them as rows."),
    Column("word_starts_s", ARRAY(Double), comment="Start of each word, seconds from the start of the recording."),
    Column("word_ends_s", ARRAY(Double), comment="End of each word, seconds from the start of the recording."),
    Column("word_confidences", ARRAY(Double), comment="How sure the provider was of each word, from 0 to 1."),
    Column("word_speakers", ARRAY(Text), comment="The provider's own label of who spoke each word."),
    Column("word_finals", ARRAY(Boolean), comment="Whether each word was the provider's last answer for its time."),
    Column("note", Text, comment="Why no words were read from it, where it seems to hold some."),
    _parser_version(),
    schema=DATA,
    comment="The provider's own file, one row for each message of the provider.",
)

passages = Table(
    "passages",
    metadata,
    _transcript_id(),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="The utterance it is a piece of."),
    Column("passage", Integer, primary_key=True, autoincrement=False, comment="Place in the utterance, from 0."),
    Column("first_word", Integer, nullable=False, comment="Its first word: place in the utterance, from 0."),
    Column("last_word", Integer, nullable=False, comment="Its last word: place in the utterance, from 0."),
    Column("first_character", Integer, nullable=False, comment="Where it begins in the utterance's text, from 0."),
    Column("character_count", Integer, nullable=False, comment="How much of the utterance's text it is."),
    Column("search_config", Text, nullable=False, comment="Text search configuration it was read with."),
    Column("search_vector", TSVECTOR, nullable=False, comment="What recall.search() looks in."),
    _parser_version(),
    Index("passages_search", "search_vector", postgresql_using="gin"),
    Index("passages_config", "search_config"),
    schema=DATA,
    comment="The index of recall.search(): one row for each utterance, several for a very long one.",
)

events = Table(
    "events",
    metadata,
    Column("event_id", BigInteger, Identity(always=True), primary_key=True, comment="Grows in order of commit."),
    Column("transcript_id", Uuid, nullable=False, comment="The transcript; an erased one is in no other table."),
    Column("workspace", Text, nullable=False, comment="The workspace it belongs to."),
    Column("kind", Text, nullable=False, comment="ready, failed, deleted, changed or erased."),
    Column("occurred_at", DateTime(timezone=True), nullable=False, comment="When it was written."),
    CheckConstraint("kind in ('ready', 'failed', 'deleted', 'changed', 'erased')", name="events_kind"),
    Index("events_transcript", "transcript_id", "event_id"),
    schema=DATA,
    comment="What happened to transcripts, in order, for programs that want to be told.",
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("workspace", Text, primary_key=True, comment="Name of the workspace, as in SYNCD_WORKSPACE."),
    Column("registered_at", DateTime(timezone=True), nullable=False, comment="When a daemon first served it."),
    schema=DATA,
    comment="The Recall workspaces that transcripts come from.",
)
