"""docs/benchmarks.md and its pictures. What stands outside the marks is written by hand and stays."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import chart
import scenes
from runs import Options
from scenes import SIX, SYNCD, Found, Scene
from table import markdown, seconds, targets

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "benchmarks.md"
BEGIN_MARK, END_MARK = "<!-- begin: written by bench/polling -->", "<!-- end: written by bench/polling -->"
PICTURES = {
    "W2": "A business day",
    "W5": "A business day among 2,000 that never finish",
}
COLUMNS = (scenes.BACKOFF, scenes.EVERY_30, scenes.ROUND_ROBIN, scenes.RETRIEVES, SYNCD, scenes.INFORMED)
COLUMNS += (scenes.CLAIRVOYANT,)
TOGETHER = (SYNCD, scenes.EVERY_5, scenes.ONE_QUEUE)


def write(options: Options, found: dict[str, Found]) -> None:
    """Renew what stands between the marks, and the pictures."""
    for name, title in PICTURES.items():
        path = DOCS / "images" / f"lag-{name}.svg"
        chart.write(path, f"{title}: how soon finished transcripts are seen", found[name])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN_MARK)
    _, _, after = rest.partition(END_MARK)
    body = "\n".join(_body(options, found)).rstrip()
    PAGE.write_text(f"{before}{BEGIN_MARK}\n\n{body}\n\n{END_MARK}{after}", encoding="utf-8")


def _body(options: Options, found: dict[str, Found]) -> Iterator[str]:
    yield from ("## BudgetView", "", f"Seconds of lag on average, seed {options.seed}.", "", *_means(options, found))
    for name, title in PICTURES.items():
        yield from (f"![{title}: share of transcripts seen within a time](images/lag-{name}.svg)", "")
    yield from ("## Targets", "", "| workload | wanted, and what it is | |", "|---|---|---|")
    for scene in options.chosen:
        for says, is_met in targets(scene, found[scene.name]):
            yield f"| {scene.name} | {says} | {'met' if is_met else '**missed**'} |"
    yield from ("", "## Every run", "", *markdown(options.chosen, found))


def _means(options: Options, found: dict[str, Found]) -> Iterator[str]:
    """The workloads that all policies were run on, the five workspaces, and what syncd makes of variants."""
    compared = [scene for scene in options.chosen if len(scene.policies) > 1]
    yield from _compared("workload", compared, COLUMNS, found, is_live=False)
    yield from _compared("five workspaces at once, live ones", SIX, TOGETHER, found, is_live=True)
    yield from ("| variant, syncd | mean | p99 | max |", "|---|--:|--:|--:|")
    for scene in options.chosen:
        if len(scene.policies) == 1 and scene not in SIX:
            lags = found[scene.name][SYNCD].lags()
            numbers = " | ".join(seconds(value) for value in (lags.mean, lags.quantile(0.99), lags.longest))
            yield f"| {scene.name}: {scene.says} | {numbers} |"
    yield ""


def _compared(
    head: str, rows: Iterable[Scene], columns: tuple[str, ...], found: dict[str, Found], *, is_live: bool
) -> Iterator[str]:
    yield f"| {head} | {' | '.join(columns)} |".replace(f" {SYNCD} |", f" **{SYNCD}** |")
    yield "|---" + "|--:" * len(columns) + "|"
    for scene in rows:
        ours = found[scene.name]
        means = (seconds(ours[policy].lags(is_live=is_live).mean) if policy in ours else "" for policy in columns)
        yield f"| {scene.name}: {scene.says} | {' | '.join(means)} |"
    yield ""
