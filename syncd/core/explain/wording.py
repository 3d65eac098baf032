"""Times and durations in words."""

from datetime import datetime

_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
"""Seconds and name of a unit, and of the next smaller one that is shown beside it."""


def moment(at: datetime, now: datetime) -> str:
    """A time to the second, and how far it is from now: 2026-01-31 09:30:00 UTC (in 5 min)."""
    seconds = (at - now).total_seconds()
    distance = f"in {span(seconds)}" if seconds >= 0 else f"{span(-seconds)} ago"
    return f"{at:%Y-%m-%d %H:%M:%S %Z} ({distance})"


def span(seconds: float) -> str:
    """A duration in its two largest units; below a minute, seconds to three digits."""
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    size, unit, smaller_size, smaller = next(units for units in _UNITS if whole >= units[0])
    rest = whole % size // smaller_size
    return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
