"""Pieces of a transcript file, and the reading of one."""

from typing import Any

from syncd.core.reading.document import Document
from syncd.core.reading.transcript_file import Payload, read_payload


def read(value: Any) -> Payload:
    return read_payload(Document(value, is_altered=False))


def word(text: Any, start: Any = None, end: Any = None) -> dict[str, Any]:
    return {"text": text, "start_timestamp": start, "end_timestamp": end}


def at(relative: Any, absolute: Any = None) -> dict[str, Any]:
    return {"relative": relative, "absolute": absolute}


def stamp(second: int) -> str:
    return f"2025-09-13T11:39:{second:02}.500Z"
