"""Choose the next list call, and pay for it: a window of creation times, a page of the walk, or one of discovery."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.core.polling.list_state import Call, Places, Request, Sweep, is_ahead
from syncd.core.polling.list_window import Window, best_window
from syncd.core.polling.list_window import waiting as as_waiting
from syncd.core.queue.limits import Terms
from syncd.core.rate_limit.budget import SEND_WITHIN_S
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import DONE
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.polling import list_states, waiting
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.pipeline.observations import Pace

MOST_ROWS = 5_000
"""More are planned with by a sample."""
LEAST_REST_S = 0.5
ROWS_A_SECOND = 4_000
"""After a plan that came to nothing, the next one waits the longer the more rows it reads."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Whether transcripts that nobody handed in are tracked, too, and since when."""

    is_on: bool = False
    created_after: datetime | None = None


NO_DISCOVERY = Discovery()


class Planner:
    """Plans one workspace's list calls for one process."""

    def __init__(self, engine: Engine, terms: Terms, pace: Pace, discovery: Discovery) -> None:
        self._engine = engine
        self._terms = terms
        self._pace = pace
        self._discovery = discovery
        self._share = 1.0
        self._began_at: datetime | None = None
        self.has_surveyed = not discovery.is_on or terms.list_limit == 0
        """Whether nothing is left to discover, as far as a whole pass since our start can tell."""
        self._not_before = 0.0

    def next_request(self) -> Request | None:
        """A list call that was paid for; None where nothing is worth one, or it cannot be paid for."""
        if self._terms.list_limit == 0 or time.monotonic() < self._not_before:
            return None
        with self._engine.begin() as connection:
            sweep, places, held_until = list_states.read(connection, self._terms.workspace)
            now = database_now(connection)
            self._note_pass(places, now)
            is_held = is_ahead(held_until, now, self._terms.longest_call_s)
            if is_held or sweep.is_resting(now) or not self._can_pay(connection, now):
                return None
            found = self._choose(connection, sweep, places, now)
            return None if found is None else self._pay(connection, *found, sweep)

    def _note_pass(self, places: Places, now: datetime) -> None:
        self._began_at = self._began_at or now
        if places.discovered_at is not None and places.discovered_at >= self._began_at:
            self.has_surveyed = True

    def _can_pay(self, connection: Connection, now: datetime) -> bool:
        """Without a lock, so only nearly true."""
        terms = self._terms
        budget = budgets.peek(connection, terms.workspace, budgets.LIST, terms.list_limit, now)
        occupied = calls.occupied(connection, terms.workspace, budgets.LIST, now)
        return budget.available(now, occupied) > 0 and workspaces.breaker(connection, terms.workspace).is_closed

    def _choose(
        self, connection: Connection, sweep: Sweep, places: Places, now: datetime
    ) -> tuple[Call, Selection, Places] | None:
        is_due = self._discovery.is_on and places.is_discovery_due(now)
        found = None if is_due and sweep.turn % 2 == 0 else self._choose_known(connection, sweep, places, now)
        if found is not None or not is_due:
            return found
        places = places.discovering(self._discovery.created_after, now)
        return Call.DISCOVER, Selection(None, places.discover_after), places

    def _choose_known(
        self, connection: Connection, sweep: Sweep, places: Places, now: datetime
    ) -> tuple[Call, Selection, Places] | None:
        """A call for those that are tracked already."""
        window = self._window(connection, sweep, now)
        unseen = waiting.unseen(connection, self._terms.workspace)
        is_walking = places.walk_url is not None
        call = sweep.choose(window, unseen.count, unseen.wait_s, now, is_walking=is_walking)
        if call == Call.WALK:
            return call, Selection(DONE), places
        return None if call is None or window is None else (call, select_window(window), places)

    def _window(self, connection: Connection, sweep: Sweep, now: datetime) -> Window | None:
        terms, cadence = self._terms, self._pace.cadence
        seen = waiting.seen(connection, terms.workspace, self._share)
        now_s, weight = now.timestamp(), 1.0 / self._share
        rows = [as_waiting(cadence.curves.of(each.of_class), each.created_s, each.seen_s, now_s) for each in seen]
        done_s = waiting.done_lately(connection, terms.workspace) if rows else []
        done_since_s = done_s[0] if len(done_s) == waiting.RECENT else 0.0
        retrieve = budgets.peek(connection, terms.workspace, budgets.RETRIEVE, terms.retrieve_limit, now)
        window = best_window(rows, done_s, done_since_s, sweep.pages, retrieve.filled(now), weight)
        if window is None:
            self._not_before = time.monotonic() + max(LEAST_REST_S, len(rows) / ROWS_A_SECOND)
        self._adapt_share(len(rows))
        return window

    def _adapt_share(self, row_count: int) -> None:
        if row_count > MOST_ROWS:
            self._share /= 2.0
        elif row_count < MOST_ROWS / 4:
            self._share = min(1.0, self._share * 2.0)

    def _pay(
        self, connection: Connection, call: Call, selection: Selection, places: Places, sweep: Sweep
    ) -> Request | None:
        terms = self._terms
        budget = budgets.lock(connection, terms.workspace, budgets.LIST, terms.list_limit, database_now(connection))
        now, paid_at = database_now(connection), time.monotonic()
        occupied = calls.occupied(connection, terms.workspace, budgets.LIST, now)
        if not budget.available(now, occupied):
            return None
        if not list_states.hold(connection, terms.workspace, terms.holder, sweep.turn, terms.longest_call_s, now):
            return None
        budgets.save(connection, terms.workspace, budgets.LIST, budget.spent(1, now), 1)
        call_id = calls.next_id(connection)
        calls.enter(connection, [call_id], terms.workspace, budgets.LIST, now, terms.longest_call_s)
        next_url = {Call.WALK: places.walk_url, Call.DISCOVER: places.discover_url}.get(call)
        return Request(call, selection, next_url, call_id, now, paid_at + SEND_WITHIN_S, sweep, places)


def select_window(window: Window) -> Selection:
    """The window as a selection."""
    after, before = (datetime.fromtimestamp(seconds, UTC) for seconds in (window.after_s, window.before_s))
    return Selection(window.status, after, before)
