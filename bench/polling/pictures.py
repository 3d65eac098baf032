"""The pictures of the page: within which time finished transcripts are seen, and what a share of the budget does."""

from collections.abc import Iterator
from pathlib import Path

from bench.polling import scenarios
from bench.polling.chart import Axis, Line, write
from bench.polling.result import Lags
from bench.polling.scenarios import RETRIEVES, SHARES, SYNCD, Found
from bench.polling.table import seconds

LAG = Axis(
    "from finished at Recall to seen by syncd",
    ((0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h")),
    is_log=True,
)
SEEN = Axis("", tuple((share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)))
POINTS = 240
# A policy, its class in the style of a chart.
STYLES = {
    scenarios.SYNCD: "own",
    scenarios.RETRIEVES: "own thin",
    scenarios.ROUND_ROBIN: "a",
    scenarios.EVERY_30: "b",
    scenarios.BACKOFF: "c",
    scenarios.INFORMED: "bound",
}

SHARE = Axis(
    "share of both limits", ((0.1, "1/10"), (0.2, "1/5"), (0.5, "1/2"), (0.9, "9/10"), (1.0, " 1")), is_log=True
)
MEAN = Axis(
    "mean lag", ((0.3, "0.3 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (7200, "2 h")), is_log=True
)
SHARE_STYLES = {"W2": ("own", "own thin", "bound"), "W1": ("a", "a thin", "bound")}


def draw_lags(path: Path, title: str, found: Found) -> None:
    """Which share of transcripts was seen within which time, one line for each policy."""
    shown = (policy for policy in STYLES if policy in found)
    lags = ((policy, found[policy].lags()) for policy in shown)
    lines = (Line(policy, f"mean {seconds(ours.mean)} s", STYLES[policy], _seen(ours)) for policy, ours in lags)
    write(path, title, LAG, SEEN, lines)


def _seen(lags: Lags) -> list[tuple[float, float]]:
    """Shares along the axis, from where the first was seen to where the last was."""
    shares = [(at_s, lags.share_within(at_s)) for at_s in LAG.steps(POINTS)]
    last = next((number for number, (_, share) in enumerate(shares) if share == 1.0), POINTS)
    return shares[: last + 1]


def draw_shares(path: Path, found: dict[str, Found], bounds_s: dict[str, float]) -> None:
    """What the mean lag becomes where only a share of the limits may be used."""
    write(path, "Lag against the share of the limits that is used", SHARE, MEAN, _share_lines(found, bounds_s))


def _share_lines(found: dict[str, Found], bounds_s: dict[str, float]) -> Iterator[Line]:
    for workload, styles in SHARE_STYLES.items():
        names = {share: scenario.name for share, scenario in sorted(SHARES[workload].items())}
        for policy, style in zip((SYNCD, RETRIEVES), styles, strict=False):
            points = [(share, found[name][policy].lags().mean) for share, name in names.items()]
            yield Line(f"{workload}: {policy}", _ends(points), style, points)
        points = [(share, bounds_s[name]) for share, name in names.items()]
        yield Line(f"{workload}: bound without the list", _ends(points), styles[-1], points)


def _ends(points: list[tuple[float, float]]) -> str:
    return f"{seconds(points[0][1])} s .. {seconds(points[-1][1])} s"
