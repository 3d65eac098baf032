"""Which list call is made next, and what a page changes in what is known about the list.

Theory of operation: three kinds of call share the list budget. While a pass of discovery is due, it gets every other
call, and those that nothing else needs. All other calls go to a window or to the scan, whichever would end more lag
(list_state.py, list_window.py). While too many finished files wait to be loaded that nobody has waited for, only
windows are read: the other two would bring more of these. A plan costs the reading of the waiting rows. So beyond
MOST_ROWS it is made on a sample, taken by ids, which are random; and after a plan that came to nothing the next one
pauses, the longer the more rows it read.

Sources: as in list_window.py; each sampled row stands for 1/share rows (Horvitz and Thompson 1952).
Numbers: judgements. All but the pause bound what planning costs one process, in Python and in rows read.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from syncd.core.polling.list_cursor import LOOP, ListCursor, ListPurpose, is_ahead
from syncd.core.polling.list_state import SCAN_LEAST, SCAN_PAUSE, ListState
from syncd.core.polling.list_window import Window, best_window, waiting
from syncd.core.polling.strata import Stratum, SurvivalCurves
from syncd.core.polling.survival import SurvivalCurve
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import DONE

MOST_ROWS = 5_000
"""More are planned with by a sample."""
MOST_DONE = 2_000
"""So many of those done are read; they fill twenty pages, and windows before them are not planned."""
INSIDE = timedelta(milliseconds=1)
"""Nobody says whether the ends of a window belong to it, and times are rounded, so its edges prove nothing."""
LEAST_PLAN_PAUSE_S = 0.5
"""After a plan that came to nothing: twice the time between two plans by default (SYNCD_TICK_SECONDS)."""
ROWS_A_SECOND = 4_000
"""So many rows are read again in a second, at most, while plans come to nothing."""
MOST_FORECAST = 500
"""With more waiting rows a call is worth it so soon that it is not reckoned when."""
LONGEST_FORECAST_S = 512.0
"""So far ahead it is reckoned at most, in ten steps, each twice as long."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Whether transcripts that nobody handed in are tracked, too, and since when."""

    is_on: bool = False
    created_after: datetime | None = None


NO_DISCOVERY = Discovery()


@dataclass(frozen=True, slots=True)
class Seen:
    """A waiting transcript that Recall has shown, unfinished; times in seconds since the epoch."""

    stratum: Stratum
    created_s: float
    seen_s: float


@dataclass(frozen=True, slots=True)
class Unseen:
    """How many were never shown, and how long they have been waiting on average, in seconds."""

    count: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class QueueView:
    """What the tables know when a list call is planned."""

    seen: Sequence[Seen]
    """In order of creation; a sample where `share` is less than 1."""
    share: float
    done_s: Sequence[float]
    """When the newest MOST_DONE of those known to be done were created, in order, seconds since the epoch."""
    unseen: Unseen
    retrieves: float
    """How many retrieves can be made soon, less those that absent rows wait for already; may be less than 0."""

    @property
    def done_since_s(self) -> float:
        """From when on `done_s` is complete."""
        return self.done_s[0] if len(self.done_s) == MOST_DONE else 0.0


@dataclass(frozen=True, slots=True)
class ListCall:
    """A list call to make, and where its cursor is."""

    purpose: ListPurpose
    selection: Selection
    cursor: ListCursor

    @property
    def next_url(self) -> str | None:
        """Where a scan or a pass goes on; None: it begins, or is a window."""
        return {ListPurpose.SCAN: self.cursor.scan_url, ListPurpose.DISCOVER: self.cursor.discover_url}.get(
            self.purpose
        )


@dataclass(frozen=True, slots=True)
class ListPlan:
    """The next list call, if any would end enough lag, and how the plan after it is made."""

    call: ListCall | None
    share: float
    """Of the waiting rows to read for the next plan."""
    pause_s: float = 0.0
    """Seconds in which no plan is made."""


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
    takes_backlog: bool = True
    """Whether finished ones are claimed that Recall has never shown before."""
    is_probe: bool = False
    """Whether it is the half-open probe of Recall."""

    def absence_window(self, *, is_last: bool) -> tuple[datetime, datetime] | None:
        """The creation times in which a row that the page did not show is absent; None: the page proves nothing.

        Only a page of a window, whole and the last one (`is_last`), shows everything in it.
        """
        after, before = self.selection.created_after, self.selection.created_before
        if self.purpose != ListPurpose.WINDOW or not is_last or after is None or before is None:
            return None
        return after + INSIDE, before - INSIDE


def next_list_call(
    curves: SurvivalCurves,
    state: ListState,
    cursor: ListCursor,
    discovery: Discovery,
    share: float,
    now: datetime,
    view: Callable[[], QueueView],
    *,
    takes_backlog: bool = True,
) -> ListPlan:
    """Plan one list call at `now`; `view` reads the tables and is called where that is needed.

    `share` is what the last plan has answered; 1 at first. Only a window, where not `takes_backlog`.
    """
    is_due = takes_backlog and discovery.is_on and cursor.is_discovery_due(now)
    plan = ListPlan(None, share)
    if not is_due or state.turn % 2:
        known = view()
        plan = _for_known(
            curves, state, cursor, now, known if takes_backlog else replace(known, unseen=Unseen(0, 0.0))
        )
    if plan.call is not None or not is_due:
        return plan
    cursor = cursor.discovering(discovery.created_after, now)
    return replace(plan, call=ListCall(ListPurpose.DISCOVER, Selection(None, cursor.discover_after), cursor))


