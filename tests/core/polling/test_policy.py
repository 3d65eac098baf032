"""The interface of polling answers what its parts answer."""

import pytest

from syncd.core.polling import claim_order, list_plan, observation, poll_index, repricing, strata
from syncd.core.polling.claim_order import Turn
from syncd.core.polling.list_cursor import ListCursor, ListPurpose
from syncd.core.polling.list_plan import NO_DISCOVERY, ListRequest, PageFacts, QueueView, Unseen
from syncd.core.polling.list_state import ListState
from syncd.core.polling.policy import Policy
from syncd.core.polling.repricing import Threshold
from syncd.core.polling.strata import HALF_LIFE, Stratum, Tally, estimated
from syncd.core.rate_limit.budget import Budget
from syncd.core.reading.list_page import Selection
from syncd.core.transcript import DONE
from tests.core.samples import NOW

POLICY = Policy(estimated({}), 0.5)
DAY_S = 86_400.0


@pytest.mark.parametrize("provider", ["deepgram_async", "meeting_captions", "new_async"])
def test_each_stratum_is_polled_by_its_own_curve(provider: str) -> None:
    curve = POLICY.curves.of(Stratum(provider))
    gap_s = POLICY.next_poll(Stratum(provider), 30.0, DAY_S, 0.5)
    assert gap_s == poll_index.next_poll(curve, 30.0, 0.5, DAY_S, 0.5)


def test_rows_are_brought_forward_to_its_own_threshold() -> None:
    assert POLICY.earlier_gap(100.0, 8.0) == repricing.earlier_gap(100.0, 8.0, 0.5) == 25.0


def test_a_list_call_is_planned_with_its_own_curves() -> None:
    def view() -> QueueView:
        return QueueView([], 1.0, [], Unseen(100, 10.0), 10.0)

    known = ListState(), ListCursor(), NO_DISCOVERY, 1.0, NOW, view
    planned = POLICY.next_list_call(*known)
    assert planned == list_plan.next_list_call(POLICY.curves, *known)
    assert planned.call is not None


def test_every_other_decision_is_that_of_its_module() -> None:
    before, budget = Threshold(), Budget(300, 10.0, NOW)
    after = repricing.repriced(before, 9.0, 5.0, [1.0], NOW, is_idle=True, has_backlog=False)
    assert Policy.claim_plan(Turn(), 10, 10, 3, 2) == claim_order.claim_plan(Turn(), 10, 10, 3, 2)
    assert Policy.demand([(100.0, 1.0)]) == repricing.demand_of([(100.0, 1.0)])
    assert Policy.reprice(before, 9.0, 5.0, [1.0], NOW, is_idle=True, has_backlog=False) == after
    assert Policy.is_idle(budget, 0, NOW)
    assert Policy.lateness(0.0, 1.0, 2.0) == repricing.lateness_of(0.0, 1.0, 2.0) == 1.0
    seen = Policy.observation(Stratum("x"), 1.0, 2.0, was_seen=True, has_finished=True)
    assert seen == observation.observation_at(Stratum("x"), 1.0, 2.0, was_seen=True, has_finished=True)
    assert Policy.aged(Tally(), HALF_LIFE.total_seconds()) == strata.aged(Tally(), HALF_LIFE.total_seconds())


def test_what_a_page_changes_is_that_of_the_list_plan() -> None:
    request = ListRequest(ListPurpose.SCAN, Selection(DONE), None, 1, NOW, 0.0, ListState(), ListCursor())
    facts = PageFacts(100, 100, 5, "next")
    assert Policy.after_list_page(request, facts) == list_plan.after_list_page(request, facts)
