"""Claim due rows: pay for as many calls as the budget affords, and lease as many rows, in one transaction.

Which rows come first is a plan of the policy (core/polling/claim_order.py), carried out here step by step.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from syncd.core.explain.blocker import claimed_by, no_call
from syncd.core.explain.diagnosis import Diagnosis, budget_view
from syncd.core.polling.claim_order import ClaimOrder, Turn, carry_out
from syncd.core.polling.policy import Policy
from syncd.core.queue.lease import Lease, StoreHealth
from syncd.core.queue.limits import WorkerLimits
from syncd.core.queue.pace import DUE_NOW, Ahead, paused_s
from syncd.core.rate_limit.budget import SEND_WITHIN_S, Budget
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.queue import claims, tracking, wake
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.db.rate_limit.workspaces import Server
from syncd.db.reports import diagnosis


@dataclass(frozen=True, slots=True)
class Claimed:
    """Leases, and until when their calls may be sent (monotonic seconds)."""

    leases: Sequence[Lease] = ()
    send_by: float = 0.0
    claimed_at: datetime | None = None
    claimed_s: float = 0.0
    """When they were claimed, by the database's clock and by the monotonic clock, read together."""
    lateness: Sequence[float] = ()
    """By which share of its gap each repeated poll comes late."""
    ahead: Ahead = DUE_NOW
    """When the next claim may be worth it."""


class Servers(NamedTuple):
    """The circuit breakers."""

    recall: CircuitBreaker
    store: CircuitBreaker


class Slots(NamedTuple):
    """How many rows may be claimed, and which."""

    free: int
    turn: Turn
    takes_backlog: bool


def claim_due(engine: Engine, limits: WorkerLimits, free: int, turn: Turn, *, takes_backlog: bool = True) -> Claimed:
    """Lease up to `free` rows. Files to load cost nothing; the slots that remain go to what the budget affords.

    Without `takes_backlog`, only rows that Recall has shown unfinished.
    """
    with engine.begin() as connection:
        if not claims.has_due(connection, limits.workspace):
            return Claimed(ahead=claims.ahead(connection, limits.workspace))
        now = database_now(connection)
        to_load = free if takes_backlog else 0
        unpaid = claims.claim(connection, limits, (Stage.LOAD,), ClaimOrder.ANY, to_load, now)
        budget = budgets.lock(connection, limits.workspace, budgets.RETRIEVE, limits.retrieve_limit, now)
        now, paid_at = database_now(connection), time.monotonic()  # the lock may have been waited for
        servers = Servers(*workspaces.breakers(connection, limits.workspace))
        slots = Slots(free - len(unpaid), turn, takes_backlog)
        paid, lateness = _pay_and_lease(connection, limits, budget, servers, slots, now)
    claimed = [*unpaid, *paid]
    ahead = DUE_NOW if claimed else Ahead(is_due=True, paused_s=paused_s(budget, servers.recall, now))
    return Claimed(claimed, paid_at + SEND_WITHIN_S, now, paid_at, lateness, ahead)


