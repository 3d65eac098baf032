"""How long transcripts take, by stratum: counts of what was seen, and the survival curves that follow from them.

Theory of operation: each observation adds exposure (seconds of age through which a transcript stayed unfinished)
and, at most, one finish, by bin of age. The hazard of a bin is finishes over exposure, so transcripts that are
stuck raise the tail, and nobody is mistaken for fast because the slow ones are still out. Few counts are pulled
towards the next wider stratum: a provider at one length of recording, the provider, its kind (after the meeting, or
with it), and a first guess, by as much as PULL transcripts weigh. Old counts weigh less, so that a provider's bad
day is forgotten.

Sources: piecewise exponential model with occurrence/exposure rates (Holford 1980); shrinkage as the posterior mean
under a gamma prior (Clayton 1978; empirical Bayes as in Robbins 1956); exponential forgetting as in adaptive
filters.
Numbers: PULL is small so that first guesses ten times off are forgotten within the first hour (bench/polling,
W2-short and W2-long). The others are judgements; HALF_LIFE is long against a day's rhythm,
short against a change of vendor.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple

from syncd.core.polling.provider import is_live
from syncd.core.polling.survival import BINS, SurvivalCurve, bin_of, log_logistic, pieces, width_s

PULL = 0.5
"""Transcripts that the wider stratum counts for, in each bin."""
HALF_LIFE = timedelta(days=2)
"""After this time a count weighs half."""
AGED_AFTER = timedelta(minutes=10)
"""Counts are aged this often at most: 0.2 % of their weight, for one update of some hundred rows."""
NEGLIGIBLE = 1e-12
"""A smaller count becomes 0 when it is aged: in Postgres, halving without end is an error in the end (underflow)."""
MOST_HALF_LIVES = 100
"""Longer ages weigh the same: next to nothing."""
LONG_RECORDING_S = 1800.0
"""Half an hour: recordings of meetings are mostly either shorter or about an hour. A judgement."""

LIVE, AFTERWARDS = "live", "async"

_MINUTE = 60.0
# Median and 95th percentile of the age at the end. Guesses from vendors' figures, replaced by what is seen.
_FIRST_GUESSES = {
    "recallai_async": (1.5 * _MINUTE, 10 * _MINUTE),
    "assembly_ai_async": (1 * _MINUTE, 8 * _MINUTE),
    "assembly_ai_async_chunked": (1 * _MINUTE, 8 * _MINUTE),
    "deepgram_async": (1 * _MINUTE, 6 * _MINUTE),
    "gladia_v1_async": (1.5 * _MINUTE, 10 * _MINUTE),
    "gladia_v2_async": (1.5 * _MINUTE, 10 * _MINUTE),
    "speechmatics_async": (3 * _MINUTE, 20 * _MINUTE),
    "rev_async": (4 * _MINUTE, 30 * _MINUTE),
    "aws_transcribe_async": (5 * _MINUTE, 30 * _MINUTE),
    "google_speech_v2_async": (5 * _MINUTE, 40 * _MINUTE),
    "elevenlabs_async": (2 * _MINUTE, 15 * _MINUTE),
    AFTERWARDS: (1.5 * _MINUTE, 15 * _MINUTE),
    LIVE: (35 * _MINUTE, 120 * _MINUTE),
}


class Stratum(NamedTuple):
    """Transcripts that are expected to take alike."""

    provider: str | None
    """Recall's key; None where it is not known yet."""
    length: str | None = None
    """short or long recording; None where its length is not known."""

    @property
    def wider(self) -> tuple["Stratum", ...]:
        """The stratum itself, and its provider where it is narrower than that: what an observation counts for."""
        return (self,) if self.length is None else (self, Stratum(self.provider))

    @property
    def kind(self) -> str:
        """Whether it exists for as long as its meeting lasts, or comes after it."""
        return LIVE if is_live(self.provider) and self.provider is not None else AFTERWARDS


def length_class(recording_s: float | None) -> str | None:
    """The part of a stratum that the length of a recording decides: short or long; None where it is not known."""
    if recording_s is None:
        return None
    return "long" if recording_s >= LONG_RECORDING_S else "short"


