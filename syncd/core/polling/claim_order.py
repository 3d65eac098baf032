"""In which order due rows are claimed, and how many of each kind.

Theory of operation: a claim has a number of calls to spend. Rows that are absent from a list page of unfinished
ones have very probably finished, so they come first and may use the reserve. What is left is shared half and half
by rows that Recall has shown before (the longest due first) and fresh ones: never shown, and due for a moment only,
as an id that was just handed in. Every OTHERS_TURN-th turn only half of the calls, but all of the reserve, is open to
this sharing, whoever is absent: a lasting crowd of absent rows would otherwise starve the others.

Rows that were never shown and have been due for longer are the backlog: they have most likely finished long ago, so
that a second more matters little to them. They get every BACKLOG_TURN-th call, so that they never starve, and what
all others leave over. While too many finished files wait to be loaded that nobody has waited for, rows that were
never shown are left out: they would only bring more of these.

The plan is a value: steps that are carried out one after the other, each on what the ones before have left over.
syncd/db/queue/claims.py carries them out in SQL, bench/polling in memory; a property test compares both with
`in_order` below.

Sources: strict priority with a guaranteed share for the lower class is weighted round robin (Nagle, RFC 970, 1985).
Numbers: OTHERS_TURN is a judgement: at 4 a lasting crowd of absent rows leaves the others an eighth of all calls.
Halves are the only split that favours nobody. The others say theirs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

OTHERS_TURN = 4
"""One turn in so many leaves half of the calls, and the reserve, to rows that are not absent."""
BACKLOG_TURN = 6
"""One call in so many is the backlog's, if it has any. Lags grow as one over the rate of the calls that are left
(poll_index.py), so those of the others are 1.2 times as long."""
FRESH_S = 5.0
"""A row that was never shown is fresh for this long after it is due. A judgement: at half of 5 calls a second a dozen
ids that are handed in together are polled while they are fresh, and a flood has no more of it than these."""

Row = TypeVar("Row")


class ClaimOrder(Enum):
    """Which rows are claimed, and in which order."""

    ANY = "any"
    """Due ones, those due the longest first."""
    ABSENT = "absent"
    """Those absent from a list page of unfinished ones, whether due or not, those absent the longest first."""
    SEEN = "seen"
    """Due ones that Recall has shown, those due the longest first."""
    FRESH = "fresh"
    """Due ones that it has never shown, for FRESH_S, the newest first."""
    NEW = "new"
    """All due ones that it has never shown, the newest first: a flood must not delay new ones."""


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
        is_ripe = order is not ClaimOrder.FRESH or self.due_s > now_s - FRESH_S
        return is_wanted and is_ripe and self.due_s <= now_s

    def rank(self, order: ClaimOrder) -> float:
        """The lowest is claimed first."""
        if order is ClaimOrder.ABSENT:
            return self.absent_s or 0.0
        return -self.due_s if order in (ClaimOrder.NEW, ClaimOrder.FRESH) else self.due_s


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


@dataclass(frozen=True, slots=True)
class Turn:
    """Which claim of a process it is."""

    number: int = 1
    others: int = 0
    """Calls for other rows since the last one for a row that was never shown; no more than matter."""

    def after(self, are_new: Sequence[bool]) -> "Turn":
        """The next one; for each call of this one, whether it was for a row that was never shown."""
        others = self.others + are_new.count(False) - (BACKLOG_TURN - 1) * are_new.count(True)
        return Turn(self.number + 1, min(max(0, others), BACKLOG_TURN - 1))

    @property
    def backlog_count(self) -> int:
        """How many calls of this one are the backlog's."""
        return self.others // (BACKLOG_TURN - 1)


def claim_plan(
    turn: Turn, permitted: int, available: int, reserve: int, absent_count: int, *, takes_backlog: bool = True
) -> tuple[ClaimStep, ...]:
    """The steps of one claim.

    `permitted` calls may be made, for slots, budget and circuit breaker; the budget has `available`, of which regular
    polls leave `reserve` over. `absent_count`: absent rows, as far as counted. `takes_backlog`: rows that were never
    shown may be claimed.
    """
    is_others_turn = turn.number % OTHERS_TURN == 0
    for_absent = permitted // 2 if is_others_turn else permitted
    kept = 0 if is_others_turn and absent_count > for_absent else reserve
    regular = min(permitted, available - kept)
    if not takes_backlog:
        return ClaimStep(ClaimOrder.ABSENT, for_absent), ClaimStep(ClaimOrder.SEEN, regular)
    kinds = ClaimOrder.FRESH, ClaimOrder.SEEN
    first, second = kinds if turn.number % 2 else reversed(kinds)
    return (
        ClaimStep(ClaimOrder.NEW, min(permitted, turn.backlog_count)),
        ClaimStep(ClaimOrder.ABSENT, for_absent),
        ClaimStep(first, regular, is_half=True),
        ClaimStep(second, regular),
        ClaimStep(first, regular),
        ClaimStep(ClaimOrder.NEW, regular),
    )


def carry_out(steps: Iterable[ClaimStep], claim: Callable[[ClaimOrder, int], Sequence[Row]]) -> list[Row]:
    """Claim rows step by step; `claim` answers at most as many as it is asked for."""
    claimed: list[Row] = []
    for step in steps:
        if count := step.count(len(claimed)):
            claimed += claim(step.order, count)
    return claimed
