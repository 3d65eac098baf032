"""Whose files come first."""

from collections.abc import Callable
from datetime import timedelta

from syncd.core.queue.fetch_order import LONGEST_PASSED_S, fetch_rank, is_backlog
from syncd.core.queue.lease import Lease
from tests.core.samples import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONGEST_PASSED = timedelta(seconds=LONGEST_PASSED_S)


def test_one_that_recall_has_shown_unfinished_is_live(lease: Callable[..., Lease]) -> None:
    assert not is_backlog(lease(is_observed=True))
    assert is_backlog(lease(is_observed=False))


def test_the_newest_of_those_found_together_come_first() -> None:
    ranks = [fetch_rank(NOW - age, NOW) for age in (-MINUTE, MINUTE, 2 * MINUTE, DAY)]
    assert ranks == sorted(set(ranks))
    assert fetch_rank(None, NOW) == fetch_rank(NOW - DAY, NOW)


def test_an_old_one_is_passed_by_newer_ones_only_for_so_long() -> None:
    old = fetch_rank(NOW - DAY, NOW)
    for later, is_passed in ((LONGEST_PASSED - MINUTE, True), (LONGEST_PASSED + MINUTE, False)):
        found_at = NOW + later
        assert (fetch_rank(found_at, found_at) < old) is is_passed
