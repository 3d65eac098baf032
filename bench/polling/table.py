"""Results as lines of text, for a terminal and for the documents."""

import json
from collections.abc import Iterable, Iterator

from bench.polling.result import Lags, Result
from bench.polling.scenarios import SYNCD, Found, Scenario
from bench.polling.workload import HOUR

LAG_HEADS = "mean", "p50", "p99", "max", "live: mean", "live: p99", "first hour"
BOUND = "bound, retrieves only"
HEADS = ("policy", *LAG_HEADS, "retrieves", "lists", "never seen")


def terminal(
    chosen: Iterable[Scenario], found: dict[str, Found], bounds_s: dict[str, float], *, with_targets: bool
) -> Iterator[str]:
    """Lines in columns."""
    for scenario in chosen:
        yield f"\n{scenario.name}: {scenario.says}"
        rows = _rows(found[scenario.name])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
            yield "  " + "  ".join([row[0].ljust(widths[0]), *cells])
        if scenario.name in bounds_s:
            yield f"  {BOUND}: {seconds(bounds_s[scenario.name])}"
        for says, is_met in targets(scenario, found[scenario.name]) if with_targets else ():
            yield f"  {'met   ' if is_met else 'MISSED'}  {says}"


def markdown(chosen: Iterable[Scenario], found: dict[str, Found], bounds_s: dict[str, float]) -> Iterator[str]:
    """One table for each scenario with its targets."""
    for scenario in chosen:
        yield from (f"### {scenario.name}", "", f"{scenario.says[0].upper()}{scenario.says[1:]}.", "")
        heads, *rows = _rows(found[scenario.name])
        yield f"| {' | '.join(heads)} |"
        yield "|---" + "|--:" * (len(heads) - 1) + "|"
        for name, *cells in rows:
            yield f"| {' | '.join([f'**{name}**' if name == SYNCD else name, *cells])} |"
        yield ""
        if scenario.name in bounds_s:
            yield from (f"Bound on the mean of retrieves only: {seconds(bounds_s[scenario.name])}.", "")
        judged = list(targets(scenario, found[scenario.name]))
        if judged:
            judgements = (f"{says}: {'met' if is_met else '**missed**'}" for says, is_met in judged)
            yield from (f"Targets: {'; '.join(judgements)}.", "")


def targets(scenario: Scenario, found: Found) -> Iterator[tuple[str, bool]]:
    """What was wanted and what it is, and whether that is enough."""
    for target in scenario.targets:
        value = target.value(found)
        wanted = f"{target.says} {'>=' if target.is_least else '<='} {target.limit:g}"
        yield f"{wanted}, is {value:.2f}", target.is_met(value)


def as_json(seed: int, found: dict[str, Found], bounds_s: dict[str, float]) -> str:
    """Mean lags in seconds by scenario and policy, with the bounds, in one line."""
    means = {name: {policy: result.lags().mean for policy, result in ours.items()} for name, ours in found.items()}
    for name, bound_s in bounds_s.items():
        means[name][BOUND] = bound_s
    return json.dumps({"bench": "polling", "seed": seed, "mean_lag_s": means})


def _rows(found: Found) -> list[tuple[str, ...]]:
    """The heads, and a row for each policy; columns that say nothing are left out."""
    rows = [HEADS, *((policy, *_cells(result)) for policy, result in found.items())]
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return list(zip(*columns, strict=True))


def _cells(result: Result) -> Iterator[str]:
    lags = result.lags()
    yield from map(seconds, (lags.mean, lags.quantile(0.5), lags.quantile(0.99), lags.longest))
    live = result.lags(is_live=True) if result.has_backlog else Lags([])
    yield from (seconds(live.mean), seconds(live.quantile(0.99))) if live.sorted_s else ("", "")
    yield seconds(result.lags(to_s=HOUR).mean)
    yield from (f"{result.retrieves:,}", f"{result.lists:,}", f"{result.unseen:,}" if result.unseen else "")


def seconds(value: float) -> str:
    """Two digits where they can matter."""
    return f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
