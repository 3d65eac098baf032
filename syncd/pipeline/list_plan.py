"""Choose the next list call by the policy, and pay for it: a window, a page of the scan, or one of discovery."""

import functools
import math
import time
from dataclasses import replace
from datetime import datetime

from syncd.core.polling.list_cursor import ListCursor, is_ahead
from syncd.core.polling.list_plan import NO_DISCOVERY, Discovery, ListCall, ListRequest, QueueView
from syncd.core.polling.list_state import ListState
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.pace import PAUSED_S
from syncd.core.rate_limit.budget import SEND_WITHIN_S
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.polling import list_states, waiting
from syncd.db.queue import claims
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.pipeline.observations import Observations

__all__ = ["NO_DISCOVERY", "Discovery", "Planner"]


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
        self._is_probe = False
        self.until_next_s = 0.0
        """Seconds until the next call may be worth it, as the last plan says; sooner where something happens."""

    def next_request(self, *, takes_backlog: bool) -> ListRequest | None:
        """A list call that was paid for; None where no call would end enough lag, or none can be paid for.

        Without `takes_backlog`, only one for those that Recall has shown unfinished.
        """
        self.until_next_s = max(0.0, self._not_before - time.monotonic()) if self._limits.list_limit else math.inf
        if self.until_next_s:
            return None
        with self._engine.begin() as connection:
            state, cursor, held_until = list_states.read_list_state(connection, self._limits.workspace)
            now = database_now(connection)
            self._note_pass(cursor, now)
            if state.paused_until is not None and state.is_paused(now):
                self.until_next_s = (state.paused_until - now).total_seconds()
                return None
            if is_ahead(held_until, now, self._limits.longest_call_s) or not self._can_pay(connection, now):
                return None
            call = self._choose(connection, state, cursor, now, takes_backlog=takes_backlog)
            request = None if call is None else self._pay(connection, call, state)
            return request and replace(request, takes_backlog=takes_backlog, is_probe=self._is_probe)

    def _note_pass(self, cursor: ListCursor, now: datetime) -> None:
        self._began_at = self._began_at or now
        if cursor.discovered_at is not None and cursor.discovered_at >= self._began_at:
            self.has_surveyed = True

    def _can_pay(self, connection: Connection, now: datetime) -> bool:
        """Without a lock, so only nearly true."""
        limits = self._limits
        budget = budgets.peek(connection, limits.workspace, budgets.LIST, limits.list_limit, now)
        occupied = calls.occupied(connection, limits.workspace, budgets.LIST, now)
        breaker = workspaces.breaker(connection, limits.workspace)
        self._is_probe = not breaker.is_closed
        # a retrieve is the better probe, where one is due
        if self._is_probe and (not breaker.permits(1, now) or claims.has_due(connection, limits.workspace)):
            self.until_next_s = PAUSED_S
            return False
        return budget.available(now, occupied) > 0

    def _choose(
        self, connection: Connection, state: ListState, cursor: ListCursor, now: datetime, *, takes_backlog: bool
    ) -> ListCall | None:
        @functools.cache
        def view() -> QueueView:
            return self._view(connection, now)

        policy = self._observations.policy
        plan = policy.next_list_call(
            state, cursor, self._discovery, self._share, now, view, takes_backlog=takes_backlog
        )
        self._share = plan.share
        self._not_before = time.monotonic() + plan.pause_s
        if plan.call is None:
            unworthy_s = policy.until_list_call(state, cursor, self._discovery, now, view())
            self.until_next_s = max(plan.pause_s, unworthy_s)
        return plan.call

    def _view(self, connection: Connection, now: datetime) -> QueueView:
        limits = self._limits
        seen = waiting.seen(connection, limits.workspace, self._share)
        budget = budgets.peek(connection, limits.workspace, budgets.RETRIEVE, limits.retrieve_limit, now)
        retrieves = budget.filled(now)
        absent_count = claims.count_absent(connection, limits.workspace, int(retrieves) + 1, now)
        return QueueView(
            seen=seen,
            share=self._share,
            done_s=waiting.done_lately(connection, limits.workspace) if seen else [],
            unseen=waiting.unseen(connection, limits.workspace),
            retrieves=retrieves - absent_count,
        )

    def _pay(self, connection: Connection, call: ListCall, state: ListState) -> ListRequest | None:
        limits = self._limits
        budget = budgets.lock(connection, limits.workspace, budgets.LIST, limits.list_limit, database_now(connection))
        now, paid_at = database_now(connection), time.monotonic()
        occupied = calls.occupied(connection, limits.workspace, budgets.LIST, now)
        if not budget.available(now, occupied):
            return None
        if not list_states.hold(connection, limits.workspace, limits.holder, state.turn, limits.longest_call_s, now):
            return None
        if self._is_probe:
            workspaces.probe(connection, limits.workspace, now, limits.probe_s)
        budgets.save_budget(connection, limits.workspace, budgets.LIST, budget.spent(1, now), 1)
        call_id = calls.next_id(connection)
        calls.enter(connection, [call_id], limits.workspace, budgets.LIST, now, limits.longest_call_s)
        send_by = paid_at + SEND_WITHIN_S
        return ListRequest(call.purpose, call.selection, call.next_url, call_id, now, send_by, state, call.cursor)
