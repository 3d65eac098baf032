"""Times of words as whole microseconds, which take half the space of seconds, wherever they are exactly that.

Recall writes seconds with up to six digits (docs/recall-api.md), so nearly every time is. What is finer, or further
from the start of the utterance than an `integer` of Postgres reaches, is kept as it came.
"""

from collections.abc import Sequence

from syncd.core.reading.payload import Utterance

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
    known = [time_s for time_s in times if time_s is not None] if None in times else times
    whole = [round(time_s * _SECOND) for time_s in known]  # type: ignore[operator]  # None was taken out
    if [number / _SECOND for number in whole] != known or max(whole) - begin > _MOST:
        return None
    after = [number - begin for number in whole]
    if known is times:
        return after
    left = iter(after)
    return [None if time_s is None else next(left) for time_s in times]
