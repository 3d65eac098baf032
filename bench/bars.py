"""Pictures of bars, in the colours of bench/polling/chart.py."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from bench.polling.chart import DARK, LIGHT

BARS_WIDTH, BAR, GAP = 860, 24, 12
BARS_LEFT, BARS_RIGHT, BARS_TOP = 250, 700, 48


@dataclass(frozen=True)
class Bar:
    """A value with its name, and whether it is ours."""

    name: str
    value: float
    is_own: bool


def write(path: Path, title: str, unit: str, bars: Sequence[Bar]) -> None:
    """Draw bars from the left, the longest over the whole width."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(_drawing(title, unit, bars)) + "\n", encoding="utf-8")


def _drawing(title: str, unit: str, bars: Sequence[Bar]) -> Iterator[str]:
    height = BARS_TOP + len(bars) * (BAR + GAP) + GAP
    size = f'viewBox="0 0 {BARS_WIDTH} {height}" role="img" aria-label="{escape(title)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    yield "<style>text { font: 13px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 }"
    yield _fills(LIGHT)
    yield f"@media (prefers-color-scheme: dark) {{ {_fills(DARK)} }}</style>"
    yield f'<rect class="paper" width="{BARS_WIDTH}" height="{height}"/>'
    yield f'<text class="title" x="{GAP}" y="28">{escape(title)}</text>'
    longest = max((bar.value for bar in bars), default=1.0) or 1.0
    for number, bar in enumerate(bars):
        y, length = BARS_TOP + number * (BAR + GAP), (BARS_RIGHT - BARS_LEFT) * bar.value / longest
        style = "own" if bar.is_own else "bound"
        yield f'<text x="{BARS_LEFT - 10}" y="{y + 17}" text-anchor="end">{escape(bar.name)}</text>'
        yield f'<rect class="{style}" x="{BARS_LEFT}" y="{y}" width="{length:.1f}" height="{BAR}"/>'
        yield f'<text x="{BARS_LEFT + length + 8:.1f}" y="{y + 17}">{bar.value:,.0f} {escape(unit)}</text>'
    yield "</svg>"


def _fills(scheme: dict[str, str]) -> str:
    names = {"ink": "text", "paper": ".paper", "own": ".own", "bound": ".bound"}
    return " ".join(f"{shown} {{ fill: {scheme[name]} }}" for name, shown in names.items())
