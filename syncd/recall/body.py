"""Read the body of an answer: whole or not at all, and never more than a limit.

A gzip body is decompressed in small steps, so that a decompression bomb ends at the limit and not in memory. Its
trailer (RFC 1952) is required, because a truncated gzip stream would otherwise pass for a short file.
"""

import contextlib
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from syncd.core.reading.document import Content

STEP_BYTES = 64 * 1024
"""The most bytes that one step of decompression yields."""
LARGE_BYTES = 8 * 2**20
"""A larger file counts as large. It takes up to 13 times its size in memory while it is read (docs/settings.md)."""
GZIP = zlib.MAX_WBITS | 16
"""The wbits of zlib for a gzip header and trailer."""


class BodyTooLarge(Exception):
    """The body is larger than the limit."""


class BodyIncomplete(Exception):
    """The body is truncated or damaged, or has an encoding that was not asked for; the message says which."""


@dataclass(frozen=True, slots=True)
class Body:
    """Decoded bytes of an answer."""

    content: Content = field(repr=False)
    is_proven_whole: bool
    """Whether the transport proved that nothing is missing: a length, chunks, or the trailer of a gzip stream."""

    @property
    def is_large(self) -> bool:
        """Whether it is larger than LARGE_BYTES."""
        return len(self.content) > LARGE_BYTES

    @property
    def sha256(self) -> str:
        """Hex digest of the decoded bytes."""
        return hashlib.sha256(self.content).hexdigest()


def read_body(response: httpx.Response, limit: int, on_large: Callable[[], None] | None = None) -> Body:
    """The body of a streaming response, at most `limit` decoded bytes.

    `on_large` is called once, as soon as the body turns out to be larger than LARGE_BYTES; it may block.
    Raises BodyTooLarge, BodyIncomplete, and the errors of httpx where the connection breaks.
    """
    content = bytearray()
    for step in _steps(response):
        is_large_now = len(content) <= LARGE_BYTES < len(content) + len(step)
        content += step
        if len(content) > limit:
            raise BodyTooLarge
        if is_large_now and on_large is not None:
            on_large()
    return Body(content, _is_framed(response) or _encoding(response).endswith("gzip"))


def read_beginning(response: httpx.Response, limit: int) -> bytes:
    """At most `limit` first bytes of an answer other than 200; what is missing after them does not matter."""
    content = bytearray()
    with contextlib.suppress(BodyIncomplete, httpx.HTTPError):
        for step in _steps(response):
            content += step
            if len(content) > limit:
                break
    return bytes(content[:limit])


def _steps(response: httpx.Response) -> Iterator[bytes]:
    encoding = _encoding(response)
    if encoding in ("", "identity"):
        return response.iter_raw()
    if encoding in ("gzip", "x-gzip"):
        return _gunzip(response.iter_raw())
    raise BodyIncomplete(f"the body has the content encoding {encoding[:40]!r}, which was not asked for")


def _encoding(response: httpx.Response) -> str:
    return str(response.headers.get("content-encoding", "identity")).strip().lower()


def _gunzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress a gzip body in small steps; it may have several members, one after another."""
    decompressor = zlib.decompressobj(GZIP)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if decompressor.eof:
                    decompressor = zlib.decompressobj(GZIP)
                yield decompressor.decompress(rest, STEP_BYTES)
                rest = decompressor.unused_data if decompressor.eof else decompressor.unconsumed_tail
    except zlib.error:
        raise BodyIncomplete("the gzip body is damaged") from None
    if not decompressor.eof:
        raise BodyIncomplete("the gzip body ends before its end")


def _is_framed(response: httpx.Response) -> bool:
    chunked = response.headers.get("transfer-encoding", "").lower() == "chunked"
    return chunked or "content-length" in response.headers
