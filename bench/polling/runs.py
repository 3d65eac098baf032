"""Runs, each in a process of its own."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace

import scenes
from bounds import clairvoyant
from outcome import Outcome
from rivals import Queue, alone, backoff, every
from scenes import SCENES, SIX, Found, Scene
from terms import Terms
from workload import Workload
from workspace import index, syncd

Policy = Callable[[Workload, Terms], Outcome]
CHEAP = 0.1
"""What a run of a simple policy costs, measured by one of syncd."""

POLICIES: dict[str, Policy] = {
    scenes.SYNCD: syncd,
    scenes.RETRIEVES: lambda workload, terms: syncd(workload, replace(terms, lists=False)),
    scenes.INFORMED: lambda workload, terms: syncd(workload, replace(terms, truth=True)),
    scenes.INFORMED_RETRIEVES: lambda workload, terms: index(workload, replace(terms, truth=True, lists=False)),
    scenes.BACKOFF: lambda workload, terms: alone(workload, terms, backoff),
    scenes.EVERY_30: lambda workload, terms: alone(workload, terms, every(30.0)),
    scenes.EVERY_5: lambda workload, terms: alone(workload, terms, every(5.0)),
    scenes.ROUND_ROBIN: lambda workload, terms: alone(workload, terms, every(0.0)),
    scenes.CLAIRVOYANT: clairvoyant,
    scenes.CLAIRVOYANT_RETRIEVES: lambda workload, terms: clairvoyant(workload, replace(terms, lists=False)),
}


@dataclass(frozen=True)
class Options:
    """What the command line may change."""

    seed: int = 0
    page_size: int | None = None
    share: float | None = None
    jobs: int = os.cpu_count() or 1
    names: tuple[str, ...] = tuple(scene.name for scene in SCENES)

    @property
    def is_standard(self) -> bool:
        """Targets are meant for this page size and share."""
        return self.page_size is None and self.share is None

    @property
    def chosen(self) -> list[Scene]:
        return [scene for scene in SCENES if scene.name in self.names]

    def terms(self, scene: Scene) -> Terms:
        terms = replace(scene.terms, seed=self.seed)
        if self.page_size is not None:
            terms = replace(terms, page_size=self.page_size)
        return terms if self.share is None else replace(terms, share=self.share)


def outcomes(options: Options) -> dict[str, Found]:
    """By scene and policy. The same options give the same outcomes, however many processes there are."""
    plan = sorted(_plan(options.chosen), key=_cost, reverse=True)
    found: dict[str, Found] = {scene.name: {} for scene in options.chosen}
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(_run, scene, policy, options) for scene, policy in plan]
        for count, one in enumerate(as_completed(waiting), 1):
            print(f"\r{count} of {len(plan)} runs", end="", file=sys.stderr, flush=True)
            for scene, policy, outcome in one.result():
                found.setdefault(scene, {})[policy] = outcome
    print(file=sys.stderr)
    return {scene: _in_order(by_policy) for scene, by_policy in found.items()}


def _plan(chosen: Iterable[Scene]) -> Iterator[tuple[str, str]]:
    for scene in chosen:
        policies = (scenes.SYNCD, scenes.EVERY_5) if scene in SIX else scene.policies
        yield from ((scene.name, policy) for policy in policies)
    if set(SIX) <= set(chosen):
        yield SIX[0].name, scenes.ONE_QUEUE


def _cost(run: tuple[str, str]) -> float:
    name, policy = run
    is_dear = policy in (scenes.SYNCD, scenes.INFORMED, scenes.INFORMED_RETRIEVES)
    return _scene(name).cost * (1.0 if is_dear else CHEAP)


def _run(name: str, policy: str, options: Options) -> list[tuple[str, str, Outcome]]:
    scene = _scene(name)
    if policy == scenes.ONE_QUEUE:
        together = Queue([each.workload(options.seed) for each in SIX], every(5.0), options.terms(scene)).run()
        return [(each.name, policy, outcome) for each, outcome in zip(SIX, together, strict=True)]
    return [(name, policy, POLICIES[policy](scene.workload(options.seed), options.terms(scene)))]


def _scene(name: str) -> Scene:
    return next(scene for scene in SCENES if scene.name == name)


def _in_order(found: Found) -> Found:
    order = [scenes.SYNCD, scenes.RETRIEVES, *scenes.RIVALS, scenes.EVERY_5, scenes.ONE_QUEUE]
    order += [scenes.INFORMED, scenes.INFORMED_RETRIEVES, *scenes.BOUNDS]
    return {policy: found[policy] for policy in order if policy in found}