@dataclass(slots=True)
class Tally:
    """What was seen of one stratum: finishes, and seconds of exposure, by bin of age."""

    finished: list[float] = field(default_factory=lambda: [0.0] * BINS)
    exposure_s: list[float] = field(default_factory=lambda: [0.0] * BINS)

    def count(self, from_s: float, to_s: float, *, has_finished: bool) -> None:
        """It was unfinished from one age to another, and finished then or is waiting still."""
        for bin_, seconds in pieces(from_s, to_s):
            self.exposure_s[bin_] += seconds
        if has_finished:
            self.finished[bin_of(to_s)] += 1.0

    def add(self, other: "Tally", share: float = 1.0) -> None:
        """Count a share of another tally in."""
        for bin_ in range(BINS):
            self.finished[bin_] += share * other.finished[bin_]
            self.exposure_s[bin_] += share * other.exposure_s[bin_]


def aged(tally: Tally, elapsed_s: float) -> Tally | None:
    """Counts last aged `elapsed_s` ago, weighing less now; None: less than AGED_AFTER has passed."""
    if elapsed_s <= AGED_AFTER.total_seconds():
        return None
    share = 0.5 ** min(elapsed_s / HALF_LIFE.total_seconds(), MOST_HALF_LIVES)
    return Tally(
        [share * each if each > NEGLIGIBLE else 0.0 for each in tally.finished],
        [share * each if each > NEGLIGIBLE else 0.0 for each in tally.exposure_s],
    )


@dataclass(frozen=True, slots=True)
class SurvivalCurves:
    """The curve of every stratum."""

    by_stratum: Mapping[Stratum, SurvivalCurve]
    by_kind: Mapping[str, SurvivalCurve]

    def of(self, stratum: Stratum) -> SurvivalCurve:
        """The curve of the stratum, or of the narrowest wider one that is known."""
        return (
            self.by_stratum.get(stratum)
            or self.by_stratum.get(Stratum(stratum.provider))
            or first_guess(stratum.provider)
            or self.by_kind[stratum.kind]
        )


@lru_cache(maxsize=64)
def first_guess(provider: str | None) -> SurvivalCurve | None:
    """What a provider (or kind) is believed to take before anything was seen; None: nothing is known of it."""
    quantiles = _FIRST_GUESSES.get(provider or "")
    return log_logistic(*quantiles) if quantiles else None


def estimated(tallies: Mapping[Stratum, Tally]) -> SurvivalCurves:
    """The curves that follow from what was seen."""
    by_kind = {kind: _kind_curve(kind, tallies) for kind in (LIVE, AFTERWARDS)}
    by_stratum: dict[Stratum, SurvivalCurve] = {}
    for stratum in sorted(tallies, key=lambda each: each.length is not None):
        provider = stratum.provider
        wider = by_stratum.get(Stratum(provider)) or first_guess(provider) or by_kind[stratum.kind]
        by_stratum[stratum] = _pulled(tallies[stratum], wider)
    return SurvivalCurves(by_stratum, by_kind)


def _kind_curve(kind: str, tallies: Mapping[Stratum, Tally]) -> SurvivalCurve:
    total = Tally()
    for stratum, tally in tallies.items():
        if stratum.kind == kind and stratum.length is None:
            total.add(tally)
    return _pulled(total, log_logistic(*_FIRST_GUESSES[kind]))


def _pulled(tally: Tally, wider: SurvivalCurve) -> SurvivalCurve:
    """The hazards seen, as if PULL transcripts had been seen in each bin before, behaving like the wider stratum.

    PULL of them finished there, or passed through, whichever is less: a guess that is wrong by far is soon forgotten.
    """
    hazards = []
    for bin_, hazard in enumerate(wider.hazards):
        seen_s = PULL * min(width_s(bin_), 1.0 / max(hazard, 1e-12))
        hazards.append((tally.finished[bin_] + hazard * seen_s) / (tally.exposure_s[bin_] + seen_s))
    return SurvivalCurve(tuple(hazards))
