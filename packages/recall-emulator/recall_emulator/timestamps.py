"""Moments as the API writes them."""

from datetime import UTC, datetime
from email.utils import formatdate


def timestamp(at: float, digits: int = 6) -> str:
    """Write seconds since the epoch as ISO 8601 with `digits` (0, 3 or 6) fractional digits and a Z."""
    timespec = {0: "seconds", 3: "milliseconds", 6: "microseconds"}[digits]
    return datetime.fromtimestamp(at, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def http_date(at: float) -> str:
    """Write seconds since the epoch as an HTTP date."""
    return formatdate(at, usegmt=True)


def compact_date(at: float) -> str:
    """Write seconds since the epoch as ISO 8601 in whole seconds, as the file store does."""
    return timestamp(at, 0)
