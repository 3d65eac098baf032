"""The jobs of the service, and how often each is done."""

from dataclasses import dataclass

CLAIM, LIST, REPRICE, FLUSH = "claim", "list", "reprice", "flush"
RENEW, STATUS, CLEAN, COUNT, REVISION, ERASE = "renew", "status", "clean", "count", "revision", "erase"
FOLLOWERS = (LIST, REPRICE, FLUSH, RENEW, STATUS, CLEAN, REVISION)
"""Jobs that go on where something happens, and otherwise sleep."""
# In seconds. Each is a judgement, for the reason below it.
SUPERVISE_S = 0.25
"""Between two checks of the end, the clock and the watchdog: as often as claims by default; it asks no server."""
CLEAN_S = 60.0
"""Calls are kept for an hour (db/rate_limit/calls.py), so a minute more makes the log little longer."""
FLUSH_S = 60.0
"""A process that is killed loses the observations of this long; curves follow hours and days of them (HALF_LIFE)."""
COUNT_S = 0.05
END_CHECK_S = 0.02
"""Both only where the process ends once all is done, and it counts only while nothing is in flight."""
ERASE_S = 3600.0
"""A judgement: what SYNCD_RETENTION_DAYS counts in days is erased within the hour."""
REVISION_S = 60.0
"""A judgement: a newer version that has migrated meanwhile does not find an older one at work for longer."""
STATUS_S = 5.0
"""What `systemctl status` shows is this old at most, and so late it is noticed that the database is back."""
RENEWALS = 4
"""So often a lease is renewed in its time, so that two renewals in a row may fail (docs/architecture.md)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often the service does what, and when it ends; seconds."""

    claim_s: float
    """Between two claims of due transcripts, and between two decisions about a list page."""
    lease_s: float
    drain_s: float
    sleep_s: float = 5.0
    """The longest sleep while nothing is due and hints do not arrive."""
    heartbeat_s: float = 10.0
    """Between two heartbeats."""
    retention_days: int | None = None
    """Older transcripts are erased; None: none are."""
    until_idle: bool = False
    ends_at: float | None = None
    """When the process must have ended, work done or not; monotonic."""

    @property
    def is_bounded(self) -> bool:
        """Whether it ends by itself, and so has to say whether the work is done."""
        return self.until_idle or self.ends_at is not None
