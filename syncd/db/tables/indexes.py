"""The indexes of recall.transcripts: each serves a question that would read the whole table otherwise."""

from sqlalchemy import Index, text

_UNDECIDED = text("payload_state in ('pending', 'stored')")
_NO_CONTENT = text("status = 'failed' or payload_state not in ('pending', 'stored', 'loaded', 'empty')")
_METADATA = ("metadata", "recording_metadata")


def transcript_indexes() -> tuple[Index, ...]:
    """Beside the primary key. Every column of theirs changes only together with others that are in one, too, so that
    none costs an update in place (HOT)."""
    return (
        Index("transcripts_latest", "recording_id", text("created_at DESC NULLS LAST"), text("transcript_id DESC")),
        Index("transcripts_created_at", "created_at"),
        Index("transcripts_undecided", "workspace", "first_seen_at", postgresql_where=_UNDECIDED),
        Index("transcripts_loaded_at", "workspace", "loaded_at"),
        Index("transcripts_observed_at", "workspace", "observed_at"),
        Index(
            "transcripts_metadata",
            *_METADATA,
            postgresql_using="gin",
            postgresql_ops=dict.fromkeys(_METADATA, "jsonb_path_ops"),
            postgresql_where=text("metadata is not null or recording_metadata is not null"),
            postgresql_with={"fastupdate": "off"},
        ),
        Index("transcripts_no_content_status", "status_updated_at", postgresql_where=_NO_CONTENT),
        Index("transcripts_no_content_observed", "observed_at", postgresql_where=_NO_CONTENT),
    )
