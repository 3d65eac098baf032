"""In which order due rows are claimed, and how many of each kind.

Theory of operation: a claim has a number of calls to spend. Rows that are absent from a list page of unfinished
ones have very probably finished, so they come first and may use the reserve. What is left is shared half and half
by rows that Recall has shown before (the longest due first) and rows that it has never shown (the newest first), so
that a flood of ids delays neither the rows known before nor an id that is handed in after the flood. Every
OTHERS_TURN-th turn only half of the calls, but all of the reserve, is open to this sharing, whoever is absent: a
lasting crowd of absent rows would otherwise starve the others. While too many finished files wait to be loaded that
nobody has waited for, rows that were never shown are left out: they would only bring more of these.

The plan is a value: steps that are carried out one after the other, each on what the ones before have left over.
syncd/db/queue/claims.py carries them out in SQL, bench/polling in memory; a property test compares both with
`in_order` below.

Sources: strict priority with a guaranteed share for the lower class is weighted round robin (Nagle, RFC 970, 1985).
Numbers: OTHERS_TURN is a judgement: at 4 a lasting crowd of absent rows leaves the others an eighth of all calls.
Halves are the only split that favours nobody.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

OTHERS_TURN = 4
"""One turn in so many leaves half of the calls, and the reserve, to rows that are not absent."""

Row = TypeVar("Row")


class ClaimOrder(Enum):
    """Which rows are claimed, and in which order."""

    ANY = "any"
    """Due ones, those due the longest first."""
    ABSENT = "absent"
    """Those absent from a list page of unfinished ones, whether due or not, those absent the longest first."""
    SEEN = "seen"
    """Due ones that Recall has shown, those due the longest first."""
    NEW = "new"
    """Due ones that it has never shown, the newest first: a flood must not delay new ones."""


@dataclass(frozen=True, slots=True)
class Claimable:
    """What the order of claims depends on. Times are seconds since the epoch."""

    due_s: float
    is_observed: bool = False
    absent_s: float | None = None
    lease_until_s: float | None = None

    def is_open(self, order: ClaimOrder, now_s: float) -> bool:
        """Whether it can be claimed in this order."""
        if self.lease_until_s is not None and self.lease_until_s > now_s:
            return False
        if order is ClaimOrder.ABSENT:
            return self.absent_s is not None
        is_wanted = order is ClaimOrder.ANY or self.is_observed is (order is ClaimOrder.SEEN)
        return is_wanted and self.due_s <= now_s

    def rank(self, order: ClaimOrder) -> float:
        """The lowest is claimed first."""
        if order is ClaimOrder.ABSENT:
            return self.absent_s or 0.0
        return -self.due_s if order is ClaimOrder.NEW else self.due_s


def in_order(rows: Iterable[Claimable], order: ClaimOrder, now_s: float) -> list[Claimable]:
    """Those that can be claimed, first ones first."""
    return sorted((row for row in rows if row.is_open(order, now_s)), key=lambda row: row.rank(order))


@dataclass(frozen=True, slots=True)
class ClaimStep:
    """Claim rows in this order until so many have been claimed in all, or half of those missing from that."""

    order: ClaimOrder
    most_in_all: int
    is_half: bool = False

    def count(self, claimed: int) -> int:
        """How many to claim when so many have been claimed by the steps before."""
        missing = max(0, self.most_in_all - claimed)
        return (missing + 1) // 2 if self.is_half else missing


def claim_plan(
    turn: int, permitted: int, available: int, reserve: int, absent_count: int, *, takes_backlog: bool = True
) -> tuple[ClaimStep, ...]:
    """The steps of one claim.

    `turn` counts claims. `permitted` calls may be made, for slots, budget and circuit breaker; the budget has
    `available`, of which regular polls leave `reserve` over. `absent_count`: absent rows, as far as counted.
    `takes_backlog`: rows that were never shown may be claimed.
    """
    is_others_turn = turn % OTHERS_TURN == 0
    for_absent = permitted // 2 if is_others_turn else permitted
    kept = 0 if is_others_turn and absent_count > for_absent else reserve
    regular = min(permitted, available - kept)
    if not takes_backlog:
        return ClaimStep(ClaimOrder.ABSENT, for_absent), ClaimStep(ClaimOrder.SEEN, regular)
    first, second = (ClaimOrder.SEEN, ClaimOrder.NEW) if turn % 2 == 0 else (ClaimOrder.NEW, ClaimOrder.SEEN)
    return (
        ClaimStep(ClaimOrder.ABSENT, for_absent),
        ClaimStep(first, regular, is_half=True),
        ClaimStep(second, regular),
        ClaimStep(first, regular),
    )


def carry_out(steps: Iterable[ClaimStep], claim: Callable[[ClaimOrder, int], Sequence[Row]]) -> list[Row]:
    """Claim rows step by step; `claim` answers at most as many as it is asked for."""
    claimed: list[Row] = []
    for step in steps:
        if count := step.count(len(claimed)):
            claimed += claim(step.order, count)
    return claimed
