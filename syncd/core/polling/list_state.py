"""What is known about the list of one workspace, as its pages show it, and when nothing is listed.

Theory of operation: Recall documents neither the size of a page nor how many entries belong to others, so both are
taken from the pages themselves. A page that has a next one is full; where pages stay just below the assumed size,
the size creeps up, so that a wrong low value does not last. Shares and hits are exponential averages. Of the two
kinds of call, a window or a page of the scan, the one that would end more lag is made, and the other one every
OTHER_TURN-th time, so that neither starves. Failures pause the list, longer each time, and never the retrieves.

Sources: exponential smoothing (Brown 1956); pages and refusals as in docs/recall-api.md.
Numbers: judgements unless something else is said beside them; bench/polling shows their effect (W2-page20,
W2b-foreign).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.core.polling.list_cursor import ListPurpose, is_ahead
from syncd.core.polling.list_window import Pages, Window
from syncd.core.polling.poll_index import MIDDLE, until_next_try
from syncd.core.rate_limit.retry_after import wait_asked_for
from syncd.core.transcript import DONE, PROCESSING
from syncd.errors import Forbidden, RecallError, Throttled

FIRST_PAGE_SIZE = 100.0
"""Entries on a full page before one was seen (docs/recall-api.md); a wrong value is corrected within a few pages."""
GROWTH = 1.003
"""How much larger pages are taken to be after each one that was nearly full: a quarter more after 75 pages."""
SCAN_LEAST = 20
"""Fewer unseen ids than this are polled one by one within seconds, at half of 5 retrieves a second."""
SCAN_PAUSE = timedelta(minutes=15)
"""A scan that came to its end, or found nothing, is not repeated for this long. A judgement: what it did not find is
not listed as finished yet, and is polled meanwhile; a scan that finds nothing costs two dozen pages (MEMORY,
LEAST_HITS)."""
LEAST_HITS = 0.5
"""Fewer of our unseen ids on a page than this, on average: a retrieve, which brings one, is the better call."""
OTHER_TURN = 10
"""One call in so many goes to the kind that would end less lag: a tenth of the list budget."""
MEMORY = 0.8
"""How much of an average a new page leaves standing: about the last five pages count."""
MOST_FOREIGN = 1000.0
"""Of others for one of ours; beyond, windows hold one row anyway."""
REFUSED_PAUSE_S = 3600.0
"""How long nothing is listed after Recall refused it (403): a right that is granted is noticed within the hour."""


@dataclass(frozen=True, slots=True)
class ListState:
    """What is known about the list of one workspace."""

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
        """What the next call is for; None: it would end too little lag.

        `unseen_wait_s` is how long the unseen ids have been waiting, on average; `is_scanning`: a scan is under way.
        """
        if not self._may_scan(unseen_count, now, is_scanning=is_scanning):
            return ListPurpose.WINDOW if window else None
        if window is None:
            return ListPurpose.SCAN
        scan_saved_lag_s = min(self.scan_hits, unseen_count) * unseen_wait_s
        is_scan_better = scan_saved_lag_s > window.saved_lag_s
        is_other_turn = self.turn % OTHER_TURN == OTHER_TURN - 1
        return ListPurpose.SCAN if is_scan_better != is_other_turn else ListPurpose.WINDOW

    def _may_scan(self, unseen_count: int, now: datetime, *, is_scanning: bool) -> bool:
        if is_ahead(self.scan_paused_until, now, SCAN_PAUSE.total_seconds()):
            return False
        return unseen_count >= SCAN_LEAST or (is_scanning and unseen_count > 0)

    def after_page(self, status: str, entry_count: int, ours_count: int, *, has_next: bool) -> "ListState":
        """After a page of a window or a scan: its size, and how many entries belong to others."""
        answered = replace(self, failure_count=0, paused_until=None, pause_reason=None)
        sized = replace(answered, page_size=self._size_after(entry_count, has_next=has_next), turn=self.turn + 1)
        if not entry_count:
            return sized
        share = min(MOST_FOREIGN, (entry_count - ours_count) / max(ours_count, 0.5))
        if status == PROCESSING:
            return replace(sized, foreign_processing=_mean(self.foreign_processing, share))
        return replace(sized, foreign_done=_mean(self.foreign_done, share)) if status == DONE else sized

    def _size_after(self, entry_count: int, *, has_next: bool) -> float:
        """A page that has a next one is full. The size creeps up where nothing speaks against it, lest it stick."""
        if not entry_count:
            return self.page_size
        if has_next and entry_count < self.page_size:
            return max(1.0, (self.page_size + entry_count) / 2)
        is_nearly_full = not has_next and entry_count > self.page_size / 2
        return max(float(entry_count), self.page_size * (GROWTH if is_nearly_full else 1.0))

    def after_failing(self, error: RecallError, now: datetime, *, is_counted: bool = True) -> "ListState":
        """A list call failed: pause, longer each time. A refusal of the list is not one of the workspace.

        One that is not counted is a probe in an outage, after which the workspace pauses as long as need be.
        """
        count = self.failure_count + is_counted
        wait_s = REFUSED_PAUSE_S if isinstance(error, Forbidden) else until_next_try(max(count, 1), MIDDLE)
        asked_s = 0.0 if isinstance(error, Throttled) else wait_asked_for(error.retry_after_s)
        reason, until = str(error), now + timedelta(seconds=max(wait_s, asked_s))
        return replace(self, failure_count=count, paused_until=until, pause_reason=reason, turn=self.turn + 1)

    def after_scan_page(self, hits: int, now: datetime, *, is_over: bool) -> "ListState":
        """After a page of the scan: whether it goes on or pauses. `hits`: unseen ids of ours on the page."""
        mean = _mean(self.scan_hits, hits)
        if is_over or mean < LEAST_HITS:
            return replace(self, scan_hits=float(self.page_size), scan_paused_until=now + SCAN_PAUSE)
        return replace(self, scan_hits=mean, scan_paused_until=None)


def _mean(before: float, seen: float) -> float:
    return MEMORY * before + (1.0 - MEMORY) * seen