class BlockerKind(StrEnum):
    """Why one transcript cannot be claimed."""

    ENDED = "ended"
    ELSEWHERE = "elsewhere"
    """It belongs to another workspace, whose key this process does not have."""
    HELD = "held"
    NO_CALL = "no_call"
    """This may pass: no call can be paid for, or somebody is writing the row."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """What is in the way of one transcript, and in words."""

    kind: BlockerKind
    reason: str


def claim_one(engine: Engine, limits: WorkerLimits, transcript_id: UUID) -> Claimed | Blocker:
    """Lease one transcript, due or not, and track it first where nobody does.

    It may use the reserve, and make a call while the workspace is paused.
    """
    with engine.begin() as connection:
        found = diagnosis.read_rows(connection, transcript_id)
        if found.record is None:
            tracking.track(connection, [transcript_id], limits.workspace)
            found = diagnosis.read_rows(connection, transcript_id)
        return _blocked_by(found, limits) or _pay_and_lease_one(connection, limits, transcript_id)


def _blocked_by(found: Diagnosis, limits: WorkerLimits) -> Blocker | None:
    record, entry = found.record, found.queue_entry
    if record is None or entry is None:
        return Blocker(BlockerKind.ENDED, "It has ended.")
    if record.workspace != limits.workspace:
        reason = f"It belongs to the workspace {record.workspace}, and the key here is that of {limits.workspace}."
        return Blocker(BlockerKind.ELSEWHERE, reason)
    return Blocker(BlockerKind.HELD, claimed_by(entry, found.asked_at)) if entry.is_claimed(found.asked_at) else None


def _pay_and_lease_one(connection: Connection, limits: WorkerLimits, transcript_id: UUID) -> Claimed | Blocker:
    """The same as for many; files to load cost nothing here, too."""
    workspace = limits.workspace
    budget = budgets.lock(connection, workspace, budgets.RETRIEVE, limits.retrieve_limit, database_now(connection))
    now, paid_at = database_now(connection), time.monotonic()
    breaker, store = workspaces.breakers(connection, workspace)
    occupied = calls.occupied(connection, workspace, budgets.RETRIEVE, now)
    # a person who asks may just have repaired what the workspace is paused for, so this is a half-open probe
    is_permitted = budget.available(now, occupied) > 0
    lease = claims.claim_id(connection, limits, tuple(Stage) if is_permitted else (Stage.LOAD,), transcript_id, now)
    if lease is None:
        reason = no_call(budget_view(budget, occupied, now), now)
        return Blocker(BlockerKind.NO_CALL, reason or "Another process is writing its row.")
    wake.hint(connection, workspace)  # so that others watch a lease of a row that was not due
    if lease.stage in PAID_STAGES:
        pay(connection, limits, budget, [lease.token], now)
        if not breaker.is_closed:
            workspaces.probe(connection, workspace, now, limits.probe_s)
        health = StoreHealth.of(store)
        if health is StoreHealth.PAUSED:  # somebody asks for this one, so it may try the store, whatever others do
            health = StoreHealth.PROBED
        lease = replace(lease, is_probe=not breaker.is_closed, store=health)
    return Claimed([lease], paid_at + SEND_WITHIN_S, now, paid_at)


def _pay_and_lease(
    connection: Connection,
    limits: WorkerLimits,
    budget: Budget,
    servers: Servers,
    slots: Slots,
    now: datetime,
) -> tuple[list[Lease], list[float]]:
    """Charge only what was claimed, in the transaction that claims it."""
    workspace = limits.workspace
    available = budget.available(now, calls.occupied(connection, workspace, budgets.RETRIEVE, now))
    permitted = servers.recall.permits(min(slots.free, available), now)
    probing = _probe_store(connection, limits, servers.store, permitted, now)
    permitted -= len(probing)
    stages = PAID_STAGES if servers.store.is_closed else (Stage.POLL,)
    absent_count = claims.count_absent(connection, workspace, permitted, now)
    steps = Policy.claim_plan(
        slots.turn, permitted, available, budget.reserve, absent_count, takes_backlog=slots.takes_backlog
    )
    found = carry_out(steps, lambda order, count: claims.claim(connection, limits, stages, order, count, now))
    is_probe, store = not servers.recall.is_closed, StoreHealth.of(servers.store)
    claimed = [*probing, *(replace(lease, store=store) for lease in found)]
    pay(connection, limits, budget, [lease.token for lease in claimed], now)
    if claimed and is_probe:
        workspaces.probe(connection, workspace, now, limits.probe_s)
        claimed = [replace(lease, is_probe=True) for lease in claimed]
    return claimed, [late for lease in claimed if (late := _lateness(lease, now)) is not None]


def _probe_store(
    connection: Connection, limits: WorkerLimits, store: CircuitBreaker, permitted: int, now: datetime
) -> list[Lease]:
    """While most downloads fail: one row that tries, when it is time. Only it pays for fresh links."""
    if store.is_closed or not store.permits(permitted, now):
        return []
    found = claims.claim(connection, limits, (Stage.DOWNLOAD,), ClaimOrder.ANY, 1, now)
    if found:
        hold_store_probe(connection, limits)
    return [replace(lease, store=StoreHealth.PROBED) for lease in found]


def hold_store_probe(connection: Connection, limits: WorkerLimits) -> None:
    """Keep other downloads out for as long as a lease lasts: a probe does with its lease, and is renewed with it."""
    workspaces.probe(connection, limits.workspace, database_now(connection), limits.lease_s, Server.STORE)


def pay(connection: Connection, limits: WorkerLimits, budget: Budget, call_ids: Sequence[int], now: datetime) -> None:
    """Pay for retrieves from a locked budget."""
    if call_ids:
        spent = budget.spent(len(call_ids), now)
        budgets.save_budget(connection, limits.workspace, budgets.RETRIEVE, spent, len(call_ids))
        calls.enter(connection, call_ids, limits.workspace, budgets.RETRIEVE, now, limits.longest_call_s)


def _lateness(lease: Lease, now: datetime) -> float | None:
    if lease.due_at is None or lease.stage != Stage.POLL or lease.attempts:
        return None
    seen_s = None if lease.last_seen_at is None else lease.last_seen_at.timestamp()
    return Policy.lateness(seen_s, lease.due_at.timestamp(), now.timestamp())
