"""What is run: workloads under conditions, with the policies that are compared on each, and the targets."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from bench.polling import workload
from bench.polling.conditions import Conditions
from bench.polling.result import Result
from bench.polling.workload import HOUR, Workload

SYNCD, RETRIEVES = "syncd", "syncd, retrieves only"
ALONE, RETRIEVES_ALONE = "syncd, without the backlog", "syncd, retrieves only, without the backlog"
INFORMED, INFORMED_RETRIEVES = "informed", "informed, retrieves only"
BACKOFF, EVERY_30, ROUND_ROBIN = "backoff 5 s .. 10 min", "every 30 s", "round robin"
EVERY_5, ONE_QUEUE = "every 5 s", "every 5 s, one queue for all five"
CLAIRVOYANT, CLAIRVOYANT_RETRIEVES = "clairvoyant", "clairvoyant, retrieves only"

SHARE_NAMES = {0.9: "nine-tenths", 0.5: "half", 0.2: "fifth", 0.1: "tenth"}

BASELINES = (BACKOFF, EVERY_30, ROUND_ROBIN)
BOUNDS = (CLAIRVOYANT, CLAIRVOYANT_RETRIEVES)
ALL = (SYNCD, RETRIEVES, *BASELINES, INFORMED, INFORMED_RETRIEVES, *BOUNDS)

Found = dict[str, Result]
"""The results of one scenario, by policy."""


@dataclass(frozen=True)
class Target:
    """What a number should be at most, or at least."""

    says: str
    value: Callable[[Found], float]
    limit: float
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a number is enough."""
        return value >= self.limit if self.is_least else value <= self.limit


def mean(limit: float, policy: str = SYNCD) -> Target:
    """The mean lag of all, seconds."""
    says = "mean" if policy == SYNCD else f"mean of {policy}"
    return Target(says, lambda found: found[policy].lags().mean, limit)


def live_mean(limit: float) -> Target:
    """The mean lag of those created during the run, seconds."""
    return Target("mean of live ones", lambda found: found[SYNCD].lags(is_live=True).mean, limit)


def beside(found: Found, policy: str, alone: str) -> float:
    """How many times as long live ones lag that finish within a minute of a backlog, or until it has come in."""
    begin_s, end_s = found[policy].backlog_s
    both = (found[name].lags(begin_s, max(end_s, begin_s + 60.0), is_live=True).mean for name in (policy, alone))
    return next(both) / next(both)


def slowed(limit: float, policy: str = SYNCD, alone: str = ALONE) -> Target:
    """What a backlog does to live ones."""
    says = f"times the lag without the backlog, of live ones meanwhile{'' if policy == SYNCD else ', retrieves only'}"
    return Target(says, lambda found: beside(found, policy, alone), limit)


P99 = Target("p99", lambda found: found[SYNCD].lags().quantile(0.99), 3)
LONGEST = Target("max", lambda found: found[SYNCD].lags().longest, 15)
BETTER_THAN_BACKOFF = Target(
    "times better than backoff",
    lambda found: found[BACKOFF].lags().mean / found[SYNCD].lags().mean,
    50,
    is_least=True,
)
NEAR_CLAIRVOYANT = Target(
    "times the clairvoyant's mean", lambda found: found[SYNCD].lags().mean / found[CLAIRVOYANT].lags().mean, 1.35
)
RECOVERED = (Target("mean after the first hour", lambda found: found[SYNCD].lags(from_s=HOUR).mean, 0.9),)


@dataclass(frozen=True)
class Scenario:
    """One workload under one set of conditions."""

    name: str
    says: str
    workload: Callable[[int], Workload]
    """For a seed."""
    policies: tuple[str, ...] = (SYNCD,)
    targets: tuple[Target, ...] = ()
    conditions: Conditions = field(default_factory=Conditions)
    has_bound: bool = False
    """Transcripts finish independently, and those from before never do, so that bounds.py has something to say."""
    cost: float = 1.0
    """About how long it takes, so that the longest begin first."""


BUSINESS = workload.business
SIX = (
    Scenario("W6a", "100,000 finished ones, and W2", partial(workload.flood, backlog=100_000, hours=8), cost=6),
    Scenario("W6b", "10,000 finished ones, and W2", partial(workload.flood, hours=8), cost=3),
    Scenario("W6c", "as W2", BUSINESS, cost=2),
    Scenario("W6d", "fifty at once, then five a minute", partial(workload.light, hours=8)),
    Scenario("W6e", "ten an hour", workload.tiny),
)
"""Five workspaces at once: each has budgets and a queue of its own, so they are five runs."""

