"""What a run found: how long each finished transcript stayed unnoticed."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bench.polling.workload import BEGIN, Transcript


class Detection(NamedTuple):
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
        """Seconds; 0 where there are none."""
        return sum(self.sorted_s) / len(self.sorted_s) if self.sorted_s else 0.0

    @property
    def longest(self) -> float:
        """Seconds; 0 where there are none."""
        return self.sorted_s[-1] if self.sorted_s else 0.0

    def quantile(self, share: float) -> float:
        """The lag within which this share was seen, seconds."""
        return self.sorted_s[min(len(self.sorted_s) - 1, int(share * len(self.sorted_s)))] if self.sorted_s else 0.0

    def share_within(self, seconds: float) -> float:
        """Which share was seen within a time."""
        return bisect_right(self.sorted_s, seconds) / max(1, len(self.sorted_s))


@dataclass(frozen=True)
class Result:
    """One policy on one workload."""

    detections: list[Detection]
    unseen: int
    """How many were finished at the end of the run and not seen to be."""
    retrieves: int
    lists: int

    def lags(self, from_s: float = 0.0, to_s: float = float("inf"), *, is_live: bool = False) -> Lags:
        """Of those that were ready within a time; `is_live`: only of those created meanwhile."""
        chosen = (each for each in self.detections if from_s <= each.ready_s < to_s and (each.is_live or not is_live))
        return Lags(sorted(each.lag_s for each in chosen))

    @property
    def backlog_s(self) -> tuple[float, float]:
        """When a backlog was handed in, and when the last of it was seen, seconds since the begin."""
        old = [each for each in self.detections if not each.is_live]
        return min(each.ready_s for each in old), max(each.ready_s + each.lag_s for each in old)

    @property
    def has_backlog(self) -> bool:
        """Whether some were there before the run began."""
        return not all(each.is_live for each in self.detections)


def ready_s(each: Transcript) -> float:
    """From when on a transcript could have been seen to be finished."""
    return max(each.finished_s, each.tracked_s)


def result(
    tracked: Iterable[Transcript], seen_s: dict[int, float], ends_s: float, retrieves: int, lists: int = 0
) -> Result:
    """`seen_s`: when each one was seen to be finished, by its number. One that never was counts, too."""
    finished = [each for each in tracked if ready_s(each) <= ends_s]
    detections = [
        Detection(ready_s(each) - BEGIN, seen_s.get(each.number, ends_s) - ready_s(each), each.is_live)
        for each in finished
    ]
    return Result(detections, sum(each.number not in seen_s for each in finished), retrieves, lists)
