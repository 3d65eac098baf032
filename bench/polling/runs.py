"""Runs, each in a process of its own."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import partial

from bench.polling import scenarios
from bench.polling.baselines import Queue, alone, backoff, every
from bench.polling.bounds import bound
from bench.polling.clairvoyant import clairvoyant
from bench.polling.conditions import Conditions
from bench.polling.informed import index
from bench.polling.result import Result
from bench.polling.scenarios import SCENARIOS, SIX, Found, Scenario
from bench.polling.workload import Workload, without_backlog
from bench.polling.workspace import syncd

Policy = Callable[[Workload, Conditions], Result]
CHEAP = 0.1
"""What a run of a simple policy costs, measured by one of syncd."""

POLICIES: dict[str, Policy] = {
    scenarios.SYNCD: syncd,
    scenarios.RETRIEVES: lambda workload, conditions: syncd(workload, replace(conditions, has_list=False)),
    scenarios.ALONE: lambda workload, conditions: syncd(without_backlog(workload), conditions),
    scenarios.RETRIEVES_ALONE: lambda workload, conditions: syncd(
        without_backlog(workload), replace(conditions, has_list=False)
    ),
    scenarios.INFORMED: lambda workload, conditions: syncd(workload, replace(conditions, is_informed=True)),
    scenarios.INFORMED_RETRIEVES: lambda workload, conditions: index(
        workload, replace(conditions, is_informed=True, has_list=False)
    ),
    scenarios.BACKOFF: lambda workload, conditions: alone(workload, conditions, backoff),
    scenarios.EVERY_30: lambda workload, conditions: alone(workload, conditions, every(30.0)),
    scenarios.EVERY_5: lambda workload, conditions: alone(workload, conditions, every(5.0)),
    scenarios.ROUND_ROBIN: lambda workload, conditions: alone(workload, conditions, every(0.0)),
    scenarios.CLAIRVOYANT: clairvoyant,
    scenarios.CLAIRVOYANT_RETRIEVES: lambda workload, conditions: clairvoyant(
        workload, replace(conditions, has_list=False)
    ),
}


@dataclass(frozen=True)
class Options:
    """What the command line may change."""

    seed: int = 0
    page_size: int | None = None
    share: float | None = None
    jobs: int = os.cpu_count() or 1
    names: tuple[str, ...] = tuple(scenario.name for scenario in SCENARIOS)

    @property
    def is_standard(self) -> bool:
        """Targets are meant for this page size and share."""
        return self.page_size is None and self.share is None

    @property
    def chosen(self) -> list[Scenario]:
        """In the order of the page."""
        return [scenario for scenario in SCENARIOS if scenario.name in self.names]

    def conditions(self, scenario: Scenario) -> Conditions:
        """Those of the scenario, with what the command line changes."""
        conditions = replace(scenario.conditions, seed=self.seed)
        if self.page_size is not None:
            conditions = replace(conditions, page_size=self.page_size)
        return conditions if self.share is None else replace(conditions, share=self.share)


def results(options: Options) -> dict[str, Found]:
    """By scenario and policy. The same options give the same results, however many processes there are."""
    plan = sorted(_plan(options.chosen), key=_cost, reverse=True)
    found: dict[str, Found] = {scenario.name: {} for scenario in options.chosen}
    with ProcessPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(_run, scenario, policy, options) for scenario, policy in plan]
        for count, one in enumerate(as_completed(waiting), 1):
            print(f"\r{count} of {len(plan)} runs", end="", file=sys.stderr, flush=True)
            for scenario, policy, result in one.result():
                found.setdefault(scenario, {})[policy] = result
    print(file=sys.stderr)
    return {scenario: _in_order(by_policy) for scenario, by_policy in found.items()}


def bounds(options: Options) -> dict[str, float]:
    """The bound on the mean lag of retrieves alone, seconds, of each scenario that has one."""
    names = [scenario.name for scenario in options.chosen if scenario.has_bound]
    with ProcessPoolExecutor(options.jobs) as pool:
        return dict(zip(names, pool.map(partial(_bound, options=options), names), strict=True))


def _bound(name: str, options: Options) -> float:
    scenario = _scenario(name)
    return bound(scenario.workload(options.seed), options.conditions(scenario))


def _plan(chosen: Iterable[Scenario]) -> Iterator[tuple[str, str]]:
    for scenario in chosen:
        policies = (scenarios.SYNCD, scenarios.EVERY_5) if scenario in SIX else scenario.policies
        yield from ((scenario.name, policy) for policy in policies)
    if set(SIX) <= set(chosen):
        yield SIX[0].name, scenarios.ONE_QUEUE


def _cost(run: tuple[str, str]) -> float:
    name, policy = run
    is_dear = policy in (
        scenarios.SYNCD,
        scenarios.ALONE,
        scenarios.RETRIEVES,
        scenarios.RETRIEVES_ALONE,
        scenarios.INFORMED,
        scenarios.INFORMED_RETRIEVES,
    )
    return _scenario(name).cost * (1.0 if is_dear else CHEAP)


def _run(name: str, policy: str, options: Options) -> list[tuple[str, str, Result]]:
    scenario = _scenario(name)
    if policy == scenarios.ONE_QUEUE:
        together = Queue(
            [each.workload(options.seed) for each in SIX], every(5.0), options.conditions(scenario)
        ).run()
        return [(each.name, policy, result) for each, result in zip(SIX, together, strict=True)]
    return [(name, policy, POLICIES[policy](scenario.workload(options.seed), options.conditions(scenario)))]


def _scenario(name: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def _in_order(found: Found) -> Found:
    order = [
        scenarios.SYNCD,
        scenarios.ALONE,
        scenarios.RETRIEVES,
        scenarios.RETRIEVES_ALONE,
        *scenarios.BASELINES,
        scenarios.EVERY_5,
        scenarios.ONE_QUEUE,
    ]
    order += [scenarios.INFORMED, scenarios.INFORMED_RETRIEVES, *scenarios.BOUNDS]
    return {policy: found[policy] for policy in order if policy in found}
