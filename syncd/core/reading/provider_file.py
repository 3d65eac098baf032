"""The provider's own file: `{"parts": [...]}`, one part for each message the provider sent."""

from dataclasses import dataclass
from datetime import datetime

from syncd.core.reading.document import Document, Json, Unreadable, write_document
from syncd.core.reading.redaction import without_secrets
from syncd.core.reading.values import child, moment, text


@dataclass(frozen=True, slots=True)
class ProviderPart:
    """One message of the provider; its times count from the start of its own audio (`source_audio.offset`)."""

    part_id: str | None
    created_at: datetime | None
    type: str | None
    source_audio: Json
    data: Json


def read_provider_parts(document: Document) -> tuple[ProviderPart, ...]:
    """The parts in the order of the file, presigned links and credentials replaced by null.

    Raises Unreadable where there is no array of parts.
    """
    parts = child(document.value, "parts")
    if not isinstance(parts, list):
        raise Unreadable("the provider's file has no array of parts")
    return tuple(_part(part, index) for index, part in enumerate(parts))


def _part(part: Json, index: int) -> ProviderPart:
    if not isinstance(part, dict):
        raise Unreadable(f"part {index} of the provider's file is not an object")
    part_id = part.get("id")
    return ProviderPart(
        part_id=part_id if part_id is None or isinstance(part_id, str) else write_document(part_id),
        created_at=moment(part.get("created_at")),
        type=text(part.get("type")),
        source_audio=without_secrets(part.get("source_audio")),
        data=without_secrets(part.get("data")),
    )
