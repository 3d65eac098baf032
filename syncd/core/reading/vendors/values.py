"""Single values out of a provider's JSON, whatever they turn out to be."""

import math
import re
from typing import Any

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_CHANNEL = re.compile(r"(?:ch(?:annel)?[_ -]?)?([0-9]+)", re.IGNORECASE)
_LONGEST_NUMBER = 60
_LARGEST_LABEL = 10**18
_EARLIEST_S, _LATEST_S = -86_400.0, 30 * 86_400.0
_ABOUT_ONE = 1.001


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of an array; nothing for anything else."""
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def child(value: Any, *names: str) -> Any:
    """What lies under the names, one inside the other; None where the way ends."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def pick(node: Any, *names: str) -> Any:
    """The first of the names that has a value."""
    if isinstance(node, dict):
        for name in names:
            value = node.get(name)
            if value is not None:
                return value
    return None


def number(value: Any) -> float | None:
    """A finite number, also where it is written as text."""
    if type(value) is float:  # nearly always
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        value = value.strip()
        if len(value) > _LONGEST_NUMBER or not _DECIMAL.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def seconds(value: Any) -> float | None:
    """A time that can lie in a meeting."""
    found = number(value)
    return found if found is not None and _EARLIEST_S <= found <= _LATEST_S else None


def milliseconds(value: Any) -> float | None:
    """A time in milliseconds, as seconds."""
    found = number(value)
    return None if found is None else seconds(found / 1000)


def confidence(value: Any) -> float | None:
    """How sure, from 0 to 1."""
    found = number(value)
    return min(found, 1.0) if found is not None and 0 <= found <= _ABOUT_ONE else None


def text(value: Any) -> str | None:
    """Text without the white space around it; None where nothing is left."""
    return (value.strip() or None) if isinstance(value, str) else None


def label(value: Any) -> str | None:
    """The name or number of a speaker, as text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_LABEL:
        return str(value)
    return text(value)


def channel(value: Any) -> str | None:
    """The number of a channel, out of 0, "1", "ch_0" or "channel_0"; None for one that has a name of its own."""
    name = label(value)
    found = _CHANNEL.fullmatch(name[:_LONGEST_NUMBER]) if name else None
    return found[1] if found else None


def key(value: Any) -> str | int | float | None:
    """An id that can be looked up; None for what is none."""
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None
