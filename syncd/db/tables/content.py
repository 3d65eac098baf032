"""The content of transcripts, in schema `recall`: exact bytes, who spoke, what was said, what the provider said."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnClause, Computed, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR

from syncd.core.reading.passage import MOST_CHARACTERS
from syncd.core.transcript import FileKind
from syncd.db.tables.base import DATA, Base, column
from syncd.db.tables.recall import transcript_key

PENDING_KB = 256
"""New entries that the index of search collects before it sorts them in, kB. With the 4096 of Postgres that list is
larger than the index of a million words, and every search reads all of it (docs/benchmarks.md, What a word costs)."""
SEARCH_VECTOR = (
    f"CASE WHEN length(text) >= 1 AND length(text) <= {MOST_CHARACTERS}"
    " THEN recall.search_vector(search_config, text) ELSE NULL::tsvector END"
)
"""As Postgres prints it. A longer utterance is searched by its passages."""


def _place(comment: str) -> Any:  # as column()
    return column(primary_key=True, autoincrement=False, comment=comment)


def _parser_version() -> Any:  # as column()
    return column(comment="Version of the parser that made this row.")


class Payloads(Base, schema=DATA):
    """The finished files, byte for byte."""

    __tablename__ = "payloads"

    transcript_id: ColumnClause[UUID] = transcript_key()
    kind: ColumnClause[FileKind] = column(
        primary_key=True, comment="transcript: Recall's own file; provider_data: the provider's."
    )
    sha256: ColumnClause[str] = column(comment="Hex digest of the decoded bytes.")
    byte_count: ColumnClause[int] = column(type_=BigInteger, comment="Number of decoded bytes.")
    content: ColumnClause[bytes] = column(
        comment="The exact bytes, compressed with zstd; with gzip where they begin with 1f8b."
    )
    downloaded_at: ColumnClause[datetime] = column(comment="When the file was downloaded.")
    parser_version: ColumnClause[int | None] = column(
        comment="Version of the parser that last read it into tables; null: not read."
    )
    has_replaced_characters: ColumnClause[bool] = column(
        server_default=text("false"),
        comment="The tables hold U+FFFD or null where Postgres cannot hold what the bytes say.",
    )


class Participants(Base, schema=DATA):
    """Who spoke, one row for each pair of id and name in a transcript."""

    __tablename__ = "participants"

    transcript_id: ColumnClause[UUID] = transcript_key()
    position: ColumnClause[int] = _place(
        "Order of first appearance, from 0; utterances.participant_position points here."
    )
    participant_id: ColumnClause[str | None] = column(
        comment="Recall's id within the meeting; null where it knows none."
    )
    name: ColumnClause[str | None] = column(comment="Display name, or the label of a machine diarization.")
    is_host: ColumnClause[bool | None] = column(comment="Whether they hosted the meeting.")
    platform: ColumnClause[str | None] = column(comment="Device as the meeting platform reports it.")
    email: ColumnClause[str | None] = column(comment="E-mail address, where calendar identification found one.")
    extra_data: ColumnClause[object | None] = column(comment="What the meeting platform says about them.")
    turn_count: ColumnClause[int | None] = column(comment="Utterances of theirs.")
    word_count: ColumnClause[int | None] = column(
        comment="Words of theirs; a caption phrase counts as all the words in it."
    )
    talk_s: ColumnClause[float | None] = column(
        comment="Seconds in which they spoke; null where no durations are known."
    )
    overlap_s: ColumnClause[float | None] = column(comment="Seconds of those in which somebody else spoke too.")
    parser_version: ColumnClause[int | None] = _parser_version()


class UtteranceData(Base, schema=DATA):
    """Utterances as they are stored, in little space. To read them, there are the views utterances and words."""

    __tablename__ = "utterance_data"
    __table_args__ = (
        Index(
            "utterance_data_search",
            "search_vector",
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": PENDING_KB},
        ),
    )

    transcript_id: ColumnClause[UUID] = transcript_key()
    # what is aligned to eight bytes comes first, for no space is lost between columns then
    started_at: ColumnClause[datetime | None] = column(comment="Start by the clock, where Recall gives it.")
    ended_at: ColumnClause[datetime | None] = column(comment="End by the clock, where Recall gives it.")
    start_s: ColumnClause[float | None] = column(
        comment="Earliest time of its words, seconds from the start of the recording."
    )
    end_s: ColumnClause[float | None] = column(
        comment="Latest time of its words, seconds from the start of the recording."
    )
    position: ColumnClause[int] = _place("Place in the transcript, from 0.")
    participant_position: ColumnClause[int] = column(comment="Who spoke: position in recall.participants.")
    word_count: ColumnClause[int] = column(comment="Number of words; a caption phrase counts as one.")
    parser_version: ColumnClause[int | None] = _parser_version()
    language_code: ColumnClause[str | None] = column(comment="Language of the utterance, as the provider names it.")
    search_config: ColumnClause[str | None] = column(comment="Text search configuration it is searched with.")
    text: ColumnClause[str] = column(comment="The words joined by spaces.")
    words: ColumnClause[list[str | None] | None] = column(
        comment="Its words, in order; null where they are the text, split at its spaces."
    )
    word_times: ColumnClause[bytes | None] = column(
        comment="Microseconds after start_s, in three bytes each or in four: starts of all words, then their ends; "
        "recall.word_time() reads them."
    )
    word_starts_s: ColumnClause[list[float | None] | None] = column(
        comment="Start of each word, seconds, where word_times cannot hold it; both null: no time is known."
    )
    word_ends_s: ColumnClause[list[float | None] | None] = column(comment="End of each word, likewise.")
    search_vector: ColumnClause[str | None] = column(
        Computed(SEARCH_VECTOR, persisted=True),
        type_=TSVECTOR,
        comment="What recall.search() searches; null where it is too long and lies in recall.passages.",
    )


class SearchConfigs(Base, schema=DATA):
    """The text search configurations in use, which recall.search() goes through."""

    __tablename__ = "search_configs"

    search_config: ColumnClause[str] = column(primary_key=True, comment="Name of the configuration.")


class ProviderParts(Base, schema=DATA):
    """The provider's own file, one row for each message of the provider."""

    __tablename__ = "provider_parts"

    transcript_id: ColumnClause[UUID] = transcript_key()
    position: ColumnClause[int] = _place("Place in the file, from 0.")
    part_id: ColumnClause[str | None] = column(comment="Recall's id of the part.")
    created_at: ColumnClause[datetime | None] = column(comment="When Recall received it from the provider.")
    type: ColumnClause[str | None] = column(comment="How it came: webhook, http_response or websocket_message.")
    source_audio: ColumnClause[object | None] = column(
        comment="Which audio it speaks of, and that audio's offset in seconds."
    )
    data: ColumnClause[object | None] = column(
        comment="The provider's own message, presigned links and credentials replaced by null."
    )
    words: ColumnClause[list[str | None] | None] = column(
        comment="The words it says; recall.provider_words shows them as rows."
    )
    word_starts_s: ColumnClause[list[float | None] | None] = column(
        comment="Start of each word, seconds from the start of the recording."
    )
    word_ends_s: ColumnClause[list[float | None] | None] = column(
        comment="End of each word, seconds from the start of the recording."
    )
    word_confidences: ColumnClause[list[float | None] | None] = column(
        comment="How sure the provider was of each word, from 0 to 1."
    )
    word_speakers: ColumnClause[list[str | None] | None] = column(
        comment="The provider's own label of who spoke each word."
    )
    word_finals: ColumnClause[list[bool | None] | None] = column(
        comment="Whether each word was the provider's last answer for its time."
    )
    note: ColumnClause[str | None] = column(comment="Why no words were read from it, where it seems to hold some.")
    parser_version: ColumnClause[int | None] = _parser_version()


class Passages(Base, schema=DATA):
    """The index of recall.search() for utterances that are too long for one search vector, piece by piece."""

    __tablename__ = "passages"
    __table_args__ = (Index("passages_search", "search_vector", postgresql_using="gin"),)

    transcript_id: ColumnClause[UUID] = transcript_key()
    position: ColumnClause[int] = _place("The utterance it is a piece of.")
    passage: ColumnClause[int] = _place("Place in the utterance, from 0.")
    first_word: ColumnClause[int] = column(comment="Its first word: place in the utterance, from 0.")
    last_word: ColumnClause[int] = column(comment="Its last word: place in the utterance, from 0.")
    first_character: ColumnClause[int] = column(comment="Where it begins in the utterance's text, from 0.")
    character_count: ColumnClause[int] = column(comment="How much of the utterance's text it is.")
    search_config: ColumnClause[str] = column(comment="Text search configuration it was read with.")
    search_vector: ColumnClause[str] = column(type_=TSVECTOR, comment="What recall.search() searches.")
    parser_version: ColumnClause[int | None] = _parser_version()
