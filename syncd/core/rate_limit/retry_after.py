"""Read a Retry-After header: RFC 9110, section 10.2.3.

The RFC allows delay-seconds (a whole number) or an HTTP-date in three formats (section 5.6.7). Servers also send
fractions, negative numbers and dates with other offsets, so those are read too. A date is compared with the answer's
own Date header (section 6.6.1), as only the difference between two times of the same clock says how long to wait.
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_WAIT_S = 900.0
"""A longer Retry-After counts as this: a wrong one must not stop a workspace for days (chosen)."""


def wait_asked_for(retry_after_s: float | None) -> float:
    """Seconds to wait for what an answer asked, within bounds; 0 where it asked for nothing."""
    return 0.0 if retry_after_s is None else min(max(retry_after_s, 0.0), MOST_WAIT_S)


def read_retry_after(value: str | None, server_now: str | None, now: datetime) -> float | None:
    """Seconds to wait, possibly negative or huge, as the caller applies bounds; None without a sensible value.

    `server_now` is the Date header of the same answer; `now` is used where that is missing or makes no sense.
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
