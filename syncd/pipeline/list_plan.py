"""Choose the next list call, and pay for it: a window of creation times, a page of the scan, or one of discovery."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from syncd.core.polling.list_state import ListCursor, ListPurpose, ListRequest, ListState, is_ahead
from syncd.core.polling.list_window import Window, best_window
from syncd.core.polling.list_window import waiting as as_waiting
from syncd.core.queue.limits import WorkerLimits
from syncd.core.rate_limit.budget import SEND_WITHIN_S
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import DONE
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.polling import list_states, waiting
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.pipeline.observations import Observations

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

    def __init__(
        self, engine: Engine, limits: WorkerLimits, observations: Observations, discovery: Discovery
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._observations = observations
        self._discovery = discovery
        self._share = 1.0
        self._began_at: datetime | None = None
        self.has_surveyed = not discovery.is_on or limits.list_limit == 0
        """Whether nothing is left to discover, as far as a whole pass since our start can tell."""
        self._not_before = 0.0

    def next_request(self) -> ListRequest | None:
        """A list call that was paid for; None where nothing is worth one, or it cannot be paid for."""
        if self._limits.list_limit == 0 or time.monotonic() < self._not_before:
            return None
        with self._engine.begin() as connection:
            state, cursor, held_until = list_states.read(connection, self._limits.workspace)
            now = database_now(connection)
            self._note_pass(cursor, now)
            is_held = is_ahead(held_until, now, self._limits.longest_call_s)
            if is_held or state.is_paused(now) or not self._can_pay(connection, now):
                return None
            found = self._choose(connection, state, cursor, now)
            return None if found is None else self._pay(connection, *found, state)

    def _note_pass(self, cursor: ListCursor, now: datetime) -> None:
        self._began_at = self._began_at or now
        if cursor.discovered_at is not None and cursor.discovered_at >= self._began_at:
            self.has_surveyed = True

    def _can_pay(self, connection: Connection, now: datetime) -> bool:
        """Without a lock, so only nearly true."""
        limits = self._limits
        budget = budgets.peek(connection, limits.workspace, budgets.LIST, limits.list_limit, now)
        occupied = calls.occupied(connection, limits.workspace, budgets.LIST, now)
        return budget.available(now, occupied) > 0 and workspaces.breaker(connection, limits.workspace).is_closed

    def _choose(
        self, connection: Connection, state: ListState, cursor: ListCursor, now: datetime
    ) -> tuple[ListPurpose, Selection, ListCursor] | None:
        is_due = self._discovery.is_on and cursor.is_discovery_due(now)
        found = None if is_due and state.turn % 2 == 0 else self._choose_known(connection, state, cursor, now)
        if found is not None or not is_due:
            return found
        cursor = cursor.discovering(self._discovery.created_after, now)
        return ListPurpose.DISCOVER, Selection(None, cursor.discover_after), cursor

    def _choose_known(
        self, connection: Connection, state: ListState, cursor: ListCursor, now: datetime
    ) -> tuple[ListPurpose, Selection, ListCursor] | None:
        """A call for those that are tracked already."""
        window = self._window(connection, state, now)
        unseen = waiting.unseen(connection, self._limits.workspace)
        is_scanning = cursor.scan_url is not None
        call = state.choose(window, unseen.count, unseen.wait_s, now, is_scanning=is_scanning)
        if call == ListPurpose.SCAN:
            return call, Selection(DONE), cursor
        return None if call is None or window is None else (call, select_window(window), cursor)

    def _window(self, connection: Connection, state: ListState, now: datetime) -> Window | None:
        limits, policy = self._limits, self._observations.policy
        seen = waiting.seen(connection, limits.workspace, self._share)
        now_s, weight = now.timestamp(), 1.0 / self._share
        rows = [as_waiting(policy.curves.of(each.stratum), each.created_s, each.seen_s, now_s) for each in seen]
        done_s = waiting.done_lately(connection, limits.workspace) if rows else []
        done_since_s = done_s[0] if len(done_s) == waiting.RECENT else 0.0
        retrieve = budgets.peek(connection, limits.workspace, budgets.RETRIEVE, limits.retrieve_limit, now)
        window = best_window(rows, done_s, done_since_s, state.pages, retrieve.filled(now), weight)
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
        self, connection: Connection, call: ListPurpose, selection: Selection, cursor: ListCursor, state: ListState
    ) -> ListRequest | None:
        limits = self._limits
        budget = budgets.lock(connection, limits.workspace, budgets.LIST, limits.list_limit, database_now(connection))
        now, paid_at = database_now(connection), time.monotonic()
        occupied = calls.occupied(connection, limits.workspace, budgets.LIST, now)
        if not budget.available(now, occupied):
            return None
        if not list_states.hold(connection, limits.workspace, limits.holder, state.turn, limits.longest_call_s, now):
            return None
        budgets.save(connection, limits.workspace, budgets.LIST, budget.spent(1, now), 1)
        call_id = calls.next_id(connection)
        calls.enter(connection, [call_id], limits.workspace, budgets.LIST, now, limits.longest_call_s)
        next_url = {ListPurpose.SCAN: cursor.scan_url, ListPurpose.DISCOVER: cursor.discover_url}.get(call)
        return ListRequest(call, selection, next_url, call_id, now, paid_at + SEND_WITHIN_S, state, cursor)


def select_window(window: Window) -> Selection:
    """The window as a selection."""
    after, before = (datetime.fromtimestamp(seconds, UTC) for seconds in (window.after_s, window.before_s))
    return Selection(window.status, after, before)
