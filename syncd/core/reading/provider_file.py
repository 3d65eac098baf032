"""The provider's own file: `{"parts": [...]}`, one part for each message the provider sent.

A file is read part by part: the message of a part is JSON text until somebody asks for its value, so that of a file
of hundreds of megabytes only one message at a time is in memory as values. Most messages go into their column as
they came. Those that may hold a secret are written anew without it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from syncd.core.reading.document import MAX_DEPTH, Document, Json, Unreadable, is_too_deep, write_document
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

    @property
    def data(self) -> Json:
        """The message, presigned links and credentials replaced by null. Raises NotPlain."""
        value = _decoded(self.raw)
        return without_secrets(value) if may_hold_secrets(bytes(self.raw)) else value

    @property
    def data_json(self) -> str | None:
        """The message as JSON text for its column, likewise; None where there is none."""
        content = bytes(self.raw)
        if content == b"null":
            return None
        return write_document(without_secrets(_decoded(self.raw))) if may_hold_secrets(content) else content.decode()


Part = ProviderPart | RawPart


class NotPlain(Exception):
    """The file is no plain JSON of parts; only read_document and read_provider_parts may judge it."""


class _Part(msgspec.Struct, gc=False):
    id: Json = None
    created_at: Json = None
    type: Json = None
    source_audio: Json = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class _File(msgspec.Struct, gc=False):
    parts: list[_Part]


_DECODER = msgspec.json.Decoder(_File)
_ANYTHING = msgspec.json.Decoder()
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_NULL = re.compile(rb"\\u0000")
"""Postgres cannot hold it."""


def read_raw_parts(content: bytes) -> tuple[RawPart, ...]:
    """The parts of a file that needs no leniency, in its order.

    Raises NotPlain for every other, here or when the value of a part is asked for.
    """
    if _NULL.search(content):
        raise NotPlain
    try:
        found = _DECODER.decode(content).parts
    except _REFUSED:
        raise NotPlain from None
    return tuple(
        [RawPart(*_about(each.id, each.created_at, each.type, each.source_audio), each.data) for each in found]
    )


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
    about = (part.get(name) for name in ("id", "created_at", "type", "source_audio"))
    return ProviderPart(*_about(*about), without_secrets(part.get("data")))


def _about(
    part_id: Json, created_at: Json, type_: Json, source: Json
) -> tuple[str | None, datetime | None, str | None, Json]:
    return (
        part_id if part_id is None or isinstance(part_id, str) else write_document(part_id),
        moment(created_at),
        text(type_),
        without_secrets(source),
    )


def _decoded(raw: msgspec.Raw) -> Json:
    try:
        value = _ANYTHING.decode(raw)
    except _REFUSED:
        raise NotPlain from None
    if _may_be_deep(bytes(raw)) and is_too_deep([[[value]]]):  # it lies in a part of the array in the file
        raise NotPlain
    return value


def _may_be_deep(content: bytes) -> bool:
    return content.count(b"[") + content.count(b"{") > MAX_DEPTH - len("[[[")
