"""How long transcripts take: a survival curve, and what it says about a transcript that was last seen unfinished.

Theory of operation: a curve is a hazard (finishes a second, among those still waiting) that is constant within each
of a few dozen bins of age, whose edges lie a factor of RATIO apart, for waiting times are spread over seconds to
days. With S the share that still waits at an age, and M its integral, every question has an answer in closed form:
the chance of a finish between two ages, the expected lag, and the age at which the poll index reaches a threshold.

Sources: piecewise constant hazards as in Holford (1980); the index at a threshold as in Barlow, Hunter and Proschan
(1963) and Whittle (1988), see poll_index.py; the log-logistic form is the usual heavy-tailed first guess for
waiting times. A constant hazard over all ages was tried and is far worse: the tail is what matters
(docs/polling.md).
Numbers: bins from half a second (the shortest gap) to 17 days (beyond the seven for which Recall keeps recordings),
two to each doubling of the age.
"""

import itertools
import math
from bisect import bisect_right
from dataclasses import dataclass

FIRST_EDGE_S = 0.5
"""The end of the first bin, seconds."""
RATIO = 2**0.5
"""From one edge to the next."""
EDGES_S = (0.0, *(FIRST_EDGE_S * RATIO**k for k in range(44)))
"""Where the bins begin; the last one, from 17 days on, has no end."""
BINS = len(EDGES_S)
_ENDS_S = (*EDGES_S[1:], math.inf)
_NEVER = 700.0
"""exp() of more overflows, and nobody waits that long."""
_FLAT = 1e-15
"""A share that finishes which is too small to matter."""


def bin_of(age_s: float) -> int:
    """The number of the bin that an age falls into."""
    return max(0, bisect_right(EDGES_S, age_s) - 1)


def width_s(bin_: int) -> float:
    """The seconds from the beginning of a bin to its end; the last one counts as if it had one."""
    return EDGES_S[bin_] * (RATIO - 1.0) if bin_ else FIRST_EDGE_S


def pieces(from_s: float, to_s: float) -> list[tuple[int, float]]:
    """The bins that lie between two ages, each with the seconds that fall into it."""
    if to_s <= from_s:
        return []
    first = bin_of(from_s)
    if to_s <= _ENDS_S[first]:
        return [(first, to_s - from_s)]
    bins = range(first + 1, bin_of(to_s) + 1)
    spans = ((bin_, min(to_s, _ENDS_S[bin_]) - EDGES_S[bin_]) for bin_ in bins)
    return [(first, _ENDS_S[first] - from_s), *((bin_, seconds) for bin_, seconds in spans if seconds > 0)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected of a transcript that was last seen unfinished some time ago."""

    chance: float
    """That it has finished since, 0..1."""
    expected_lag_s: float
    """How long it has probably been finished without anybody knowing, seconds."""


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """A survival curve. Ages are seconds since the creation of a transcript."""

    hazards: tuple[float, ...]
    """Finishes a second, one for each bin."""

    def outlook(self, from_s: float, to_s: float) -> Outlook:
        """For one that was unfinished at age `from_s` and is `to_s` old now."""
        still, waited_s = 1.0, 0.0
        for bin_, seconds in pieces(from_s, to_s):  # nearly always one piece
            hazard = self.hazards[bin_]
            exponent = min(hazard * seconds, _NEVER)
            waited_s += still * (-math.expm1(-exponent) / hazard if exponent > _FLAT else seconds)
            still *= math.exp(-exponent)
        return Outlook(1.0 - still, max(0.0, to_s - from_s - waited_s))

    def age_at_threshold(self, from_s: float, threshold_s: float, until_s: float) -> float:
        """The earliest age at which the poll index of one unfinished at `from_s` is `threshold_s`; at most `until_s`.

        The index is the time for which it has probably been waiting since, over the chance that it waits still, less
        the time that has passed. It only grows with the age; where a finish is unlikely so far it is about the
        expected lag.
        """
        regret_s, bin_ = 0.0, bin_of(from_s)
        begin_s = from_s
        while begin_s < until_s:
            hazard, end_s = self.hazards[bin_], min(_ENDS_S[bin_], until_s)
            wanted_s = threshold_s + begin_s - from_s
            if _regret(regret_s, hazard, end_s - begin_s) - (end_s - begin_s) >= wanted_s:
                return begin_s + _solve(regret_s, hazard, wanted_s, end_s - begin_s)
            regret_s = _regret(regret_s, hazard, end_s - begin_s)
            begin_s, bin_ = end_s, bin_ + 1
        return until_s

    def quantile(self, share: float, from_s: float = 0.0) -> float:
        """The age by which this share of those unfinished at `from_s` has finished; infinite where it never does."""
        left, begin_s = -math.log1p(-share) if share < 1.0 else math.inf, from_s
        for bin_, seconds in pieces(from_s, math.inf):
            hazard = self.hazards[bin_]
            if hazard > 0 and left <= hazard * seconds:
                return begin_s + left / hazard
            left -= hazard * seconds if hazard > 0 else 0.0
            begin_s += seconds
        return math.inf


def _regret(before_s: float, hazard: float, seconds: float) -> float:
    """(M(a) - M(a0)) / S(a), `seconds` of a constant hazard further on."""
    exponent = hazard * seconds
    if exponent < _FLAT:
        return before_s + seconds
    return math.inf if exponent > _NEVER else before_s * math.exp(exponent) + math.expm1(exponent) / hazard


def _solve(before_s: float, hazard: float, wanted_s: float, most_s: float) -> float:
    """The seconds after which the regret, less the time, reaches what is wanted; Newton's way, from above."""
    if before_s >= wanted_s or hazard * most_s < _FLAT:
        return 0.0
    seconds = min(most_s, math.log1p((wanted_s + most_s + 1.0 / hazard) / (before_s + 1.0 / hazard)) / hazard)
    for _ in range(60):
        regret_s = _regret(before_s, hazard, seconds)
        step = (regret_s - seconds - wanted_s) / max(hazard * regret_s, 1e-18)
        seconds = min(max(seconds - step, 0.0), most_s)
        if abs(step) <= 1e-9 * seconds:
            break
    return seconds


def log_logistic(median_s: float, p95_s: float) -> SurvivalCurve:
    """A heavy-tailed curve through two quantiles: S(a) = 1 / (1 + (a / median) ** shape)."""
    shape = math.log(19.0) / math.log(p95_s / median_s)

    def cumulated(age_s: float) -> float:
        """The hazard summed up to an age."""
        return math.log1p((age_s / median_s) ** shape)

    ends_s = (*EDGES_S[1:], EDGES_S[-1] * RATIO)
    rises = itertools.pairwise(cumulated(age_s) for age_s in (0.0, *ends_s))
    return SurvivalCurve(
        tuple((high - low) / (end - begin) for (low, high), begin, end in zip(rises, EDGES_S, ends_s, strict=True))
    )
