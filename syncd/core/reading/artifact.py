"""A transcript artifact: a Retrieve answer, or an entry of a list page (docs/recall-api.md)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from syncd.core.reading.document import Document
from syncd.core.reading.redaction import without_presigned_links, without_secrets


class NoArtifact(ValueError):
    """The document is no transcript artifact; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Links:
    """Presigned URLs of the two files. They are secrets: kept in memory, never stored, never printed."""

    transcript: str | None = field(default=None, repr=False)
    provider_data: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Artifact:
    """One transcript as Recall describes it. Unknown fields are kept in `body`; times are aware, in UTC."""

    transcript_id: UUID
    status: str
    sub_code: str | None = None
    status_updated_at: datetime | None = None
    created_at: datetime | None = None
    recording_id: UUID | None = None
    recording_metadata: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    provider: str | None = None
    provider_config: Any = None
    has_separate_streams: bool | None = None
    recording_s: float | None = None
    """Length of the recording in seconds, where the artifact has it."""
    expires_at: datetime | None = None
    """When Recall deletes it, where the artifact has that."""
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    """The whole document, with presigned links and credentials replaced by null."""
    is_altered: bool = False
    """Whether characters that Postgres cannot store were replaced by U+FFFD."""


def read_artifact(document: Document) -> tuple[Artifact, Links]:
    """Read an artifact and its links from a document. Only `id` and `status.code` are required.

    Raises NoArtifact without them. A field of an unexpected shape becomes None, and stays in `body`.
    """
    body = document.value
    if not isinstance(body, dict):
        raise NoArtifact("the answer is not a JSON object")
    transcript_id = _uuid(body.get("id"))
    status = _object(body.get("status"))
    code = status.get("code")
    if transcript_id is None or not isinstance(code, str) or not code:
        raise NoArtifact("the answer has no id or no status.code")
    safe = _safe(body)
    recording = _object(safe.get("recording"))
    provider, provider_config = _populated(safe.get("provider"))
    artifact = Artifact(
        transcript_id=transcript_id,
        status=code,
        sub_code=_text(status.get("sub_code")),
        status_updated_at=read_time(status.get("updated_at")),
        created_at=read_time(body.get("created_at")),
        recording_id=_uuid(recording.get("id")),
        recording_metadata=_object_or_none(recording.get("metadata")),
        metadata=_object_or_none(safe.get("metadata")),
        provider=provider,
        provider_config=provider_config,
        has_separate_streams=_separate_streams(body.get("diarization")),
        recording_s=_seconds_between(recording.get("started_at"), recording.get("completed_at")),
        expires_at=read_expiry(safe),
        body=safe,
        is_altered=document.is_altered,
    )
    return artifact, _links(_object(body.get("data")))


def _safe(body: dict[str, Any]) -> dict[str, Any]:
    """The body without secrets. From custom metadata only presigned links are removed."""
    safe = dict(without_secrets(body))
    own, recording = body.get("metadata"), body.get("recording")
    if isinstance(own, dict):
        safe["metadata"] = without_presigned_links(own)
    if isinstance(recording, dict) and "metadata" in recording:
        safe["recording"] = {**safe["recording"], "metadata": without_presigned_links(recording["metadata"])}
    return safe


def read_expiry(body: dict[str, Any]) -> datetime | None:
    """When Recall deletes the transcript, or else its recording, where the document tells that."""
    return read_time(body.get("expires_at")) or read_time(_object(body.get("recording")).get("expires_at"))


def read_time(value: Any) -> datetime | None:
    """An ISO 8601 text (with 0, 3 or 6 fractional digits) as an aware time; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def _seconds_between(begin: Any, end: Any) -> float | None:
    began_at, ended_at = read_time(begin), read_time(end)
    if began_at is None or ended_at is None or ended_at < began_at:
        return None
    return (ended_at - began_at).total_seconds()


def _links(data: dict[str, Any]) -> Links:
    return Links(_text(data.get("download_url")) or None, _text(data.get("provider_data_download_url")) or None)


def _populated(provider: Any) -> tuple[str | None, Any]:
    """The first provider key that is not null; Recall populates exactly one."""
    for key, config in _object(provider).items():
        if config is not None:
            return key, config
    return None, None


def _separate_streams(diarization: Any) -> bool | None:
    value = _object(diarization).get("use_separate_streams_when_available")
    return value if isinstance(value, bool) else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _object_or_none(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
