"""docs/benchmarks.md and its pictures. What stands outside the marks is written by hand and stays."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.polling import pictures, scenarios
from bench.polling.runs import Options
from bench.polling.scenarios import RETRIEVES, SHARES, SIX, SYNCD, Found, Scenario
from bench.polling.table import BOUND, markdown, seconds, targets

DOCS = Path(__file__).resolve().parents[2] / "docs"
BENCHMARKS = DOCS / "benchmarks.md"
BEGIN_MARK, END_MARK = "<!-- begin: written by bench/polling -->", "<!-- end: written by bench/polling -->"
PICTURES = {
    "W2": "A business day",
    "W5": "A business day among 2,000 that never finish",
}
COLUMNS = (
    scenarios.BACKOFF,
    scenarios.EVERY_30,
    scenarios.ROUND_ROBIN,
    BOUND,
    scenarios.INFORMED_RETRIEVES,
    RETRIEVES,
    SYNCD,
    scenarios.INFORMED,
    scenarios.CLAIRVOYANT,
)
TOGETHER = (SYNCD, scenarios.EVERY_5, scenarios.ONE_QUEUE)


def write(options: Options, found: dict[str, Found], bounds_s: dict[str, float]) -> None:
    """Renew what stands between the marks, and the pictures."""
    for name, title in PICTURES.items():
        path = DOCS / "images" / f"lag-{name}.svg"
        pictures.draw_lags(path, f"{title}: how soon finished transcripts are seen", found[name])
    pictures.draw_shares(DOCS / "images" / "lag-share.svg", found, bounds_s)
    before, _, rest = BENCHMARKS.read_text(encoding="utf-8").partition(BEGIN_MARK)
    _, _, after = rest.partition(END_MARK)
    body = "\n".join(_body(options, found, bounds_s)).rstrip()
    BENCHMARKS.write_text(f"{before}{BEGIN_MARK}\n\n{body}\n\n{END_MARK}{after}", encoding="utf-8")


def _body(options: Options, found: dict[str, Found], bounds_s: dict[str, float]) -> Iterator[str]:
    says = f"Seconds of lag on average, seed {options.seed}."
    yield from ("## Means", "", says, "", *_means(options, found, bounds_s))
    for name, title in PICTURES.items():
        yield from (f"![{title}: share of transcripts seen within a time](images/lag-{name}.svg)", "")
    yield from ("## Lag against the share of the limits that is used", "", *_shares(found, bounds_s))
    yield from ("## Targets", "", "| workload | wanted, and what it is | |", "|---|---|---|")
    for scenario in options.chosen:
        for says, is_met in targets(scenario, found[scenario.name]):
            yield f"| {scenario.name} | {says} | {'met' if is_met else '**missed**'} |"
    yield from ("", "## Every run", "", *markdown(options.chosen, found, bounds_s))


def _means(options: Options, found: dict[str, Found], bounds_s: dict[str, float]) -> Iterator[str]:
    """The workloads that all policies were run on, the five workspaces, and what syncd makes of variants."""
    compared = [scenario for scenario in options.chosen if len(scenario.policies) > 2]
    means = _mean_lags(found, is_live=False)
    for name, bound_s in bounds_s.items():
        means[name][BOUND] = bound_s
    yield from _compared("workload", compared, COLUMNS, means)
    yield from _compared("five workspaces at once, live ones", SIX, TOGETHER, _mean_lags(found, is_live=True))
    yield from ("| variant, syncd | mean | p99 | max |", "|---|--:|--:|--:|")
    for scenario in options.chosen:
        if len(scenario.policies) == 1 and scenario not in SIX:
            lags = found[scenario.name][SYNCD].lags()
            numbers = " | ".join(seconds(value) for value in (lags.mean, lags.quantile(0.99), lags.longest))
            yield f"| {scenario.name}: {scenario.says} | {numbers} |"
    yield ""


def _mean_lags(found: dict[str, Found], *, is_live: bool) -> dict[str, dict[str, float]]:
    """Seconds, by scenario and policy."""
    return {
        name: {policy: result.lags(is_live=is_live).mean for policy, result in ours.items()}
        for name, ours in found.items()
    }


def _compared(
    head: str, rows: Iterable[Scenario], columns: tuple[str, ...], means: dict[str, dict[str, float]]
) -> Iterator[str]:
    yield f"| {head} | {' | '.join(columns)} |".replace(f" {SYNCD} |", f" **{SYNCD}** |")
    yield "|---" + "|--:" * len(columns) + "|"
    for scenario in rows:
        ours = means[scenario.name]
        cells = (seconds(ours[column]) if column in ours else "" for column in columns)
        yield f"| {scenario.name}: {scenario.says} | {' | '.join(cells)} |"
    yield ""


def _shares(found: dict[str, Found], bounds_s: dict[str, float]) -> Iterator[str]:
    """A row for each workload and policy, a column for each share."""
    shares = sorted(next(iter(SHARES.values())), reverse=True)
    yield f"| mean lag, seconds | {' | '.join(f'{share:.0%}' for share in shares)} |"
    yield "|---" + "|--:" * len(shares) + "|"
    for workload, by_share in SHARES.items():
        names = [by_share[share].name for share in shares]
        for policy in (SYNCD, RETRIEVES):
            means = (seconds(found[name][policy].lags().mean) for name in names)
            yield f"| {workload}: {policy} | {' | '.join(means)} |"
        yield f"| {workload}: {BOUND} | {' | '.join(seconds(bounds_s[name]) for name in names)} |"
    yield from ("", "![Mean lag against the share of the limits that is used](images/lag-share.svg)", "")
