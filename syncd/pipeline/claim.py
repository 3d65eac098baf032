"""Take what is due: pay for as many calls as the budget affords, and lease as many rows, in one transaction.

First those that have left a page of unfinished ones, with all that there is. Then, with what the reserve leaves over,
those that Recall has shown before and those that it has not, taking turns, so that neither waits for the other.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from syncd.core.explain.blocker import held, no_call
from syncd.core.explain.diagnosis import Standing, means_of
from syncd.core.queue.lease import Lease
from syncd.core.queue.limits import Terms
from syncd.core.rate_limit.budget import SEND_WITHIN_S, Budget
from syncd.core.rate_limit.circuit_breaker import PROBE_S
from syncd.core.transcript import PAID_STAGES, Stage
from syncd.db.engine import Connection, Engine, database_now
from syncd.db.queue import leases, tracking
from syncd.db.queue.leases import Line
from syncd.db.rate_limit import budgets, calls, workspaces
from syncd.db.reports import diagnosis

OTHERS_TURN = 4
"""One tick in so many leaves half of the calls, reserve and all, to those that have not left."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Leases, and until when their calls may be sent (monotonic seconds)."""

    leases: Sequence[Lease] = ()
    send_by: float = 0.0
    lateness: Sequence[float] = ()
    """By which share of its gap each repeated look comes late."""


def take(engine: Engine, terms: Terms, free: int, turn: int) -> Taken:
    """Lease up to `free` rows. Files to load cost nothing; the slots that remain go to what the budget affords.

    `turn` says who comes first: seen ones where it is even, new ones where it is odd.
    """
    with engine.begin() as connection:
        if not leases.has_due(connection, terms.workspace):
            return Taken()
        now = database_now(connection)
        unpaid = leases.take(connection, terms, (Stage.LOAD,), Line.ANY, free, now)
        budget = budgets.lock(connection, terms.workspace, budgets.RETRIEVE, terms.retrieve_limit, now)
        now, paid_at = database_now(connection), time.monotonic()  # the lock may have been waited for
        paid, lateness = _pay_and_lease(connection, terms, budget, free - len(unpaid), turn, now)
    return Taken([*unpaid, *paid], paid_at + SEND_WITHIN_S, lateness)


class Hindrance(StrEnum):
    """Why one transcript cannot be taken."""

    ENDED = "ended"
    ELSEWHERE = "elsewhere"
    """It belongs to another workspace, whose key this process does not have."""
    HELD = "held"
    NO_CALL = "no_call"
    """This may pass: no call can be paid for, or somebody is writing the row."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What is in the way of one transcript, and in words."""

    hindrance: Hindrance
    reason: str


def take_one(engine: Engine, terms: Terms, transcript_id: UUID) -> Taken | Obstacle:
    """Lease one transcript, due or not, and track it first where nobody does. It may use the reserve."""
    with engine.begin() as connection:
        found = diagnosis.whereabouts(connection, transcript_id)
        if found.record is None:
            tracking.track(connection, [transcript_id], terms.workspace)
            found = diagnosis.whereabouts(connection, transcript_id)
        return _in_the_way(found, terms) or _pay_and_lease_one(connection, terms, transcript_id)


def _in_the_way(found: Standing, terms: Terms) -> Obstacle | None:
    record, place = found.record, found.place
    if record is None or place is None:
        return Obstacle(Hindrance.ENDED, "It has ended.")
    if record.workspace != terms.workspace:
        reason = f"It belongs to the workspace {record.workspace}, and the key here is that of {terms.workspace}."
        return Obstacle(Hindrance.ELSEWHERE, reason)
    return Obstacle(Hindrance.HELD, held(place, found.asked_at)) if place.is_held(found.asked_at) else None


def _pay_and_lease_one(connection: Connection, terms: Terms, transcript_id: UUID) -> Taken | Obstacle:
    """The same as for many; files to load cost nothing here, too."""
    workspace = terms.workspace
    budget = budgets.lock(connection, workspace, budgets.RETRIEVE, terms.retrieve_limit, database_now(connection))
    now, paid_at = database_now(connection), time.monotonic()
    breaker = workspaces.breaker(connection, workspace)
    means = means_of(budget, calls.occupied(connection, workspace, budgets.RETRIEVE, now), now)
    reason = no_call(means, breaker, now)
    lease = leases.take_this(connection, terms, (Stage.LOAD,) if reason else tuple(Stage), transcript_id, now)
    if lease is None:
        return Obstacle(Hindrance.NO_CALL, reason or "Another process is writing its row.")
    if lease.stage in PAID_STAGES:
        pay(connection, terms, budget, [lease.token], now)
        if not breaker.is_closed:
            workspaces.probe(connection, workspace, now, PROBE_S)
    return Taken([lease], paid_at + SEND_WITHIN_S)


def _pay_and_lease(
    connection: Connection, terms: Terms, budget: Budget, free: int, turn: int, now: datetime
) -> tuple[list[Lease], list[float]]:
    """Charge only what was taken, in the transaction that takes it."""
    workspace = terms.workspace
    breaker = workspaces.breaker(connection, workspace)
    available = budget.available(now, calls.occupied(connection, workspace, budgets.RETRIEVE, now))
    permitted = breaker.permits(min(free, available), now)
    is_others_turn = turn % OTHERS_TURN == 0  # or a crowd of leavers would keep all others waiting
    for_left = permitted // 2 if is_others_turn else permitted
    left = leases.take(connection, terms, PAID_STAGES, Line.LEFT, for_left, now)
    reserve = 0 if is_others_turn and leases.has_left(connection, workspace) else budget.reserve
    regular = min(permitted, available - reserve) - len(left)
    due = _take_turns(connection, terms, regular, turn, now)
    taken = left + due
    pay(connection, terms, budget, [lease.token for lease in taken], now)
    if taken and not breaker.is_closed:
        workspaces.probe(connection, workspace, now, PROBE_S)
    return taken, [late for lease in due if (late := _lateness(lease, now)) is not None]


def pay(connection: Connection, terms: Terms, budget: Budget, call_ids: Sequence[int], now: datetime) -> None:
    """Pay for retrieves from a locked budget."""
    if call_ids:
        spent = budget.spent(len(call_ids), now)
        budgets.save(connection, terms.workspace, budgets.RETRIEVE, spent, len(call_ids))
        calls.enter(connection, call_ids, terms.workspace, budgets.RETRIEVE, now, terms.longest_call_s)


def _take_turns(connection: Connection, terms: Terms, count: int, turn: int, now: datetime) -> list[Lease]:
    """Half of the calls for each line, and what one leaves over for the other."""
    lines = (Line.SEEN, Line.NEW) if turn % 2 == 0 else (Line.NEW, Line.SEEN)
    first = leases.take(connection, terms, PAID_STAGES, lines[0], (count + 1) // 2, now)
    second = leases.take(connection, terms, PAID_STAGES, lines[1], count - len(first), now)
    third = leases.take(connection, terms, PAID_STAGES, lines[0], count - len(first) - len(second), now)
    return first + second + third


def _lateness(lease: Lease, now: datetime) -> float | None:
    if lease.looked_at is None or lease.due_at is None or lease.stage != Stage.POLL or lease.attempts:
        return None
    gap_s = (lease.due_at - lease.looked_at).total_seconds()
    return (now - lease.due_at).total_seconds() / max(gap_s, 0.1)
