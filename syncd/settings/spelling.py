"""Spellings that most daemons take: quotes, INFO, US-EAST-1, 128M, 30s, 2026-01-31. Each is read as what is meant."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Literal, get_args, get_origin

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)", re.IGNORECASE)
_BYTES = {"": 1, "b": 1} | {
    prefix + unit: 1024**power for power, prefix in enumerate("kmgt", start=1) for unit in ("", "b", "ib")
}
_SECONDS = (
    {"ms": 0.001}
    | dict.fromkeys(("s", "sec", "second", "seconds"), 1)
    | dict.fromkeys(("m", "min", "minute", "minutes"), 60)
    | dict.fromkeys(("h", "hour", "hours"), 3600)
    | dict.fromkeys(("d", "day", "days"), 86_400)
)
_LEVELS = {"warn": "warning", "err": "error"}


def unquoted(text: str) -> str:
    """The text without white space around it, and without one pair of quotes, which some env files leave there."""
    bare = text.strip()
    is_quoted = len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'"
    return bare[1:-1].strip() if is_quoted else bare


def respelt(name: str, kind: Any, given: object) -> object:  # Any: a type, as it is annotated
    """What was given for the setting of this name and type, in the spelling that its reader expects."""
    if kind is datetime:
        return _moment(given)
    if not isinstance(given, str):
        return given
    text = unquoted(given)
    if get_origin(kind) is Literal:
        lower = _LEVELS.get(text.lower(), text.lower())
        return lower if lower in get_args(kind) else text
    if name == "region":
        return text.lower()
    if name.endswith("_seconds"):
        return _in_units(text, _SECONDS)
    return _in_units(text, _BYTES) if name == "payload_limit" else text


def _in_units(text: str, units: Mapping[str, float]) -> object:
    """The number, where there is one with a unit that is known."""
    found = _NUMBER.fullmatch(text)
    factor = units.get(found[2].lower()) if found else None
    return text if found is None or factor is None else float(found[1]) * factor


def _moment(given: object) -> object:
    """A time with a zone: UTC where it has none, midnight where it is a date only."""
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(unquoted(given))
        except ValueError:
            return given
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime.combine(given, time())
    if isinstance(given, datetime) and given.tzinfo is None:
        return given.replace(tzinfo=UTC)
    return given
