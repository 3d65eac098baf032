"""What the readers of messages by their types share: words as lists, without a value for each attribute of each word.

Such a reader answers for the usual shape of its vendor's messages only, and then exactly what the vendor's own reader
would (tests/core/reading/test_vendors_typed.py). It says None to every other message.
"""

from collections.abc import Sequence

from syncd.core.reading.values import EARLIEST_TIME_S, LATEST_TIME_S, label
from syncd.core.reading.vendors.heard import Words

Speaker = str | int | None


def words_of(
    texts: list[str],
    starts_s: Sequence[float],
    ends_s: Sequence[float],
    confidences: Sequence[float | None],
    speakers: Sequence[Speaker],
    line: str | None,
    is_final: bool,
) -> Words | None:
    """These words, all in one channel and without white space around them; None where one needs a closer look."""
    if not texts or "" in texts:
        return None
    known = [each for each in confidences if each is not None]
    if not (
        _are_between(EARLIEST_TIME_S, starts_s, LATEST_TIME_S)
        and _are_between(EARLIEST_TIME_S, ends_s, LATEST_TIME_S)
        and (not known or _are_between(0, known, 1))
    ):
        return None
    labels = {speaker: label(speaker) for speaker in set(speakers)}
    who = [labels[speaker] for speaker in speakers]
    count = len(texts)
    return Words(texts, starts_s, ends_s, confidences, who, [line] * count, [is_final] * count)


def _are_between(least: float, values: Sequence[float], most: float) -> bool:
    return min(values) >= least and max(values) <= most
