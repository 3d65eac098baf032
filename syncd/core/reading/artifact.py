"""A transcript artifact: a Retrieve answer, or an entry of a list page (docs/recall-api.md)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from syncd.core.reading.document import Document, Json
from syncd.core.reading.redaction import without_presigned_links, without_secrets
from syncd.core.reading.values import as_object, boolean, child, moment, seconds_between, text, uuid


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
    recording_metadata: dict[str, Json] | None = None
    metadata: dict[str, Json] | None = None
    provider: str | None = None
    provider_config: Json = None
    has_separate_streams: bool | None = None
    recording_s: float | None = None
    """Length of the recording in seconds, where the artifact has it."""
    expires_at: datetime | None = None
    """When Recall deletes it, where the artifact has that."""
    body: dict[str, Json] = field(default_factory=dict, repr=False)
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
    transcript_id = uuid(body.get("id"))
    code = text(child(body, "status", "code"))
    if transcript_id is None or not code:
        raise NoArtifact("the answer has no id or no status.code")
    safe = _safe(body)
    provider, provider_config = _populated(safe.get("provider"))
    artifact = Artifact(
        transcript_id=transcript_id,
        status=code,
        sub_code=text(child(body, "status", "sub_code")),
        status_updated_at=moment(child(body, "status", "updated_at")),
        created_at=moment(body.get("created_at")),
        recording_id=uuid(child(safe, "recording", "id")),
        recording_metadata=as_object(child(safe, "recording", "metadata")),
        metadata=as_object(safe.get("metadata")),
        provider=provider,
        provider_config=provider_config,
        has_separate_streams=boolean(child(body, "diarization", "use_separate_streams_when_available")),
        recording_s=seconds_between(child(safe, "recording", "started_at"), child(safe, "recording", "completed_at")),
        expires_at=read_expiry(safe),
        body=safe,
        is_altered=document.is_altered,
    )
    return artifact, _links(body.get("data"))


def _safe(body: dict[str, Json]) -> dict[str, Json]:
    """The body without secrets. From custom metadata only presigned links are removed."""
    safe = dict(without_secrets(body))
    own, recording = body.get("metadata"), body.get("recording")
    if isinstance(own, dict):
        safe["metadata"] = without_presigned_links(own)
    if isinstance(recording, dict) and "metadata" in recording:
        safe["recording"] = {**safe["recording"], "metadata": without_presigned_links(recording["metadata"])}
    return safe


def read_expiry(body: dict[str, Json]) -> datetime | None:
    """When Recall deletes the transcript, or else its recording, where the document tells that."""
    return moment(body.get("expires_at")) or moment(child(body, "recording", "expires_at"))


def _links(data: Json) -> Links:
    names = ("download_url", "provider_data_download_url")
    return Links(*(text(child(data, name)) or None for name in names))


def _populated(provider: Json) -> tuple[str | None, Json]:
    """The first provider key that is not null; Recall populates exactly one."""
    for key, config in (as_object(provider) or {}).items():
        if config is not None:
            return key, config
    return None, None
