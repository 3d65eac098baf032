"""Times of words as whole microseconds, which take half the space of seconds, wherever they are exactly that.

Recall writes seconds with up to six digits (docs/recall-api.md), so nearly every time is. What is finer, or further
from the start of the utterance than an `integer` of Postgres reaches, is kept as it came.
"""

from collections.abc import Sequence

from syncd.core.reading.payload import Times, Utterance

_SECOND = 1e6
_MOST = 2**31 - 1
_MOST_S = 1e9
"""Up to here every microsecond is a float of its own."""


def microseconds(said: Utterance) -> Sequence[int | None] | None:
    """Microseconds after the utterance's `start_s`: the starts of its words, then their ends.

    None where a time is unlike what `(start + after) / 1e6` gives back, which is how the views read it; or where no
    time is known.
    """
    if said.start_s is None or said.end_s is None or said.start_s < -_MOST_S or said.end_s > _MOST_S:
        return None
    begin = round(said.start_s * _SECOND)
    times = [*said.starts_s, *said.ends_s]
    return _of_known(times, begin) if None in times else _of_all(times, begin)  # type: ignore[arg-type]


def _of_all(times: list[float], begin: int) -> list[int] | None:
    whole = [round(time_s * _SECOND) for time_s in times]
    if [number / _SECOND for number in whole] != times or max(whole) - begin > _MOST:
        return None
    return [number - begin for number in whole]


def _of_known(times: Times, begin: int) -> list[int | None] | None:
    exact = _of_all([time_s for time_s in times if time_s is not None], begin)
    if exact is None:
        return None
    left = iter(exact)
    return [None if time_s is None else next(left) for time_s in times]
