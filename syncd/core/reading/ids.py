"""Read transcript ids from a text, one a line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from syncd.errors import BadInput

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_EXAMPLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is neither empty, nor a comment, nor an id."""

    number: int
    """Counted from 1."""
    text: str
    """Its first 60 characters. May hold control characters; str() of the line escapes them."""

    def __str__(self) -> str:
        return f"line {self.number}: {self.text!r} is no transcript id; one looks like {_EXAMPLE}"


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of a text, each once, in their order, and the lines that are no ids."""

    good: tuple[UUID, ...]
    bad: tuple[BadLine, ...]


def read_id(text: str) -> UUID:
    """A text that is one id. Raises BadInput where it is not."""
    if _UUID.fullmatch(text.strip()) is None:
        raise BadInput(f"{text[:_SHOWN]!r} is no transcript id; one looks like {_EXAMPLE}.")
    return UUID(text.strip())


def read_ids(lines: Iterable[str]) -> Ids:
    """One id a line; empty lines and lines that begin with # are skipped."""
    good: dict[UUID, None] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").lstrip()
        if not text or text.startswith("#"):
            continue
        if _UUID.fullmatch(text):
            good[UUID(text)] = None
        else:
            bad.append(BadLine(number, text[:_SHOWN]))
    return Ids(tuple(good), tuple(bad))
