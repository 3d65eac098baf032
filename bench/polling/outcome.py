"""What a run found: how long each finished transcript stayed unnoticed."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from workload import BEGIN, Transcript


class Find(NamedTuple):
    """One finished transcript."""

    ready_s: float
    """When it was finished and tracked, seconds since the begin."""
    lag_s: float
    """From then to the answer that showed it; to the end of the run, if none did."""
    is_live: bool


@dataclass(frozen=True)
class Lags:
    """A distribution of lags, smallest first."""

    sorted_s: list[float]

    @property
    def mean(self) -> float:
        return sum(self.sorted_s) / len(self.sorted_s) if self.sorted_s else 0.0

    @property
    def longest(self) -> float:
        return self.sorted_s[-1] if self.sorted_s else 0.0

    def quantile(self, share: float) -> float:
        return self.sorted_s[min(len(self.sorted_s) - 1, int(share * len(self.sorted_s)))] if self.sorted_s else 0.0

    def share_within(self, seconds: float) -> float:
        return bisect_right(self.sorted_s, seconds) / max(1, len(self.sorted_s))


@dataclass(frozen=True)
class Outcome:
    """One policy on one workload."""

    finds: list[Find]
    unseen: int
    """How many were finished at the end of the run and not seen to be."""
    retrieves: int
    lists: int

    def lags(self, from_s: float = 0.0, to_s: float = float("inf"), *, is_live: bool = False) -> Lags:
        """Of those that were ready within a time; `is_live`: only of those created meanwhile."""
        chosen = (find for find in self.finds if from_s <= find.ready_s < to_s and (find.is_live or not is_live))
        return Lags(sorted(find.lag_s for find in chosen))

    @property
    def has_backlog(self) -> bool:
        return not all(find.is_live for find in self.finds)


def ready_s(each: Transcript) -> float:
    """From when on a transcript could have been seen to be finished."""
    return max(each.finished_s, each.tracked_s)


def outcome(
    tracked: Iterable[Transcript], seen_s: dict[int, float], ends_s: float, retrieves: int, lists: int = 0
) -> Outcome:
    """`seen_s`: when each one was seen to be finished, by its number. Nobody slips out for never having been seen."""
    finished = [each for each in tracked if ready_s(each) <= ends_s]
    finds = [
        Find(ready_s(each) - BEGIN, seen_s.get(each.number, ends_s) - ready_s(each), each.is_live)
        for each in finished
    ]
    return Outcome(finds, sum(each.number not in seen_s for each in finished), retrieves, lists)
