"""What to spend a list call on, and what a page teaches about pages.

Two kinds of call compete. A window looks at those whose creation is known (core/window.py). A scan goes through all
that are done, page by page, for ids that were handed in and never seen: nobody knows where in the list they stand.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from syncd.core.polling.list_window import Pages, Window
from syncd.core.polling.poll_index import until_next_try
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import DONE, PROCESSING
from syncd.errors import Forbidden, RecallError

FIRST_PAGE_SIZE = 100.0
PROBE = 1.003
"""How much larger pages are taken to be after each one that was nearly full."""
SCAN_LEAST = 20
"""Fewer unseen ids than this are soon asked about one by one."""
SCAN_PAUSE = timedelta(minutes=15)
"""A scan that came to its end, or found nothing, is not repeated for this long."""
LEAST_HITS = 0.5
"""Fewer of our unseen ids on a page than this, on average: a retrieve brings more."""
OTHER_TURN = 10
"""One call in so many goes to the kind that is worth less, so that neither starves."""
MEMORY = 0.8
"""How much of an average a new page leaves standing."""
MOST_FOREIGN = 1000.0
REFUSED_PAUSE_S = 3600.0
"""How long nothing is listed after Recall refused it (403)."""
DISCOVER_S = 30.0
"""How often discovery looks for new transcripts."""
LONGEST_PASS = timedelta(days=2)
"""One that takes longer probably goes in circles."""
INCOMPLETE_PAUSE = timedelta(minutes=15)
"""After a pass with a page that proves nothing, before it is made again."""
DISCOVER_OVERLAP = timedelta(minutes=10)
"""Every pass looks back by this much further than the one before, for what the list showed late."""


class ListPurpose(StrEnum):
    """What a list call is for."""

    WINDOW = "window"
    SCAN = "scan"
    DISCOVER = "discover"
    """All that were created lately, for those that nobody has handed in."""


@dataclass(frozen=True, slots=True)
class ListCursor:
    """How far the scan and the discovery of a workspace are. The URLs are Recall's own links to the next page."""

    scan_url: str | None = None
    discover_url: str | None = None
    discover_after: datetime | None = None
    discover_began_at: datetime | None = None
    """When the pass began that is under way; None: none is."""
    discovered_at: datetime | None = None
    """When the last whole pass began."""
    discover_paused_until: datetime | None = None
    """After a pass that was not whole: none begins before."""
    is_discovery_incomplete: bool = False
    """A page of the pass that is under way could not be trusted, so the pass proves nothing."""
    discover_floor: datetime | None = None
    """Whole passes have looked back to here."""

    def is_discovery_due(self, now: datetime) -> bool:
        """Whether a pass has to go on, or to begin."""
        if self.discover_began_at is not None:
            return True
        if is_ahead(self.discover_paused_until, now, INCOMPLETE_PAUSE.total_seconds()):
            return False
        return self.discovered_at is None or abs((now - self.discovered_at).total_seconds()) >= DISCOVER_S

    def discovering(self, created_after: datetime | None, now: datetime) -> "ListCursor":
        """The pass that is under way, or a new one: from `created_after` or the first pass on, or from the last."""
        if self.discover_began_at is not None:
            return self
        floor = created_after or self.discover_floor or self.discover_after or now
        is_covered = self.discover_floor is not None and floor >= self.discover_floor
        if is_covered and self.discovered_at is not None:
            floor = max(floor, self.discovered_at - DISCOVER_OVERLAP)
        return replace(
            self, discover_url=None, discover_after=floor, discover_began_at=now, is_discovery_incomplete=False
        )

    def lost(self, call: "ListPurpose") -> "ListCursor":
        """Recall does not know the next page any more: the scan or the pass begins anew."""
        if call == ListPurpose.SCAN:
            return replace(self, scan_url=None)
        return replace(self, discover_url=None, discover_began_at=None)

    def discovered(self, next_url: str | None, now: datetime, *, is_whole: bool) -> "ListCursor":
        """After a page of the pass. It ends where there is no next one; it counts if every page could be trusted."""
        began_at = self.discover_began_at or now
        is_incomplete = self.is_discovery_incomplete or not is_whole
        if next_url is not None and now - began_at <= LONGEST_PASS:
            return replace(self, discover_url=next_url, is_discovery_incomplete=is_incomplete)
        over = replace(self, discover_url=None, discover_began_at=None, is_discovery_incomplete=False)
        if is_incomplete or next_url is not None:
            return replace(over, discover_paused_until=now + INCOMPLETE_PAUSE)
        floors = [floor for floor in (self.discover_floor, self.discover_after) if floor is not None]
        return replace(over, discovered_at=began_at, discover_floor=min(floors, default=None))


