"""The simulator's queue in memory does what the tables do, by the same functions of values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.polling.store import Row, Store
from bench.polling.workload import Transcript
from syncd.core.polling.claim_order import Claimable, ClaimOrder, in_order
from syncd.core.polling.list_plan import Unseen
from syncd.core.polling.policy import Policy
from syncd.core.polling.strata import estimated

NOW_S = 1000.0
ORDERS = [ClaimOrder.ABSENT, ClaimOrder.SEEN, ClaimOrder.NEW]
THRESHOLDS = st.floats(0.0005, 1800)
STATES = st.lists(
    st.tuples(st.integers(-5, 5), st.booleans(), st.booleans(), st.booleans()),  # due, seen, absent, claimed
    max_size=12,
)


def store_of(states: list[tuple[int, bool, bool, bool]]) -> tuple[Store, dict[int, Claimable]]:
    store, values = Store(), {}
    for number, (due, is_seen, is_absent, is_claimed) in enumerate(states):
        due_s = NOW_S + due
        store.track(Transcript(number, "deepgram_async", float(number), math.inf, 0.0), due_s)
        row = store.rows[number]
        if is_seen:
            store.still_waiting(row, NOW_S - 60.0, due_s, 1.0, is_on_page=is_absent)
            store.mark_absent((number, number), [], NOW_S - 30.0)
        if is_claimed:
            store.take(row, NOW_S)
        absent_s = NOW_S - 30.0 if is_seen and is_absent else None
        values[number] = Claimable(due_s, is_seen, absent_s, math.inf if is_claimed else None)
    return store, values


@given(
    states=STATES,
    order=st.sampled_from(ORDERS),
    count=st.integers(0, 12),
)
def test_rows_are_claimed_in_order(states: list[tuple[int, bool, bool, bool]], order: ClaimOrder, count: int) -> None:
    store, values = store_of(states)
    assert store.count_absent(100) == len(in_order(values.values(), ClaimOrder.ABSENT, NOW_S))
    claimed = [values[row.transcript.number] for row in store.claim(order, count, NOW_S)]
    expected = in_order(values.values(), order, NOW_S)[:count]
    assert sorted(each.rank(order) for each in claimed) == [each.rank(order) for each in expected]
    assert all(each.is_open(order, NOW_S) for each in claimed)
    again = store.claim(order, 100, NOW_S)
    assert len(again) + len(claimed) == len(in_order(values.values(), order, NOW_S))


def seen_row(store: Store, number: int, gap_s: float, threshold_s: float) -> Row:
    store.track(Transcript(number, "deepgram_async", float(number), math.inf, 0.0), 0.0)
    store.still_waiting(store.rows[number], NOW_S, NOW_S + gap_s, threshold_s)
    return store.rows[number]


@given(
    planned=st.lists(st.tuples(st.floats(0.5, 3600), st.floats(0.0005, 1800)), max_size=12),
    now=st.floats(0.0005, 1800),
)
def test_rows_are_brought_forward_by_the_policy(planned: list[tuple[float, float]], now: float) -> None:
    store, policy = Store(), Policy(estimated({}), now)
    rows = [seen_row(store, number, *each) for number, each in enumerate(planned)]
    assert sorted(store.planned()) == sorted((row.due_s - NOW_S, row.threshold_s) for row in rows)
    store.bring_forward(policy, NOW_S)
    for row, (gap_s, planned_s) in zip(rows, planned, strict=True):
        sooner_s = policy.earlier_gap(NOW_S + gap_s - NOW_S, planned_s)
        expected = (gap_s, planned_s) if sooner_s is None else (sooner_s, now)
        assert (row.due_s - NOW_S, row.threshold_s) == pytest.approx(expected)


def test_only_rows_that_a_page_has_shown_can_be_absent() -> None:
    store = Store()
    row = seen_row(store, 1, 60.0, 1.0)
    store.mark_absent((0.0, 9.0), [], NOW_S + 1)
    assert store.count_absent(9) == 0
    store.still_waiting(row, NOW_S, NOW_S + 60, 1.0, is_on_page=True)
    store.mark_absent((2.0, 9.0), [], NOW_S + 1)
    store.mark_absent((0.0, 9.0), [1], NOW_S + 1)
    store.mark_absent((0.0, 9.0), [], NOW_S)
    assert store.count_absent(9) == 0
    store.mark_absent((0.0, 9.0), [], NOW_S + 1)
    assert store.count_absent(9) == 1
    assert store.seen(1.0) == []
    store.still_waiting(row, NOW_S + 2, NOW_S + 60, 1.0)  # a retrieve showed that it had not finished
    store.mark_absent((0.0, 9.0), [], NOW_S + 3)
    assert store.count_absent(9) == 0


def test_a_page_of_finished_ones_says_that_others_were_unfinished_then() -> None:
    store = Store()
    seen_row(store, 1, 60.0, 1.0)
    store.mark_absent_from_done((0.0, 9.0), [], NOW_S + 5)
    assert [each.seen_s for each in store.seen(1.0)] == [NOW_S + 5]


def test_a_sample_is_a_share_of_the_rows() -> None:
    store = Store()
    for number in range(2000):
        seen_row(store, number, 60.0, 1.0)
    assert len(store.seen(1.0)) == 2000
    assert 900 < len(store.seen(0.5)) < 1100
    assert set(store.seen(0.25)) < set(store.seen(0.5))


def test_rows_come_and_go() -> None:
    store = Store()
    for number in (1, 2):
        store.track(Transcript(number, "deepgram_async", float(number), math.inf, 0.0), 10.0 * number)
    assert store.unseen(30.0) == Unseen(2, 15.0)
    store.finish(store.rows[2], 31.0)
    assert store.unseen(30.0) == Unseen(1, 20.0)
    assert (list(store.done_lately()), store.finished_s, list(store.rows)) == ([2.0], {2: 31.0}, [1])