def _for_known(
    curves: SurvivalCurves, state: ListState, cursor: ListCursor, now: datetime, view: QueueView
) -> ListPlan:
    """A call for rows that are tracked already: a window, or a page of the scan."""
    window = window_for(curves, state, view, now.timestamp())
    row_count = len(view.seen)
    plan = ListPlan(
        None,
        share=next_share(view.share, row_count),
        pause_s=0.0 if window else max(LEAST_PLAN_PAUSE_S, row_count / ROWS_A_SECOND),
    )
    is_scanning = cursor.scan_url is not None
    purpose = state.choose(window, view.unseen.count, view.unseen.wait_s, now, is_scanning=is_scanning)
    if purpose is ListPurpose.SCAN:
        return replace(plan, call=ListCall(purpose, Selection(DONE), cursor))
    if window is None:
        return plan
    return replace(plan, call=ListCall(ListPurpose.WINDOW, select_window(window), cursor))


def until_list_call(
    curves: SurvivalCurves,
    state: ListState,
    cursor: ListCursor,
    discovery: Discovery,
    now: datetime,
    view: QueueView,
) -> float:
    """Seconds in which no call will be worth it while rows stay as they are; for a plan that came to nothing.

    Infinite where nothing is to be listed. Not so long that a call would be made later than without it.
    """
    least_s = cursor.until_discovery_s(now) if discovery.is_on else math.inf
    if view.unseen.count >= SCAN_LEAST and state.scan_paused_until is not None:
        least_s = min(least_s, (state.scan_paused_until - now).total_seconds())
    if view.seen:
        least_s = min(least_s, _until_window(curves, state, view, now.timestamp()))
    return max(0.0, least_s)


def _until_window(curves: SurvivalCurves, state: ListState, view: QueueView, now_s: float) -> float:
    """Seconds in which no window over the waiting rows will be worth a call, however many retrieves there are."""
    if len(view.seen) > MOST_FORECAST:
        return 0.0
    seconds, richest = LEAST_PLAN_PAUSE_S, replace(view, retrieves=math.inf)
    while seconds < LONGEST_FORECAST_S and window_for(curves, state, richest, now_s + 2 * seconds) is None:
        seconds *= 2
    return seconds


def window_for(curves: SurvivalCurves, state: ListState, view: QueueView, now_s: float) -> Window | None:
    """The best window over the waiting rows; None where none would end enough lag."""
    known: dict[Stratum, SurvivalCurve] = {}
    rows = []
    for row in view.seen:
        curve = known.get(row.stratum)
        if curve is None:
            curve = known[row.stratum] = curves.of(row.stratum)
        rows.append(waiting(curve, row.created_s, row.seen_s, now_s))
    return best_window(rows, view.done_s, view.done_since_s, state.pages, view.retrieves, 1.0 / view.share)


def next_share(share: float, row_count: int) -> float:
    """The share of the waiting rows to plan with next, when this share came to so many rows."""
    if row_count > MOST_ROWS:
        return share / 2.0
    return min(1.0, share * 2.0) if row_count < MOST_ROWS / 4 else share


def select_window(window: Window) -> Selection:
    """The window as a selection."""
    after, before = (datetime.fromtimestamp(seconds, UTC) for seconds in (window.after_s, window.before_s))
    return Selection(window.status, after, before)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page has shown, as far as it concerns the list itself."""

    entry_count: int
    ours_count: int
    """Entries that are or were tracked."""
    hits: int
    """Of those, how many had never been shown before."""
    next_url: str | None
    flaw: str | None = None
    """Why the page proves nothing by absence; None: every entry could be read."""
    has_unseen: bool = True
    """Tracked ids that were never shown remain."""


def after_list_page(request: ListRequest, page: PageFacts) -> tuple[ListState, ListCursor]:
    """What is known about the list, and where its cursors are, after a page. A next page that is itself is none."""
    state, cursor, has_next = request.state, request.cursor, page.next_url is not None
    state = state.after_page(request.selection.status or "", page.entry_count, page.ours_count, has_next=has_next)
    is_loop = page.next_url is not None and page.next_url == request.next_url
    next_url = None if is_loop else page.next_url
    if request.purpose is ListPurpose.SCAN:
        state = state.after_scan_page(page.hits, request.asked_at, is_over=next_url is None)
        is_paused = is_ahead(state.scan_paused_until, request.asked_at, SCAN_PAUSE.total_seconds())
        # when every tracked id was seen, a scan begins anew: an id handed in later may be on a page before
        cursor = replace(cursor, scan_url=None if is_paused or not page.has_unseen else next_url)
    elif request.purpose is ListPurpose.DISCOVER:
        cursor = cursor.discovered(next_url, request.asked_at, flaw=page.flaw or (LOOP if is_loop else None))
    return state, cursor
