"""Times of words as whole microseconds: exactly the same, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.reading.payload import Word
from syncd.core.reading.word_times import microseconds, packed
from tests.core.reading.transcript_files import utterance

TIMES = st.none() | st.floats(-10, 1e5).map(lambda t: round(t, 6)) | st.floats(allow_nan=False, allow_infinity=False)


@given(times=st.lists(st.tuples(TIMES, TIMES), min_size=1, max_size=5))
def test_what_is_given_back_is_exactly_what_was_there(times: list[tuple[float | None, float | None]]) -> None:
    said = utterance(0, [Word("x", *pair) for pair in times])
    (whole,) = microseconds([said])
    if whole is None or said.start_s is None:
        return
    begin = round(said.start_s * 1e6)
    assert [(begin + w) / 1e6 for w in whole] == [*said.starts_s, *said.ends_s]
    assert all(0 <= w < 2**31 for w in whole)
    stored = packed(whole)
    width = 3 if max(whole) < 2**24 else 4
    assert [stored[at : at + width] for at in range(0, len(stored), width)] == [w.to_bytes(width) for w in whole]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([(0.6, 0.822022), (0.846652, 1.0)], [0, 246652, 222022, 400000]),
        ([(0.6, 0.822022), (0.846652, None)], None),
        ([(-1.5, -1.25)], [0, 250000]),
        ([(None, None)], None),
        ([(0.1234567, 0.2)], None),
        ([(0.0, 2147.483647)], [0, 2147483647]),
        ([(0.0, 2147.483648)], None),
        ([(2e9, 2e9)], None),
        ([(-0.0, 0.5)], None),
    ],
)
def test_six_digits_and_half_an_hour_of_one_utterance_are_whole_microseconds(
    times: list[tuple[float | None, float | None]], expected: list[int] | None
) -> None:
    said = utterance(0, [Word("x", *pair) for pair in times])
    other = utterance(1, [Word("y", 0.5, 0.75)])
    assert list(microseconds([other, said, other])) == [[0, 250000], expected, [0, 250000]]


def test_where_one_time_is_far_from_the_start_all_take_four_bytes() -> None:
    assert packed([1, 2**24]) == bytes([0, 0, 0, 1, 1, 0, 0, 0])
