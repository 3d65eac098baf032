from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.cadence import until_next_look, until_next_try

HOUR = 3600.0


@pytest.mark.parametrize(
    ("provider", "age_s", "gap_s"),
    [
        pytest.param("deepgram_async", 0.0, 1.0, id="async: at once"),
        pytest.param("deepgram_async", 10.0, 1.0, id="async: 10 s"),
        pytest.param("deepgram_async", 60.0, 6.0, id="async: a minute"),
        pytest.param("deepgram_async", 600.0, 60.0, id="async: 10 min"),
        pytest.param("deepgram_async", 24 * HOUR, 600.0, id="async: a day"),
        pytest.param("meeting_captions", 0.0, 2.0, id="live: at once"),
        pytest.param("meeting_captions", 60.0, 3.0, id="live: a minute"),
        pytest.param("meeting_captions", HOUR, 180.0, id="live: an hour"),
        pytest.param("meeting_captions", 24 * HOUR, 300.0, id="live: a day"),
        pytest.param("assembly_ai_async_chunked", HOUR, 180.0, id="chunks begin with the meeting"),
        pytest.param(None, HOUR, 180.0, id="nobody knows yet"),
    ],
)
def test_the_gap_grows_with_the_age(provider: str | None, age_s: float, gap_s: float) -> None:
    assert until_next_look(age_s, provider, 0.5) == pytest.approx(gap_s)
    assert until_next_look(age_s, provider, 0.0) == pytest.approx(gap_s * 0.9)
    assert until_next_look(age_s, provider, 1.0) == pytest.approx(gap_s * 1.1)


@pytest.mark.parametrize(
    ("attempts", "gap_s"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (10, 512), (11, 600), (50, 600), (10**9, 600)]
)
def test_tries_are_further_and_further_apart(attempts: int, gap_s: float) -> None:
    assert until_next_try(attempts, 0.5) == pytest.approx(gap_s)
    assert until_next_try(attempts, 0.0) == pytest.approx(gap_s * 0.9)
    assert until_next_try(attempts, 1.0) == pytest.approx(gap_s * 1.1)


@pytest.mark.parametrize(("provider", "at_most"), [("deepgram_async", 80), ("meeting_captions", 130)])
def test_two_hours_of_waiting_cost_few_looks(provider: str, at_most: int) -> None:
    age_s, looks = 0.0, 0
    while age_s < 2 * HOUR:
        age_s += until_next_look(age_s, provider, 0.5)
        looks += 1
    assert looks <= at_most


@given(
    ages=st.lists(st.floats(0, 1e7), min_size=2, max_size=10).map(sorted),
    provider=st.sampled_from(["rev_async", "zoom_rtms", "new_async", None]),
    jitter=st.floats(0, 1),
)
def test_no_wait_is_over_before_it_began_and_none_shrinks_with_age(
    ages: list[float], provider: str | None, jitter: float
) -> None:
    gaps = [until_next_look(age_s, provider, jitter) for age_s in ages]
    assert all(0.9 <= gap <= 660 for gap in gaps)
    assert all(one <= other for one, other in pairwise(gaps))
