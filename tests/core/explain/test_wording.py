"""Times and durations in words."""

import pytest

from syncd.core.explain.wording import moment, span
from tests.core.explain.diagnoses import at
from tests.core.samples import NOW


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.002, "0.002 s"),
        (0.12345, "0.123 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (61.4, "1 min 1 s"),
        (120.0, "2 min"),
        (3600.0, "1 h"),
        (3599.7, "1 h"),
        (7384.0, "2 h 3 min"),
        (86400.0, "1 d"),
        (30 * 86400.0 - 1, "29 d 23 h"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(("seconds", "words"), [(75.0, "in 1 min 15 s"), (-3.0, "3 s ago"), (0.0, "in 0 s")])
def test_a_time_is_written_with_its_distance_from_now(seconds: float, words: str) -> None:
    assert moment(at(seconds), NOW) == f"{at(seconds):%Y-%m-%d %H:%M:%S} UTC ({words})"
