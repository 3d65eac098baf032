"""What days of the same traffic would cost at best: `python -m bench.polling.steady`.

A run of the simulator ends after some hours, before most of what people write is finished. Here everything finishes:
twenty transcripts a minute, by the closed form for dense looks (bounds.py says what that is worth). At each age looks
are best as dense as sqrt(weight * density / survival), and they lag by half a gap. Without a weight the mean lag is
the least; with the weight 1 / (1 + age / c) a second of lag counts less the longer one has waited.
"""

import itertools
import math
import operator
from collections.abc import Iterator
from dataclasses import dataclass

from bench.polling.providers import Provider
from bench.polling.rate_limit import RETRIEVE_LIMIT, ROUND_TRIP_S
from bench.polling.workload import BUSY, DAY, HOUR, Workload, business
from syncd.core.rate_limit.budget import WINDOW_S

STEP_RATIO = 1.01
LONGEST_S = 7 * DAY
LONG_WAIT_S = HOUR


@dataclass(frozen=True)
class Slice:
    """Transcripts of one provider at about the same age; shares are of all transcripts."""

    age_s: float
    finished: float
    waited_s: float
    """Seconds through which one waits here, on average."""


def slices(day: Workload) -> Iterator[Slice]:
    """All of them, by provider and age."""
    for name, survival in day.survivals.items():
        share = sum(each.share for each in day.providers if each.name == name) / _total(day.providers)
        age_s = 1.0
        while age_s < LONGEST_S:
            until_s = age_s * STEP_RATIO
            before, after = survival(age_s), survival(until_s)
            waited_s = share * (before + after) / 2 * (until_s - age_s)
            yield Slice((age_s + until_s) / 2, share * (before - after), waited_s)
            age_s = until_s


def _total(providers: tuple[Provider, ...]) -> float:
    return sum(each.share for each in providers)


def line(found: list[Slice], c_s: float) -> str:
    """The mean lag of all, of those that waited for an hour, and of the others."""
    rates = [_density(each, c_s) for each in found]
    looks = RETRIEVE_LIMIT / (WINDOW_S + ROUND_TRIP_S) / BUSY
    scale = looks / sum(map(operator.mul, rates, (each.waited_s for each in found)))
    lags_s = [each.finished / (2 * scale * rate) if rate else 0.0 for rate, each in zip(rates, found, strict=True)]
    is_old = [each.age_s >= LONG_WAIT_S for each in found]
    old_s, total_s = sum(itertools.compress(lags_s, is_old)), sum(lags_s)
    old = sum(each.finished for each in found if each.age_s >= LONG_WAIT_S)
    of_old = f"after an hour {old_s / old:.0f} s, {old_s / total_s:.0%} of the sum"
    return f"c {c_s:>6,.0f} s: mean {total_s:.1f} s; {of_old}; others {(total_s - old_s) / (1 - old):.1f} s"


def _density(each: Slice, c_s: float) -> float:
    """Looks a second, but for a factor."""
    weight = 1.0 / (1.0 + each.age_s / c_s)
    return math.sqrt(weight * each.finished / each.waited_s) if each.waited_s > 0 else 0.0


def main() -> None:
    """Print what weights would change."""
    found = list(slices(business(0)))
    for c_s in (math.inf, HOUR, 600.0, 60.0):
        print(line(found, c_s))


if __name__ == "__main__":
    main()
