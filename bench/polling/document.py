"""docs/benchmarks.md and its pictures. What stands outside the marks is written by hand and stays."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.polling import chart, scenarios
from bench.polling.runs import Options
from bench.polling.scenarios import SIX, SYNCD, Found, Scenario
from bench.polling.table import markdown, seconds, targets

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
    scenarios.RETRIEVES,
    SYNCD,
    scenarios.INFORMED,
    scenarios.CLAIRVOYANT,
)
TOGETHER = (SYNCD, scenarios.EVERY_5, scenarios.ONE_QUEUE)


def write(options: Options, found: dict[str, Found]) -> None:
    """Renew what stands between the marks, and the pictures."""
    for name, title in PICTURES.items():
        path = DOCS / "images" / f"lag-{name}.svg"
        chart.write(path, f"{title}: how soon finished transcripts are seen", found[name])
    before, _, rest = BENCHMARKS.read_text(encoding="utf-8").partition(BEGIN_MARK)
    _, _, after = rest.partition(END_MARK)
    body = "\n".join(_body(options, found)).rstrip()
    BENCHMARKS.write_text(f"{before}{BEGIN_MARK}\n\n{body}\n\n{END_MARK}{after}", encoding="utf-8")


def _body(options: Options, found: dict[str, Found]) -> Iterator[str]:
    yield from ("## Means", "", f"Seconds of lag on average, seed {options.seed}.", "", *_means(options, found))
    for name, title in PICTURES.items():
        yield from (f"![{title}: share of transcripts seen within a time](images/lag-{name}.svg)", "")
    yield from ("## Targets", "", "| workload | wanted, and what it is | |", "|---|---|---|")
    for scenario in options.chosen:
        for says, is_met in targets(scenario, found[scenario.name]):
            yield f"| {scenario.name} | {says} | {'met' if is_met else '**missed**'} |"
    yield from ("", "## Every run", "", *markdown(options.chosen, found))


def _means(options: Options, found: dict[str, Found]) -> Iterator[str]:
    """The workloads that all policies were run on, the five workspaces, and what syncd makes of variants."""
    compared = [scenario for scenario in options.chosen if len(scenario.policies) > 1]
    yield from _compared("workload", compared, COLUMNS, found, is_live=False)
    yield from _compared("five workspaces at once, live ones", SIX, TOGETHER, found, is_live=True)
    yield from ("| variant, syncd | mean | p99 | max |", "|---|--:|--:|--:|")
    for scenario in options.chosen:
        if len(scenario.policies) == 1 and scenario not in SIX:
            lags = found[scenario.name][SYNCD].lags()
            numbers = " | ".join(seconds(value) for value in (lags.mean, lags.quantile(0.99), lags.longest))
            yield f"| {scenario.name}: {scenario.says} | {numbers} |"
    yield ""


def _compared(
    head: str, rows: Iterable[Scenario], columns: tuple[str, ...], found: dict[str, Found], *, is_live: bool
) -> Iterator[str]:
    yield f"| {head} | {' | '.join(columns)} |".replace(f" {SYNCD} |", f" **{SYNCD}** |")
    yield "|---" + "|--:" * len(columns) + "|"
    for scenario in rows:
        ours = found[scenario.name]
        means = (seconds(ours[policy].lags(is_live=is_live).mean) if policy in ours else "" for policy in columns)
        yield f"| {scenario.name}: {scenario.says} | {' | '.join(means)} |"
    yield ""