@dataclass(frozen=True, slots=True)
class ListState:
    """What is known about the list of one workspace, and how far its scan is."""

    page_size: float = FIRST_PAGE_SIZE
    """Entries on a full page: assumed first, then seen."""
    foreign_processing: float = 0.0
    """Entries of others for one of ours on pages of those still processing."""
    foreign_done: float = 0.0
    turn: int = 0
    """List calls so far."""
    scan_hits: float = FIRST_PAGE_SIZE
    """Unseen ids that a page of the scan brings, on average."""
    scan_paused_until: datetime | None = None
    failure_count: int = 0
    """List calls that failed in a row."""
    paused_until: datetime | None = None
    """After failures, or a refusal: nothing is listed before; retrieves do all the work."""
    pause_reason: str | None = None

    @property
    def pages(self) -> Pages:
        """As far as it concerns the planning of windows."""
        return Pages(self.page_size, {PROCESSING: self.foreign_processing, DONE: self.foreign_done})

    def is_paused(self, now: datetime) -> bool:
        """Whether nothing is listed, after failures or a refusal."""
        return is_ahead(self.paused_until, now, 2 * REFUSED_PAUSE_S)

    def choose(
        self, window: Window | None, unseen_count: int, unseen_wait_s: float, now: datetime, *, is_scanning: bool
    ) -> ListPurpose | None:
        """What the next call is for; None: nothing is worth one.

        `unseen_wait_s` is how long the unseen ids have been waiting, on average; `is_scanning`: a scan is under way.
        """
        if not self._may_scan(unseen_count, now, is_scanning=is_scanning):
            return ListPurpose.WINDOW if window else None
        if window is None:
            return ListPurpose.SCAN
        scan_saved_lag_s = min(self.scan_hits, unseen_count) * unseen_wait_s
        is_scan_better = scan_saved_lag_s > window.worth_s
        is_other_turn = self.turn % OTHER_TURN == OTHER_TURN - 1
        return ListPurpose.SCAN if is_scan_better != is_other_turn else ListPurpose.WINDOW

    def _may_scan(self, unseen_count: int, now: datetime, *, is_scanning: bool) -> bool:
        if is_ahead(self.scan_paused_until, now, SCAN_PAUSE.total_seconds()):
            return False
        return unseen_count >= SCAN_LEAST or (is_scanning and unseen_count > 0)

    def after_page(self, status: str, entry_count: int, ours_count: int, *, has_next: bool) -> "ListState":
        """What a page of a window or a scan teaches about size and company."""
        answered = replace(self, failure_count=0, paused_until=None, pause_reason=None)
        learned = replace(answered, page_size=self._size_after(entry_count, has_next=has_next), turn=self.turn + 1)
        if not entry_count:
            return learned
        share = min(MOST_FOREIGN, (entry_count - ours_count) / max(ours_count, 0.5))
        if status == PROCESSING:
            return replace(learned, foreign_processing=_mean(self.foreign_processing, share))
        return replace(learned, foreign_done=_mean(self.foreign_done, share)) if status == DONE else learned

    def _size_after(self, entry_count: int, *, has_next: bool) -> float:
        """A page that has a next one is full. The size creeps up where nothing speaks against it, lest it stick."""
        if not entry_count:
            return self.page_size
        if has_next and entry_count < self.page_size:
            return max(1.0, (self.page_size + entry_count) / 2)
        is_nearly_full = not has_next and entry_count > self.page_size / 2
        return max(float(entry_count), self.page_size * (PROBE if is_nearly_full else 1.0))

    def after_failing(self, error: RecallError, now: datetime) -> "ListState":
        """A list call failed: rest, longer each time. A refusal of the list is not one of the workspace."""
        count = self.failure_count + 1
        wait_s = REFUSED_PAUSE_S if isinstance(error, Forbidden) else until_next_try(count, 0.5)
        reason, until = str(error), now + timedelta(seconds=wait_s)
        return replace(self, failure_count=count, paused_until=until, pause_reason=reason, turn=self.turn + 1)

    def after_scan_page(self, hits: int, now: datetime, *, is_over: bool) -> "ListState":
        """What a page of the scan teaches about walking on."""
        mean = _mean(self.scan_hits, hits)
        if is_over or mean < LEAST_HITS:
            return replace(self, scan_hits=float(self.page_size), scan_paused_until=now + SCAN_PAUSE)
        return replace(self, scan_hits=mean, scan_paused_until=None)


def is_ahead(until: datetime | None, now: datetime, longest_s: float) -> bool:
    """Whether a time lies ahead; not where it lies further ahead than it ever may, after a clock was set back."""
    return until is not None and 0 < (until - now).total_seconds() <= longest_s


def _mean(before: float, seen: float) -> float:
    return MEMORY * before + (1.0 - MEMORY) * seen


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list call that was paid for."""

    purpose: ListPurpose
    selection: Selection
    next_url: str | None
    """Where a scan or a pass goes on; None: it begins, or is a window."""
    call_id: int
    asked_at: datetime
    send_by: float
    """Monotonic seconds."""
    state: ListState
    cursor: ListCursor
