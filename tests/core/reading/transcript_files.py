"""Pieces of a transcript file, and the reading of one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from syncd.core.reading.document import Document
from syncd.core.reading.payload import Payload, Utterance, Word
from syncd.core.reading.transcript_file import read_payload


def utterance(
    participant: int,
    words: Iterable[Word],
    language_code: str | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> Utterance:
    texts, starts_s, ends_s = map(list, zip(*words, strict=True)) if (words := list(words)) else ([], [], [])
    return Utterance(participant, texts, starts_s, ends_s, language_code, started_at, ended_at)


def read(value: Any) -> Payload:
    return read_payload(Document(value, is_altered=False))


def word(text: Any, start: Any = None, end: Any = None) -> dict[str, Any]:
    return {"text": text, "start_timestamp": start, "end_timestamp": end}


def at(relative: Any, absolute: Any = None) -> dict[str, Any]:
    return {"relative": relative, "absolute": absolute}


def stamp(second: int) -> str:
    return f"2025-09-13T11:39:{second:02}.500Z"
