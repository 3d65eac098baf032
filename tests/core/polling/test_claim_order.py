"""Which rows are claimed first, and how many of each kind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.polling.claim_order import (
    BACKLOG_TURN,
    FRESH_S,
    OTHERS_TURN,
    Claimable,
    ClaimOrder,
    ClaimStep,
    Turn,
    carry_out,
    claim_plan,
    in_order,
)

COUNTS = st.integers(0, 40)


def claimed(
    turn: int, permitted: int, available: int, reserve: int, waiting: dict[ClaimOrder, int], others: int = 0
) -> dict[str, int]:
    """How many of each kind are claimed where so many wait; those never shown are the backlog and the fresh ones."""
    left = dict(waiting)

    def claim(order: ClaimOrder, count: int) -> list[ClaimOrder]:
        assert count > 0
        kinds = (FRESH, NEW) if order is NEW else (order,)
        wanted = [kind for kind in kinds for _ in range(left.get(kind, 0))][:count]
        for kind in wanted:
            left[kind] -= 1
        return wanted

    steps = claim_plan(Turn(turn, others), permitted, available, reserve, waiting.get(ClaimOrder.ABSENT, 0))
    taken = carry_out(steps, claim)
    return {order.value: taken.count(order) for order in ClaimOrder if order in taken}


ABSENT, SEEN, FRESH, NEW = ClaimOrder.ABSENT, ClaimOrder.SEEN, ClaimOrder.FRESH, ClaimOrder.NEW


@pytest.mark.parametrize(
    ("turn", "waiting", "expected"),
    [
        pytest.param(1, {}, {}, id="nobody waits"),
        pytest.param(
            1, {SEEN: 20, FRESH: 20}, {"seen": 3, "fresh": 4}, id="the reserve is kept, fresh ones are first"
        ),
        pytest.param(2, {SEEN: 20, FRESH: 20}, {"seen": 4, "fresh": 3}, id="and seen ones the next time"),
        pytest.param(1, {SEEN: 1, FRESH: 20}, {"seen": 1, "fresh": 6}, id="what seen ones leave over"),
        pytest.param(1, {SEEN: 20, FRESH: 1}, {"seen": 6, "fresh": 1}, id="what fresh ones leave over"),
        pytest.param(
            1, {SEEN: 3, FRESH: 2, NEW: 20}, {"seen": 3, "fresh": 2, "new": 2}, id="the rest is the backlog's"
        ),
        pytest.param(1, {SEEN: 20, NEW: 20}, {"seen": 7}, id="which may be nothing"),
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
    steps = claim_plan(Turn(others=99), 10, 10, 3, 2, takes_backlog=False)
    left = {ABSENT: 2, SEEN: 9, NEW: 9}
    assert carry_out(steps, lambda order, count: [order] * min(count, left[order])) == [ABSENT] * 2 + [SEEN] * 5


@given(
    turn=st.integers(0, 100),
    others=st.integers(0, BACKLOG_TURN - 1),
    permitted=COUNTS,
    extra=COUNTS,
    reserve=COUNTS,
    waiting=st.tuples(COUNTS, COUNTS, COUNTS, COUNTS),
)
def test_no_more_is_claimed_than_permitted_and_nothing_is_left_over(
    turn: int, others: int, permitted: int, extra: int, reserve: int, waiting: tuple[int, int, int, int]
) -> None:
    available = permitted + extra
    absent, *rest = waiting
    kinds = dict(zip((ABSENT, SEEN, FRESH, NEW), waiting, strict=True))
    counts = claimed(turn, permitted, available, reserve, kinds, others)
    total = sum(counts.values())
    assert total <= permitted
    if turn % OTHERS_TURN:
        assert counts.get("absent", 0) >= min(permitted, absent) - 1
    regular = min(permitted, available - reserve)
    assert total >= min(regular, counts.get("absent", 0) + sum(rest))


@given(permitted=st.integers(1, 40), waiting=st.integers(41, 99), turn=st.integers(0, 100))
def test_within_two_turns_of_others_everybody_gets_a_call(permitted: int, waiting: int, turn: int) -> None:
    everybody = dict.fromkeys((ABSENT, SEEN, NEW), waiting)
    turns = range(turn, turn + 2 * OTHERS_TURN)
    total = sum(claimed(each, permitted, permitted, 3, everybody).get("seen", 0) for each in turns)
    assert total > 0


def test_every_so_many_calls_one_is_the_backlogs_whoever_else_waits() -> None:
    turn, calls = Turn(), list[bool]()
    for _ in range(100 * BACKLOG_TURN):
        made = carry_out(claim_plan(turn, 1, 1, 3, 99), lambda order, count: [order] * count)
        are_new = [order is NEW for order in made]
        turn = turn.after(are_new)
        calls += are_new
    assert calls.count(True) == 100
    assert all(any(calls[n : n + BACKLOG_TURN]) for n in range(len(calls) - BACKLOG_TURN))


def test_calls_that_the_backlog_has_not_used_are_not_saved_up_for_it() -> None:
    turn = Turn().after([False] * 1000)
    assert turn == Turn(2, BACKLOG_TURN - 1)
    assert (turn.backlog_count, turn.after([True]).backlog_count) == (1, 0)


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
OLD = Claimable(10.0 - FRESH_S)
ALL = [DUE, LATER, SHOWN, AWAY, AWAY_LONGER, HELD, EXPIRED, OLD]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ClaimOrder.ANY, [SHOWN, DUE, OLD, EXPIRED]),
        (ClaimOrder.ABSENT, [AWAY_LONGER, AWAY]),
        (ClaimOrder.SEEN, [SHOWN]),
        (ClaimOrder.FRESH, [EXPIRED]),
        (ClaimOrder.NEW, [EXPIRED, DUE, OLD]),
    ],
)
def test_each_order_has_its_rows(order: ClaimOrder, expected: list[Claimable]) -> None:
    assert in_order(ALL, order, 10.0) == expected
