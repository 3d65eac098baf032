"""Workloads: when transcripts are created, tracked and finished. The same seed gives the same workload."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bench.polling.providers import Provider, pick, providers_of, true_survivals

HOUR, DAY = 3600.0, 86_400.0
BEGIN = 10 * DAY
"""The clock at the start of every workload; what was created before lies in the past."""
BUSY = 20 / 60
"""Transcripts a second on a business day."""
STALL_S = 3 * HOUR, 3 * HOUR + 2700
CATCH_UP_S = 600.0
HANDED_IN_S = 180.0
"""When a backlog is handed in, seconds after the begin, where live ones are under way before."""
NEVER = 0.05
"""The share that never finishes, where there is one."""


@dataclass(slots=True)
class Transcript:
    """One transcript at the simulated Recall; times in seconds on the simulated clock."""

    number: int
    """Negative for what was there before the workload began."""
    provider: str
    created_s: float
    finished_s: float
    """Infinite for one that never finishes."""
    tracked_s: float = math.inf
    """Infinite for somebody else's."""

    @property
    def is_live(self) -> bool:
        """It was created while we watched."""
        return self.number >= 0


@dataclass(frozen=True)
class Workload:
    """Transcripts of one workspace, and how long they are created for."""

    transcripts: list[Transcript]
    hours: float
    providers: tuple[Provider, ...]
    """What the transcripts were drawn from."""
    never: float = 0.0
    """The share that never finishes."""

    @property
    def survivals(self) -> dict[str, Callable[[float], float]]:
        """By provider: the share that still waits at an age in seconds."""
        return true_survivals(self.providers, self.never)

    @property
    def ends_s(self) -> float:
        """Half an hour after the last one was created."""
        return BEGIN + (self.hours + 0.5) * HOUR

    @property
    def tracked(self) -> list[Transcript]:
        """Those that are ours."""
        return [each for each in self.transcripts if each.tracked_s < math.inf]


def light(seed: int, hours: float = 2) -> Workload:
    """Fifty at once, then five a minute."""
    rng = random.Random(seed)
    born = [BEGIN] * 50 + list(_steady(rng, 5 / 60, hours))
    return _workload(rng, iter(born), providers_of(rng), hours)


def tiny(seed: int, hours: float = 8) -> Workload:
    """Ten an hour."""
    rng = random.Random(seed)
    return _workload(rng, _steady(rng, 10 / HOUR, hours), providers_of(rng), hours)


def business(seed: int, hours: float = 8) -> Workload:
    """A business day: twenty a minute, with bursts at the full and half hour."""
    rng = random.Random(seed)
    return _workload(rng, _bursts(rng, BUSY, hours), providers_of(rng), hours)


def meetings(seed: int, foreign: float = 0.0) -> Workload:
    """A business day whose live transcripts exist from the start of their meeting. `foreign` others for each."""
    rng = random.Random(seed)
    providers = providers_of(rng, is_whole_meeting=True)
    return _workload(rng, _bursts(rng, BUSY, 8), providers, 8, foreign=foreign)


def outage(seed: int) -> Workload:
    """A business day on which one provider finishes nothing for 45 minutes, and then catches up within ten."""
    day = business(seed)
    begin_s, end_s = (BEGIN + at_s for at_s in STALL_S)
    for each in day.transcripts:
        if each.provider == "deepgram_async" and begin_s <= each.finished_s < end_s:
            each.finished_s = end_s + CATCH_UP_S * (each.finished_s - begin_s) / (end_s - begin_s)
    return day


def flood(seed: int, backlog: int = 10_000, hours: float = 2) -> Workload:
    """A backlog that is finished already, tracked at once, beside the traffic of a business day."""
    rng = random.Random(seed)
    providers = providers_of(rng)
    live = _workload(rng, _bursts(rng, BUSY, hours), providers, hours)
    old = []
    for number in range(backlog):
        provider = pick(rng, providers)
        created_s = BEGIN - HOUR - rng.random() * 6 * DAY
        finished_s = min(created_s + provider.draw(rng), BEGIN - 1)
        old.append(Transcript(-1 - number, provider.name, created_s, finished_s, BEGIN))
    return replace(live, transcripts=[*old, *live.transcripts])


def beside_backlog(seed: int, backlog: int, per_s: float, minutes: float = 10) -> Workload:
    """New transcripts at a steady rate, and after some minutes a backlog that is finished already."""
    rng = random.Random(seed)
    providers = providers_of(rng)
    live = _workload(rng, _steady(rng, per_s, minutes / 60), providers, minutes / 60)
    old = [
        Transcript(
            -1 - n,
            pick(rng, providers).name,
            created_s := BEGIN - HOUR - rng.random() * 6 * DAY,
            created_s + 60.0,
            BEGIN + HANDED_IN_S,
        )
        for n in range(backlog)
    ]
    return replace(live, transcripts=[*old, *live.transcripts])


def without_backlog(workload: Workload) -> Workload:
    """The same at Recall, but nobody hands in what was there before."""
    return replace(
        workload,
        transcripts=[each if each.is_live else replace(each, tracked_s=math.inf) for each in workload.transcripts],
    )


def stuck(seed: int) -> Workload:
    """A business day on which one in twenty never finishes, and 2,000 such are left from the five days before."""
    rng = random.Random(seed)
    providers = providers_of(rng)
    live = _workload(rng, _bursts(rng, BUSY, 8), providers, 8)
    for each in live.transcripts:
        if rng.random() < NEVER:
            each.finished_s = math.inf
    old = [
        Transcript(-1 - number, pick(rng, providers).name, BEGIN - rng.random() * 5 * DAY, math.inf, BEGIN)
        for number in range(2_000)
    ]
    return replace(live, transcripts=[*old, *live.transcripts], never=NEVER)


def _workload(
    rng: random.Random, born: Iterator[float], providers: tuple[Provider, ...], hours: float, foreign: float = 0.0
) -> Workload:
    transcripts = []
    for number, created_s in enumerate(born):
        for copy in range(1 + int(foreign) + (rng.random() < foreign % 1)):
            provider = pick(rng, providers)
            ours = copy == 0
            tracked_s = created_s + rng.random() if ours else math.inf
            at_s = created_s if ours else created_s + rng.random() * 30
            transcripts.append(
                Transcript(number * 10 + copy, provider.name, at_s, at_s + provider.draw(rng), tracked_s)
            )
    return Workload(transcripts, hours, providers)


def _steady(rng: random.Random, rate: float, hours: float) -> Iterator[float]:
    at_s = BEGIN
    while (at_s := at_s + rng.expovariate(rate)) < BEGIN + hours * HOUR:
        yield at_s


def _bursts(rng: random.Random, rate: float, hours: float) -> Iterator[float]:
    """A third of all within five minutes after each full and half hour, the rest spread evenly."""
    born = list(_steady(rng, rate * 2 / 3, hours))
    for half in range(int(hours * 2)):
        born += [BEGIN + half * 1800 + 300 * rng.random() for _ in range(round(rate / 3 * 1800))]
    yield from sorted(born)
