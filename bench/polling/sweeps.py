"""List calls: which page is asked for next, and what it shows."""

from book import Book
from clock import Clock
from desk import Row
from looks import Looks
from purse import ROUND_TRIP_S, Purse, moment
from recall import Listed, Recall

from syncd.core.polling.list_state import Call, ListState
from syncd.core.polling.list_window import Window, best_window, waiting
from syncd.core.transcript import DONE, PROCESSING

RECENT = 2_000
"""So many of the newest done ones are remembered when windows are planned."""


class Sweeps:
    """Windows over those that wait, and walks through the done ones for those never seen."""

    def __init__(self, clock: Clock, book: Book, looks: Looks, purse: Purse, recall: Recall) -> None:
        self._clock, self._book, self._looks, self.purse, self._recall = clock, book, looks, purse, recall
        self._sweep = ListState()
        self._is_listing = False
        self._walk_place: float | None = None

    def tick(self) -> None:
        """Make one list call, if one is worth it; never two at a time."""
        now_s = self._clock.now_s
        if self._is_listing or not self.purse.available(now_s):
            return
        window = self._plan(now_s)
        chosen = self._choose(window, now_s)
        if chosen is None:
            return
        self._is_listing = True
        self.purse.pay(now_s, 1)
        is_walk = chosen == Call.SCAN or window is None
        self._clock.at(now_s + ROUND_TRIP_S / 2, self._walk if is_walk else lambda: self._look(window))

    def _choose(self, window: Window | None, now_s: float) -> Call | None:
        unseen = self._book.unseen.values()
        wait_s = sum(now_s - row.transcript.tracked_s for row in unseen) / len(unseen) if unseen else 0.0
        is_scanning = self._walk_place is not None
        return self._sweep.choose(window, len(unseen), wait_s, moment(now_s), is_scanning=is_scanning)

    def _plan(self, now_s: float) -> Window | None:
        curves = self._book.lessons.curves
        rows = [
            waiting(curves[row.provider], row.created_s, max(row.seen_s or now_s, row.passed_s), now_s)
            for row in self._book.between()
            if not (row.is_out or row.has_absent)
        ]
        recent = self._book.done_s[-RECENT:]
        since_s = recent[0] if len(recent) == RECENT else 0.0
        tokens = self._looks.purse.budget.filled(moment(now_s))
        return best_window(rows, recent, since_s, self._sweep.pages, tokens)

    def _look(self, window: Window) -> None:
        page = self._recall.list(self._clock.now_s, window.status, window.after_s, window.before_s)
        expected = self._book.between(window.after_s, window.before_s)
        self._clock.at(self._clock.now_s + ROUND_TRIP_S / 2, lambda: self._looked(window.status, page, expected))

    def _looked(self, status: str, page: Listed, expected: list[Row]) -> None:
        self._is_listing = False
        shown = self._take(status, page)
        if page.next_place is None:
            for row in expected:
                self._miss(row, status, shown)
        self._looks.tick()

    def _miss(self, row: Row, status: str, shown: set[int]) -> None:
        """A whole window did not show it: it has left, or is not done."""
        number = row.transcript.number
        if number not in self._book.desk.rows or number in shown or row.is_out:
            return
        if status == PROCESSING:
            self._book.desk.leave(row)
        else:
            row.passed_s = self._clock.now_s - ROUND_TRIP_S

    def _walk(self) -> None:
        before_s = self._walk_place if self._walk_place is not None else float("inf")
        page = self._recall.list(self._clock.now_s, DONE, 0.0, before_s)
        self._clock.at(self._clock.now_s + ROUND_TRIP_S / 2, lambda: self._walked(page))

    def _walked(self, page: Listed) -> None:
        self._is_listing = False
        unseen = len(self._book.unseen)
        self._take(DONE, page)
        hits = unseen - len(self._book.unseen)
        self._sweep = self._sweep.after_scan_page(hits, moment(self._clock.now_s), is_over=page.next_place is None)
        self._walk_place = None if self._sweep.scan_paused_until else page.next_place
        self._looks.tick()

    def _take(self, status: str, page: Listed) -> set[int]:
        """Observe everybody of ours on a page; their numbers."""
        now_s, rows = self._clock.now_s, self._book.desk.rows
        ours = [rows[each.number] for each in page.entries if each.number in rows]
        for row in ours:
            if not row.is_out:
                self._book.observe(row, now_s, has_finished=status == DONE)
        ours_count = sum(each.tracked_s <= now_s for each in page.entries)
        has_next = page.next_place is not None
        self._sweep = self._sweep.after_page(status, len(page.entries), ours_count, has_next=has_next)
        return {row.transcript.number for row in ours}
