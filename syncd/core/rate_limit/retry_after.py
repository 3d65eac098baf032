"""Read a Retry-After header in any of the shapes servers send it in."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_retry_after(value: str | None, server_now: str | None, now: datetime) -> float | None:
    """Seconds to wait, may be negative or huge (the caller clamps); None where it is missing or makes no sense.

    `server_now` is the answer's own Date header: a date is held against the server's clock, not against ours.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        moment = _http_date(text)
        if moment is None:
            return None
        return (moment - (_http_date(server_now) or now)).total_seconds()
    return seconds if math.isfinite(seconds) else None


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
