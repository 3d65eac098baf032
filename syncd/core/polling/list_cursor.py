"""How far the scan and the discovery of a workspace have come.

Theory of operation: both read many pages, one call at a time, and go on where the last page said that the next one
is. A *scan* goes through all finished transcripts for ids that were handed in and never seen. A *pass of discovery*
goes through all that were created lately. A pass counts only where each of its pages could be trusted; it then
begins a little before the one before it, for what the list showed late. Every reading of pages has an end: a
pass that takes too long, or a page whose next page is itself, is given up.

Source: cursors and their loss as in docs/recall-api.md (links to the next page, expired ones answer an error).
Numbers: judgements, bounded by what a mistake costs; each says which.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

DISCOVER_S = 30.0
"""How often discovery begins a pass: two list calls of sixty a minute where a pass is one page."""
LONGEST_PASS = timedelta(days=2)
"""One that takes longer probably goes in circles: at a page a second it would have read 170,000 pages."""
INCOMPLETE_PAUSE = timedelta(minutes=15)
"""After a pass with a page that proves nothing, before it is made again: it may cost as many pages once more."""
DISCOVER_OVERLAP = timedelta(minutes=10)
"""Every pass begins this long before the start of the one before it; a list may lag, and seconds are usual."""

LOST = "Recall does not know its next page any more"
ENDLESS = f"it came to no end within {LONGEST_PASS.days} days"
LOOP = "a page leads back to itself"


class ListPurpose(StrEnum):
    """What a list call is for."""

    WINDOW = "window"
    SCAN = "scan"
    DISCOVER = "discover"
    """All that were created lately, for those that nobody has handed in."""


@dataclass(frozen=True, slots=True)
class ListCursor:
    """How far the scan and the discovery of a workspace are. URLs are Recall's own links to the next page."""

    scan_url: str | None = None
    discover_url: str | None = None
    discover_after: datetime | None = None
    discover_began_at: datetime | None = None
    """When the pass began that is under way; None: none is."""
    discovered_at: datetime | None = None
    """When the last whole pass began."""
    discover_paused_until: datetime | None = None
    """After a pass that was not whole: none begins before."""
    discovery_flaw: str | None = None
    """Why the pass that is under way, or the last one, proves nothing; None: each of its pages could be trusted."""
    discover_floor: datetime | None = None
    """Whole passes have covered everything created since."""

    def is_discovery_due(self, now: datetime) -> bool:
        """Whether a pass has to go on, or to begin."""
        if self.discover_began_at is not None:
            return True
        if is_ahead(self.discover_paused_until, now, INCOMPLETE_PAUSE.total_seconds()):
            return False
        return self.discovered_at is None or abs((now - self.discovered_at).total_seconds()) >= DISCOVER_S

    def until_discovery_s(self, now: datetime) -> float:
        """Seconds until a pass has to go on, or to begin."""
        if self.is_discovery_due(now):
            return 0.0
        if self.discover_paused_until is not None and now < self.discover_paused_until:
            return (self.discover_paused_until - now).total_seconds()
        return DISCOVER_S - (now - (self.discovered_at or now)).total_seconds()

    def discovering(self, created_after: datetime | None, now: datetime) -> "ListCursor":
        """The pass that is under way, or a new one: from `created_after` or the first pass on, or from the last."""
        if self.discover_began_at is not None:
            return self
        floor = created_after or self.discover_floor or self.discover_after or now
        is_covered = self.discover_floor is not None and floor >= self.discover_floor
        if is_covered and self.discovered_at is not None:
            floor = max(floor, self.discovered_at - DISCOVER_OVERLAP)
        return replace(self, discover_url=None, discover_after=floor, discover_began_at=now, discovery_flaw=None)

    def lost(self, call: ListPurpose) -> "ListCursor":
        """Recall does not know the next page any more: the scan or the pass begins anew."""
        if call == ListPurpose.SCAN:
            return replace(self, scan_url=None)
        return replace(self, discover_url=None, discover_began_at=None, discovery_flaw=LOST)

    def discovered(self, next_url: str | None, now: datetime, *, flaw: str | None) -> "ListCursor":
        """After a page of the pass. It ends where there is no next one; it counts if every page could be trusted.

        `flaw`: why this one cannot; None: it can.
        """
        began_at = self.discover_began_at or now
        flaw = self.discovery_flaw or flaw
        if next_url is not None and now - began_at <= LONGEST_PASS:
            return replace(self, discover_url=next_url, discovery_flaw=flaw)
        flaw = flaw or (ENDLESS if next_url is not None else None)
        over = replace(self, discover_url=None, discover_began_at=None, discovery_flaw=flaw)
        if flaw is not None:
            return replace(over, discover_paused_until=now + INCOMPLETE_PAUSE)
        floors = [floor for floor in (self.discover_floor, self.discover_after) if floor is not None]
        return replace(over, discovered_at=began_at, discover_floor=min(floors, default=None))


def is_ahead(until: datetime | None, now: datetime, longest_s: float) -> bool:
    """Whether a time lies ahead; not where it lies further ahead than it ever may, after a clock was set back."""
    return until is not None and 0 < (until - now).total_seconds() <= longest_s
