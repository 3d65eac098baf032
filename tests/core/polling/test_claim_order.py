"""Which rows are claimed first, and how many of each kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.claim_order import (
    OTHERS_TURN,
    Claimable,
    ClaimOrder,
    ClaimStep,
    carry_out,
    claim_plan,
    in_order,
)

COUNTS = st.integers(0, 40)


def claimed(
    turn: int, permitted: int, available: int, reserve: int, waiting: dict[ClaimOrder, int]
) -> dict[str, int]:
    """How many of each kind are claimed where so many wait."""
    left = dict(waiting)

    def claim(order: ClaimOrder, count: int) -> list[ClaimOrder]:
        assert count > 0
        found = min(count, left.get(order, 0))
        left[order] = left.get(order, 0) - found
        return [order] * found

    steps = claim_plan(turn, permitted, available, reserve, waiting.get(ClaimOrder.ABSENT, 0))
    taken = carry_out(steps, claim)
    return {order.value: taken.count(order) for order in ClaimOrder if order in taken}


ABSENT, SEEN, NEW = ClaimOrder.ABSENT, ClaimOrder.SEEN, ClaimOrder.NEW


@pytest.mark.parametrize(
    ("turn", "waiting", "expected"),
    [
        pytest.param(1, {}, {}, id="nobody waits"),
        pytest.param(1, {SEEN: 20, NEW: 20}, {"seen": 3, "new": 4}, id="the reserve is kept, new ones are first"),
        pytest.param(2, {SEEN: 20, NEW: 20}, {"seen": 4, "new": 3}, id="and seen ones the next time"),
        pytest.param(1, {SEEN: 1, NEW: 20}, {"seen": 1, "new": 6}, id="what seen ones leave over"),
        pytest.param(1, {SEEN: 20, NEW: 1}, {"seen": 6, "new": 1}, id="what new ones leave over"),
        pytest.param(1, {ABSENT: 2, SEEN: 20}, {"absent": 2, "seen": 5}, id="absent ones are first"),
        pytest.param(1, {ABSENT: 20, SEEN: 20}, {"absent": 10}, id="a crowd of absent ones takes all"),
        pytest.param(4, {ABSENT: 20, SEEN: 20}, {"absent": 5, "seen": 5}, id="but not on the turn of the others"),
        pytest.param(
            4, {ABSENT: 5, SEEN: 20}, {"absent": 5, "seen": 2}, id="where the reserve is kept without a crowd"
        ),
    ],
)
def test_calls_are_shared_out(turn: int, waiting: dict[ClaimOrder, int], expected: dict[str, int]) -> None:
    assert claimed(turn, 10, 10, 3, waiting) == expected


def test_where_there_is_no_room_for_the_backlog_those_never_shown_wait() -> None:
    steps = claim_plan(1, 10, 10, 3, 2, takes_backlog=False)
    left = {ABSENT: 2, SEEN: 9, NEW: 9}
    assert carry_out(steps, lambda order, count: [order] * min(count, left[order])) == [ABSENT] * 2 + [SEEN] * 5


@given(
    turn=st.integers(0, 100), permitted=COUNTS, extra=COUNTS, reserve=COUNTS, absent=COUNTS, seen=COUNTS, new=COUNTS
)
def test_no_more_is_claimed_than_permitted_and_nothing_is_left_over(
    turn: int, permitted: int, extra: int, reserve: int, absent: int, seen: int, new: int
) -> None:
    available = permitted + extra
    counts = claimed(turn, permitted, available, reserve, {ABSENT: absent, SEEN: seen, NEW: new})
    total = sum(counts.values())
    assert total <= permitted
    if turn % OTHERS_TURN:
        assert counts.get("absent", 0) == min(permitted, absent)
    regular = min(permitted, available - reserve)
    assert total >= min(regular, counts.get("absent", 0) + seen + new)


@given(permitted=st.integers(1, 40), waiting=st.integers(41, 99), turn=st.integers(0, 100))
def test_within_two_turns_of_others_everybody_gets_a_call(permitted: int, waiting: int, turn: int) -> None:
    everybody = dict.fromkeys((ABSENT, SEEN, NEW), waiting)
    turns = range(turn, turn + 2 * OTHERS_TURN)
    total = sum(claimed(each, permitted, permitted, 3, everybody).get("seen", 0) for each in turns)
    assert total > 0


@pytest.mark.parametrize(
    ("step", "claimed_count", "count"),
    [
        (ClaimStep(SEEN, 7, is_half=True), 0, 4),
        (ClaimStep(SEEN, 7, is_half=True), 2, 3),
        (ClaimStep(SEEN, 7), 2, 5),
        (ClaimStep(SEEN, 7), 9, 0),
        (ClaimStep(SEEN, -2, is_half=True), 0, 0),
    ],
)
def test_a_step_fills_up_what_is_missing(step: ClaimStep, claimed_count: int, count: int) -> None:
    assert step.count(claimed_count) == count


DUE, LATER = Claimable(5.0), Claimable(11.0)
SHOWN = Claimable(4.0, is_observed=True)
AWAY, AWAY_LONGER = Claimable(99.0, is_observed=True, absent_s=3.0), Claimable(99.0, is_observed=True, absent_s=2.0)
HELD, EXPIRED = Claimable(1.0, lease_until_s=11.0), Claimable(6.0, lease_until_s=10.0)
ALL = [DUE, LATER, SHOWN, AWAY, AWAY_LONGER, HELD, EXPIRED]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ClaimOrder.ANY, [SHOWN, DUE, EXPIRED]),
        (ClaimOrder.ABSENT, [AWAY_LONGER, AWAY]),
        (ClaimOrder.SEEN, [SHOWN]),
        (ClaimOrder.NEW, [EXPIRED, DUE]),
    ],
)
def test_each_order_has_its_rows(order: ClaimOrder, expected: list[Claimable]) -> None:
    assert in_order(ALL, order, 10.0) == expected
