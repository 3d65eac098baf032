"""When to poll, what to list, whom to claim: every decision of polling, as functions of values.

Theory of operation: polling spends two budgets, retrieves and list pages, where most lag is expected. A policy is
the survival curves of a workspace and its threshold; its caller passes values from the tables and a clock,
and carries out what it answers. The pipeline does so with Postgres, bench/polling with a simulated clock: there is
no other copy. Where SQL needs a twin that an index serves (demand, bringing rows forward, order of claims, ageing,
absence), a property test in tests/db/polling proves that both agree.

| decision | here | in detail |
|---|---|---|
| when a transcript is polled next | `next_poll` | poll_index.py |
| which rows are claimed first | `claim_plan` | claim_order.py |
| which list call is made next | `next_list_call` | list_plan.py, list_window.py |
| how long none will be worth it | `until_list_call` | list_plan.py |
| which rows a list page shows to be absent | `absence_window` | list_plan.py |
| what a list page changes | `after_list_page` | list_state.py, list_cursor.py |
| what a poll costs | `demand`, `reprice`, `is_idle`, `lateness` | repricing.py |
| which rows are brought forward | `earlier_gap` | repricing.py |
| what an observation counts, and for how long | `observation`, `aged` | observation.py, strata.py |

Sources: Barlow, Hunter and Proschan (1963), "Optimum checking procedures"; Whittle (1988), "Restless bandits";
arXiv:2502.02430 on noisy change signals. Each module names what it takes from them, and what its numbers are based
on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.core.polling import claim_order, list_plan, observation, poll_index, repricing, strata
from syncd.core.polling.claim_order import ClaimStep, Turn
from syncd.core.polling.list_cursor import ListCursor
from syncd.core.polling.list_plan import Discovery, ListPlan, ListRequest, PageFacts, QueueView
from syncd.core.polling.list_state import ListState
from syncd.core.polling.observation import Observation
from syncd.core.polling.repricing import FIRST_THRESHOLD_S, Threshold
from syncd.core.polling.strata import Stratum, SurvivalCurves, Tally
from syncd.core.rate_limit.budget import Budget


@dataclass(frozen=True, slots=True)
class Policy:
    """How one workspace polls, as things stand."""

    curves: SurvivalCurves
    threshold_s: float = FIRST_THRESHOLD_S
    """Seconds of lag: a row is due when its poll index reaches it."""

    def next_poll(self, stratum: Stratum, age_s: float, left_s: float, jitter: float) -> float:
        """Seconds until the next poll of one that is unfinished at `age_s`, and that Recall deletes in `left_s`."""
        return poll_index.next_poll(self.curves.of(stratum), age_s, self.threshold_s, left_s, jitter)

    def next_list_call(
        self,
        state: ListState,
        cursor: ListCursor,
        discovery: Discovery,
        share: float,
        now: datetime,
        view: Callable[[], QueueView],
        *,
        takes_backlog: bool = True,
    ) -> ListPlan:
        """The next list call, and how the one after it is planned; `view` reads the tables where that is needed."""
        return list_plan.next_list_call(
            self.curves, state, cursor, discovery, share, now, view, takes_backlog=takes_backlog
        )

    def until_list_call(
        self, state: ListState, cursor: ListCursor, discovery: Discovery, now: datetime, view: QueueView
    ) -> float:
        """Seconds in which no list call will be worth it while rows stay as they are, where none is now."""
        return list_plan.until_list_call(self.curves, state, cursor, discovery, now, view)

    def earlier_gap(self, gap_s: float, planned_threshold_s: float) -> float | None:
        """The gap of a row planned with a much higher threshold, were it planned now; None: it stays."""
        return repricing.earlier_gap(gap_s, planned_threshold_s, self.threshold_s)

    @staticmethod
    def claim_plan(
        turn: Turn, permitted: int, available: int, reserve: int, absent_count: int, *, takes_backlog: bool = True
    ) -> tuple[ClaimStep, ...]:
        """The steps of one claim; `claim_order.carry_out` runs them."""
        return claim_order.claim_plan(turn, permitted, available, reserve, absent_count, takes_backlog=takes_backlog)

    @staticmethod
    def absence_window(request: ListRequest, *, is_last: bool) -> tuple[datetime, datetime] | None:
        """The creation times in which a row that a page did not show is absent; None: the page proves nothing."""
        return request.absence_window(is_last=is_last)

    @staticmethod
    def after_list_page(request: ListRequest, page: PageFacts) -> tuple[ListState, ListCursor]:
        """What is known about the list after a page."""
        return list_plan.after_list_page(request, page)

    @staticmethod
    def demand(planned: Iterable[tuple[float, float]]) -> float:
        """Polls a second at a threshold of 1 s, of rows planned with these gaps and thresholds, in seconds."""
        return repricing.demand_of(planned)

    @staticmethod
    def reprice(
        before: Threshold,
        demand: float,
        rate: float,
        lateness: Sequence[float],
        now: datetime,
        *,
        is_idle: bool,
        has_backlog: bool,
    ) -> Threshold:
        """The threshold at `now`, for a budget of `rate` calls a second."""
        return repricing.repriced(before, demand, rate, lateness, now, is_idle=is_idle, has_backlog=has_backlog)

    @staticmethod
    def is_idle(budget: Budget, occupied: int, now: datetime) -> bool:
        """Whether calls are left over."""
        return repricing.is_budget_idle(budget, occupied, now)

    @staticmethod
    def lateness(seen_s: float | None, due_s: float, now_s: float) -> float | None:
        """By which share of its gap a poll comes late; None: it says nothing."""
        return repricing.lateness_of(seen_s, due_s, now_s)

    @staticmethod
    def observation(
        stratum: Stratum, since_s: float, until_s: float, *, was_seen: bool, has_finished: bool
    ) -> Observation | None:
        """What one sight of a transcript adds to the counts; ages in seconds."""
        return observation.observation_at(stratum, since_s, until_s, was_seen=was_seen, has_finished=has_finished)

    @staticmethod
    def aged(tally: Tally, elapsed_s: float) -> Tally | None:
        """Counts that were last aged `elapsed_s` ago, counting less; None: too soon."""
        return strata.aged(tally, elapsed_s)
