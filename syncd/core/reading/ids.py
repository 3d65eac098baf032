"""Read transcript ids from a text, one a line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from syncd.errors import BadInput

_HEX = r"[0-9a-f]{4}(?:-?[0-9a-f]{4}){7}"
_UUID = re.compile(rf"(['\"]?)(?:urn:uuid:)?(?:({_HEX})|\{{({_HEX})\}})\1", re.IGNORECASE)
"""What Postgres takes for a uuid: capitals, braces, dashes after any four digits; and as an URN, and in quotes."""
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
    found = _id(text.strip())
    if found is None:
        raise BadInput(f"{text[:_SHOWN]!r} is no transcript id; one looks like {_EXAMPLE}.")
    return found


def _id(text: str) -> UUID | None:
    found = _UUID.fullmatch(text)
    return UUID(found[2] or found[3]) if found else None


def read_ids(lines: Iterable[str]) -> Ids:
    """One id a line; empty lines and lines that begin with # are skipped."""
    good: dict[UUID, None] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").lstrip()
        if not text or text.startswith("#"):
            continue
        if (found := _id(text)) is not None:
            good[found] = None
        else:
            bad.append(BadLine(number, text[:_SHOWN]))
    return Ids(tuple(good), tuple(bad))