LIGHT_DAY = Scenario(
    "W1",
    "light: fifty at once, then five a minute for two hours",
    workload.light,
    ALL,
    (mean(0.8),),
    has_bound=True,
)
BUSINESS_DAY = Scenario(
    "W2",
    "a business day: twenty a minute for eight hours, with bursts at the full and half hour",
    BUSINESS,
    ALL,
    (mean(0.9), P99, LONGEST, mean(5.5, RETRIEVES)),
    has_bound=True,
    cost=2,
)


def _at_share(scenario: Scenario, share: float, name: str) -> Scenario:
    """The same with a share of the budget, and fewer policies."""
    return replace(
        scenario,
        name=f"{scenario.name}-{name}",
        says=f"as {scenario.name}; {share:.0%} of the budget",
        policies=(SYNCD, RETRIEVES),
        targets=(),
        conditions=Conditions(share=share),
    )


SHARES = {
    scenario.name: {1.0: scenario} | {share: _at_share(scenario, share, name) for share, name in SHARE_NAMES.items()}
    for scenario in (LIGHT_DAY, BUSINESS_DAY)
}
"""Workloads of which it is shown what a share of the budget makes of their lag; by name and share."""

SCENARIOS = (
    LIGHT_DAY,
    BUSINESS_DAY,
    Scenario(
        "W2b",
        "as W2; live transcripts exist from the start of their meeting",
        workload.meetings,
        (SYNCD, RETRIEVES, *BASELINES, INFORMED, *BOUNDS),
        (mean(2),),
        has_bound=True,
        cost=5,
    ),
    Scenario(
        "W3",
        "10,000 finished ones handed in at once, and two hours of W2",
        workload.flood,
        (SYNCD, RETRIEVES, *BASELINES, *BOUNDS),
        (NEAR_CLAIRVOYANT, live_mean(3)),
    ),
    Scenario(
        "W7",
        "three a second for ten minutes, and 1,000 finished ones handed in meanwhile",
        partial(workload.beside_backlog, backlog=1_000, per_s=3),
        (SYNCD, ALONE, RETRIEVES, RETRIEVES_ALONE),
        (slowed(1.2),),
    ),
    Scenario(
        "W7b",
        "ten a second for ten minutes, more than there are retrieves, and 111 finished ones handed in meanwhile",
        partial(workload.beside_backlog, backlog=111, per_s=10),
        (SYNCD, ALONE),
        (slowed(1.2),),
        cost=2,
    ),
    Scenario(
        "W5",
        "as W2; one in twenty never finishes, and 2,000 such are left from before",
        workload.stuck,
        (SYNCD, RETRIEVES, *BASELINES, INFORMED, *BOUNDS),
        (mean(1.2), BETTER_THAN_BACKOFF),
        has_bound=True,
        cost=20,
    ),
    *SIX,
    Scenario("W2o", "as W2; one provider stalls for 45 minutes, then catches up", workload.outage, cost=2),
    Scenario(
        "W2-page20", "as W2; pages of 20", BUSINESS, targets=(mean(1.6),), conditions=Conditions(page_size=20), cost=2
    ),
    Scenario(
        "W2b-foreign",
        "as W2b; half of the workspace's transcripts are not ours",
        partial(workload.meetings, foreign=1),
        targets=(mean(3),),
        cost=4,
    ),
    Scenario(
        "W2-lag2",
        "as W2; the list shows what was true 2 s ago",
        BUSINESS,
        conditions=Conditions(list_lag_s=2),
        cost=2,
    ),
    *(each for by_share in SHARES.values() for each in by_share.values() if each.conditions.share < 1.0),
    Scenario(
        "W2-short",
        "as W2; first guesses a tenth",
        BUSINESS,
        targets=RECOVERED,
        conditions=Conditions(guess_factor=0.1),
        cost=2,
    ),
    Scenario(
        "W2-long",
        "as W2; first guesses ten times",
        BUSINESS,
        targets=RECOVERED,
        conditions=Conditions(guess_factor=10),
        cost=2,
    ),
)
