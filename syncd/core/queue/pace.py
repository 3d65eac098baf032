"""How long a process may sleep before it claims again.

Theory of operation: while something is due, or some process works on a row, claims are made at a steady pace,
because a settled row may be due again at once. Otherwise nothing can be claimed before the next row is due, and no
process has to look before. Due times that change meanwhile are told by a hint (`NOTIFY syncd_wake`): of ids that are
tracked, and of rows that are leased before they are due. Where hints do not arrive a sleep is short.

Numbers: judgements, for the reasons beside them.
"""

from dataclasses import dataclass
from datetime import datetime

from syncd.core.rate_limit.budget import Budget
from syncd.core.rate_limit.circuit_breaker import CircuitBreaker

LONGEST_SLEEP_S = 900.0
"""However sure it is that hints arrive: so late a change is noticed that nobody hints at, such as an UPDATE by hand
or a database clock that was set forward. Three times the five minutes after which a serverless Postgres suspends
itself by default, so that it can sleep most of the time."""
PAUSED_S = 5.0
"""The longest sleep while rows are due and calls are paused: others may end a pause early (`syncd poll`, an
operator, another process whose probe was answered), and nobody hints at it."""
FAR_S = 60.0
"""Further ahead than this, a look into the queue reads all rows for leases: with rows due so rarely it is small."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a look into the queue has shown."""

    is_due: bool = False
    """Rows are due, whether or not calls could be paid for, or were just claimed."""
    is_in_flight: bool = False
    """Some process holds the lease of a row."""
    next_due_s: float | None = None
    """Seconds until a row is due; None: none waits."""
    paused_s: float = 0.0
    """Seconds until calls can be paid for again."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be done now. A row may be due that claims do not see yet (db/queue/due_from.py)."""
        is_overdue = self.next_due_s is not None and self.next_due_s < 0
        return not self.is_due and not self.is_in_flight and not is_overdue


DUE_NOW = Ahead(is_due=True)
"""Where nothing more needs to be known."""


def until_next_claim(ahead: Ahead, pace_s: float, longest_s: float) -> float:
    """Seconds until the next claim: `pace_s` at least, `longest_s` at most unless the pace itself is longer."""
    if ahead.is_quiet:
        wanted_s = longest_s if ahead.next_due_s is None else min(ahead.next_due_s, longest_s)
    else:
        wanted_s = min(ahead.paused_s, PAUSED_S) if ahead.is_due and not ahead.is_in_flight else 0.0
    return max(pace_s, wanted_s)


def paused_s(budget: Budget, breaker: CircuitBreaker, now: datetime) -> float:
    """Seconds until neither a 429 nor a refusal of the workspace keeps calls from being paid for."""
    until = [budget.paused_until, None if breaker.is_closed else breaker.paused_until]
    return max(0.0, *((each - now).total_seconds() if each is not None else 0.0 for each in until))
