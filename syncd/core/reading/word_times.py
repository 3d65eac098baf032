"""Times of words as whole microseconds, which take a third of the space of seconds, wherever they are exactly that.

Recall writes seconds with up to six digits (docs/recall-api.md), so nearly every time is. What is finer, or further
from the start of the utterance than an `integer` of Postgres reaches, is kept as it came. `recall.word_time()` reads
what is packed here.
"""

import sys
from array import array
from collections.abc import Iterator, Sequence
from math import copysign

from syncd.core.reading.payload import Utterance

_SECOND = 1e6
_MOST = 2**31 - 1
_MOST_S = 1e9
"""Up to here every microsecond is a float of its own."""


def packed(microseconds: Sequence[int]) -> bytes:
    """Each in three bytes, the highest first, or all in four where one needs them; every one is below 2 ** 31."""
    times = array("I", microseconds)
    if sys.byteorder == "little":  # pragma: no branch: so that all machines write the same
        times.byteswap()
    wide = times.tobytes()
    if any(wide[::4]):
        return wide
    narrow = bytearray(3 * len(times))
    narrow[::3], narrow[1::3], narrow[2::3] = wide[1::4], wide[2::4], wide[3::4]
    return bytes(narrow)


def microseconds(utterances: Sequence[Utterance]) -> Iterator[Sequence[int] | None]:
    """For each utterance, microseconds after its `start_s`: the starts of its words, then their ends.

    None where a time is unknown, or unlike what `(start + after) / 1e6` gives back, which is how the views read it.
    All utterances are reckoned together, for they are short and many.
    """
    times: list[float | None] = []
    for said in utterances:
        times += said.starts_s
        times += said.ends_s
    whole, given_back = _rounded(times)
    is_exact, begin = given_back == times, 0
    for said in utterances:
        end = begin + 2 * len(said.texts)
        is_this = is_exact or given_back[begin:end] == times[begin:end]
        yield _after(whole[begin:end], said) if is_this else None
        begin = end


def _rounded(times: Sequence[float | None]) -> tuple[Sequence[int | None], Sequence[float | None]]:
    """Whole microseconds, and the seconds that they give back."""
    try:
        whole = [round(time_s * _SECOND) for time_s in times]  # type: ignore[operator]  # nearly never None
    except (TypeError, OverflowError):
        some = [None if time_s is None or abs(time_s) > _MOST_S else round(time_s * _SECOND) for time_s in times]
        return some, [None if number is None else number / _SECOND for number in some]
    return whole, [number / _SECOND for number in whole]


def _after(whole: Sequence[int | None], said: Utterance) -> Sequence[int] | None:
    if said.start_s is None or said.end_s is None or said.end_s - said.start_s > _MOST / _SECOND:
        return None
    if said.start_s < -_MOST_S or said.end_s > _MOST_S or (said.start_s <= 0 and _has_negative_zero(said)):
        return None
    start = round(said.start_s * _SECOND)
    try:
        return [number - start for number in whole]  # type: ignore[operator]  # see below
    except TypeError:  # a time is unknown
        return None


def _has_negative_zero(said: Utterance) -> bool:
    """An integer has no sign where it is 0."""
    return any(time_s == 0 and copysign(1.0, time_s) < 0 for time_s in (*said.starts_s, *said.ends_s))
