"""The provider's own file: `{"parts": [...]}`, one part for each message the provider sent.

A file is read part by part: the message of a part is JSON text until somebody asks for its value, so that of a file
of hundreds of megabytes only one message at a time is in memory as values. Most messages go into their column as
they came, as deep as the decoder bears. Those that may hold a secret are written anew without it.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from syncd.core.reading.document import (
    Content,
    Document,
    Json,
    Unreadable,
    fits_as_values,
    holds_null,
    holds_plain_values,
    may_underflow,
    without_mark,
    write_document,
)
from syncd.core.reading.redaction import may_hold_secrets, names_secret, without_secrets
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


class RawPart(msgspec.Struct, frozen=True, gc=False):
    """The same, its message still JSON text."""

    part_id: str | None
    created_at: datetime | None
    type: str | None
    source_audio: Json
    raw: msgspec.Raw
    has_secrets: bool
    """Whether it may hold any."""
    is_plain: bool
    """Its values are good as a whole: whoever reads some of them need not see all."""

    @property
    def plain(self) -> msgspec.Raw:
        """The message as JSON text, presigned links and credentials replaced by null. Raises NotPlain."""
        return msgspec.Raw(_redacted(self.raw)) if self.has_secrets else self.raw

    @property
    def data(self) -> Json:
        """The message likewise. Raises NotPlain."""
        return _decoded(self.plain)

    @property
    def data_json(self) -> str | None:
        """The message as JSON text for its column, likewise; None where there is none."""
        written = str(self.plain, "utf-8")
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
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_DEEPEST_TEXT = 3
"""Levels: the envelope, the message, and one more. Each is looked through once more for secrets."""
_ENCODE = msgspec.json.Encoder().encode
_REFUSED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_raw_parts(content: Content) -> tuple[RawPart, ...]:
    """The parts of a file that needs no leniency, in its order.

    Raises NotPlain for every other, here or when the value of a part is asked for.
    """
    is_plain = holds_plain_values(content)
    if holds_null(content) or (not is_plain and may_underflow(content)):
        raise NotPlain
    try:
        found = _DECODER.decode(without_mark(content)).parts
    except _REFUSED:
        raise NotPlain from None
    has_secrets = may_hold_secrets(content)
    sources: dict[bytes, Json] = {}
    return tuple([_raw_part(each, sources, has_secrets, is_plain) for each in found])


def _raw_part(part: _Part, sources: dict[bytes, Json], has_secrets: bool, is_plain: bool) -> RawPart:
    """`sources`: the audios read so far, by their JSON text; a file has few, and names one with each part."""
    written = bytes(part.source_audio)
    if written not in sources:
        sources[written] = _without_secrets(part.source_audio)
    raw = part.data
    has_secrets = has_secrets and may_hold_secrets(bytes(raw))
    is_plain = is_plain and fits_as_values(raw)
    about = _about(part.id, part.created_at, part.type)
    return RawPart(*about, sources[written], raw, has_secrets, is_plain)


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


def _redacted(raw: msgspec.Raw) -> bytes:
    try:
        return _ENCODE(_clean(raw, ""))
    except _REFUSED:
        raise NotPlain from None


def _clean(raw: msgspec.Raw, key: str, depth: int = 0) -> Json:
    """The same JSON value without secrets; what surely holds none stays text."""
    if not names_secret(key) and not may_hold_secrets(bytes(raw)):
        return raw
    if depth < _DEEPEST_TEXT and bytes(memoryview(raw)[:1]) == b"{":
        return {name: _clean(inner, name, depth + 1) for name, inner in _OBJECT.decode(raw).items()}
    return without_secrets(_decoded(raw), key)


def _without_secrets(raw: msgspec.Raw) -> Json:
    try:
        return without_secrets(_decoded(raw))
    except RecursionError:
        raise NotPlain from None
