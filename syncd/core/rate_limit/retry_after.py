"""Read a Retry-After header: RFC 9110, section 10.2.3.

The RFC allows delay-seconds (a whole number) or an HTTP-date in three formats (section 5.6.7). Servers also send
fractions, negative numbers, units, durations of ISO 8601, times since 1970 and dates with other offsets, and proxies
double the header or quote it, so those are read too. A time is compared with the answer's own Date header (section
6.6.1), as only the difference between two times of the same clock says how long to wait.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_WAIT_S = 900.0
"""A longer Retry-After counts as this: a wrong one must not stop a workspace for days (chosen)."""
EPOCH_FROM = 1e9
"""From here on a number is a time, in seconds since 1970: that of 2001; nobody asks to wait 31 years."""
EPOCH_MS_FROM = 1e12
"""From here on, in milliseconds."""
_WAIT = re.compile(
    r"(?:pt)?(?:(\d{1,30})h)?(?:(\d{1,30})m)?(?:([+-]?\d{1,30}(?:\.\d{1,30})?)\s?(?:s|secs?|seconds?)?)?",
    re.ASCII | re.IGNORECASE,
)
"""Hours, minutes and seconds: `30`, `30s`, `1m30s`, `PT30S`."""


def wait_asked_for(retry_after_s: float | None) -> float:
    """Seconds to wait for what an answer asked, within bounds; 0 where it asked for nothing."""
    return 0.0 if retry_after_s is None else min(max(retry_after_s, 0.0), MOST_WAIT_S)


def read_retry_after(value: str | None, server_now: str | None, now: datetime) -> float | None:
    """Seconds to wait, possibly negative or huge, as the caller applies bounds; None without a sensible value.

    Of several values the first number counts. `server_now` is the Date header of the same answer; `now` is used where
    that is missing or makes no sense.
    """
    if value is None:
        return None
    clock = _http_date(server_now) or now
    for part in value.split(","):
        if any(found := _groups(part)):
            hours, minutes, seconds = (float(each or 0) for each in found)
            return _from_epoch(seconds, clock) + 60 * minutes + 3600 * hours
    moment = _http_date(value.strip())
    return None if moment is None else (moment - clock).total_seconds()


def _groups(part: str) -> tuple[str | None, ...]:
    match = _WAIT.fullmatch(part.strip(" \t\"'"))
    return match.groups() if match else ()


def _from_epoch(seconds: float, clock: datetime) -> float:
    """Seconds from `clock` on, where they are counted from 1970."""
    if seconds < EPOCH_FROM:
        return seconds
    return (seconds / 1000 if seconds >= EPOCH_MS_FROM else seconds) - clock.timestamp()


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
