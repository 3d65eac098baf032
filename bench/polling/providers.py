"""What providers really do: how long each one's transcripts take. No policy is told.

The mixture was set once, so that on a business day asking everybody in turn lags by about 11.7 s, and the best use of
the same calls by about 3.5 s: most are done within a minute or two, and a few that people write fill the queue.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from syncd.core.polling.survival import BINS, EDGES_S, RATIO, SurvivalCurve


@dataclass(frozen=True)
class Provider:
    """A provider's true distribution of ages at the end: log-normal."""

    name: str
    share: float
    median_s: float
    sigma: float

    def draw(self, rng: random.Random) -> float:
        """An age at the end, seconds."""
        return self.median_s * math.exp(self.sigma * rng.gauss(0.0, 1.0))

    def survival(self, age_s: float) -> float:
        """The share that still waits at an age."""
        return 1.0 if age_s <= 0 else 0.5 * math.erfc(math.log(age_s / self.median_s) / self.sigma / math.sqrt(2))


# Share, and median and 95th percentile in minutes.
MIX = (
    ("recallai_async", 0.20, 0.5, 2.8),
    ("assembly_ai_async", 0.20, 0.35, 2.8),
    ("deepgram_async", 0.20, 0.35, 1.75),
    ("gladia_v2_async", 0.08, 0.5, 2.8),
    ("speechmatics_async", 0.05, 1, 5.5),
    ("rev_async", 0.03, 1.4, 10),
    ("rev_async", 0.015, 720, 2_880),  # written by people
    ("aws_transcribe_async", 0.03, 1.75, 10),
    ("recallai_streaming", 0.12, 0.3, 2.8),
    ("meeting_captions", 0.075, 0.3, 2.8),
)
MEETING_MINUTES = 35, 120
HIDDEN_FACTOR = 2.0
"""Each workload moves every median by a factor of up to this much."""


def providers_of(rng: random.Random, *, is_whole_meeting: bool = False) -> tuple[Provider, ...]:
    """What providers do in one workload; `is_whole_meeting`: live ones exist from the start of their meeting."""
    providers = []
    for name, share, usual_median, usual_p95 in MIX:
        is_meeting = is_whole_meeting and not name.endswith("_async")
        median, p95 = MEETING_MINUTES if is_meeting else (usual_median, usual_p95)
        factor = HIDDEN_FACTOR ** rng.uniform(-1, 1)
        providers.append(Provider(name, share, 60 * median * factor, math.log(p95 / median) / 1.645))
    return tuple(providers)


def pick(rng: random.Random, providers: tuple[Provider, ...]) -> Provider:
    """One of them, by their shares."""
    return rng.choices(providers, [each.share for each in providers])[0]


def true_survivals(providers: tuple[Provider, ...], never: float = 0.0) -> dict[str, Callable[[float], float]]:
    """By provider: the share that still waits at an age in seconds; `never` is the share that never finishes."""
    names = {each.name for each in providers}
    return {name: partial(_survival, [each for each in providers if each.name == name], never) for name in names}


def _survival(ours: Sequence[Provider], never: float, age_s: float) -> float:
    """Of a mixture."""
    total = sum(each.share for each in ours)
    return never + (1.0 - never) * sum(each.share * each.survival(age_s) for each in ours) / total


def true_curves(survivals: Mapping[str, Callable[[float], float]]) -> dict[str, SurvivalCurve]:
    """By provider: what somebody would know who had seen everything, in the form in which syncd knows it."""
    return {name: _curve(survival) for name, survival in survivals.items()}


def _curve(survival: Callable[[float], float]) -> SurvivalCurve:
    """The hazards, bin by bin."""
    edges = (*EDGES_S, EDGES_S[-1] * RATIO)
    logs = [math.log(max(survival(edge), 1e-300)) for edge in edges]
    return SurvivalCurve(tuple(max(0.0, logs[n] - logs[n + 1]) / (edges[n + 1] - edges[n]) for n in range(BINS)))
