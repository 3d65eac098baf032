"""The provider's own file: `{"parts": [...]}`, one part for each message the provider sent.

A file is read part by part: the message of a part is JSON text until somebody asks for its value, so that of a file
of hundreds of megabytes only one message at a time is in memory as values. Most messages go into their column as
they came, as deep as the decoder bears. Those that may hold a secret are written anew without it.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from syncd.core.reading.document import (
    ESCAPED_NULL,
    Content,
    Document,
    Json,
    Unreadable,
    fits_as_values,
    may_underflow,
    without_mark,
    write_document,
)
from syncd.core.reading.redaction import may_hold_secrets, without_secrets
from syncd.core.reading.values import child, moment, text


@dataclass(frozen=True, slots=True)
class ProviderPart:
    """One message of the provider; its times count from the start of its own audio (`source_audio.offset`)."""

    part_id: str | None
    created_at: datetime | None
    type: str | None
    source_audio: Json
    data: Json

    @property
    def data_json(self) -> str | None:
        """The message as JSON text for its column; None where there is none."""
        return None if self.data is None else write_document(self.data)


@dataclass(frozen=True, slots=True)
class RawPart:
    """The same, its message still JSON text."""

    part_id: str | None
    created_at: datetime | None
    type: str | None
    source_audio: Json
    raw: msgspec.Raw
    has_secrets: bool
    """Whether it may hold any."""

    @property
    def data(self) -> Json:
        """The message, presigned links and credentials replaced by null. Raises NotPlain."""
        return _without_secrets(self.raw) if self.has_secrets else _decoded(self.raw)

    @property
    def data_json(self) -> str | None:
        """The message as JSON text for its column, likewise; None where there is none."""
        if self.has_secrets:
            data = self.data
            return None if data is None else write_document(data)
        written = str(self.raw, "utf-8")
        return None if written == "null" else written


Part = ProviderPart | RawPart


class NotPlain(Exception):
    """The file is no plain JSON of parts; only read_document and read_provider_parts may judge it."""


class _Part(msgspec.Struct, gc=False):
    id: Json = None
    created_at: Json = None
    type: Json = None
    source_audio: msgspec.Raw = msgspec.Raw(b"null")
    data: msgspec.Raw = msgspec.Raw(b"null")


class _File(msgspec.Struct, gc=False):
    parts: list[_Part]


_DECODER = msgspec.json.Decoder(_File)
_ANYTHING = msgspec.json.Decoder()
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_raw_parts(content: Content) -> tuple[RawPart, ...]:
    """The parts of a file that needs no leniency, in its order.

    Raises NotPlain for every other, here or when the value of a part is asked for.
    """
    if ESCAPED_NULL in content or may_underflow(content):
        raise NotPlain
    try:
        found = _DECODER.decode(without_mark(content)).parts
    except _REFUSED:
        raise NotPlain from None
    sources: dict[bytes, Json] = {}
    return tuple([_raw_part(each, sources) for each in found])


def _raw_part(part: _Part, sources: dict[bytes, Json]) -> RawPart:
    """`sources`: the audios read so far, by their JSON text; a file has few, and names one with each part."""
    written = bytes(part.source_audio)
    if written not in sources:
        sources[written] = _without_secrets(part.source_audio)
    about = _about(part.id, part.created_at, part.type)
    return RawPart(*about, sources[written], part.data, may_hold_secrets(bytes(part.data)))


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
    about = _about(*(part.get(name) for name in ("id", "created_at", "type")))
    return ProviderPart(*about, *(without_secrets(part.get(name)) for name in ("source_audio", "data")))


def _about(part_id: Json, created_at: Json, type_: Json) -> tuple[str | None, datetime | None, str | None]:
    written = part_id if part_id is None or isinstance(part_id, str) else write_document(part_id)
    return written, moment(created_at), text(type_)


def _decoded(raw: msgspec.Raw) -> Json:
    if not fits_as_values(raw):
        raise NotPlain
    try:
        return _ANYTHING.decode(raw)
    except _REFUSED:
        raise NotPlain from None


def _without_secrets(raw: msgspec.Raw) -> Json:
    try:
        return without_secrets(_decoded(raw))
    except RecursionError:
        raise NotPlain from None
