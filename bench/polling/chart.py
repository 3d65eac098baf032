"""A picture of lags: which share of transcripts was seen within which time, one line for each policy."""

import math
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench.polling import scenarios
from bench.polling.result import Lags
from bench.polling.scenarios import Found
from bench.polling.table import seconds

WIDTH, HEIGHT = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 56, 640, 56, 384
FROM_S, TO_S = 0.1, 3600.0
TICKS = ((0.1, "0.1 s"), (1, "1 s"), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3600, "1 h"))
POINTS = 240

# A name, its class in the style below.
LINES = {
    scenarios.SYNCD: "own",
    scenarios.RETRIEVES: "own thin",
    scenarios.ROUND_ROBIN: "a",
    scenarios.EVERY_30: "b",
    scenarios.BACKOFF: "c",
    scenarios.INFORMED: "bound",
}
LIGHT = {
    "ink": "#1f2328",
    "grid": "#d1d9e0",
    "paper": "#ffffff",
    "own": "#0969da",
    "a": "#bc4c00",
    "b": "#8250df",
    "c": "#cf222e",
    "bound": "#59636e",
}
DARK = {
    "ink": "#e6edf3",
    "grid": "#3d444d",
    "paper": "#0d1117",
    "own": "#58a6ff",
    "a": "#f0883e",
    "b": "#bc8cff",
    "c": "#ff7b72",
    "bound": "#9198a1",
}
SHAPES = """text { font: 13px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 }
.line { fill: none; stroke-width: 2 } .own { stroke-width: 3.5 } .thin { stroke-width: 2; stroke-dasharray: 7 4 }
.bound { stroke-dasharray: 2 4 }"""


def write(path: Path, title: str, found: Found) -> None:
    """Draw one scenario."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(_drawing(title, found)) + "\n", encoding="utf-8")


def _drawing(title: str, found: Found) -> Iterator[str]:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    yield f"<style>{SHAPES}\n{_colours(LIGHT)}\n@media (prefers-color-scheme: dark) {{ {_colours(DARK)} }}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>'
    yield _text(LEFT, 26, title, "title")
    yield from _axes()
    shown = [policy for policy in LINES if policy in found]
    for policy in shown:
        yield f'<polyline class="line {LINES[policy]}" points="{_points(found[policy].lags())}"/>'
    yield from _legend(shown, found)
    yield "</svg>"


def _colours(scheme: dict[str, str]) -> str:
    filled = {"ink": "text", "paper": ".paper"}
    rules = [f"{filled[name]} {{ fill: {colour} }}" for name, colour in scheme.items() if name in filled]
    rules += [f".{name} {{ stroke: {colour} }}" for name, colour in scheme.items() if name not in filled]
    return " ".join(rules)


def _axes() -> Iterator[str]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"/>'
        yield _text(LEFT - 8, _y(share) + 4, f"{share:.0%}", anchor="end")
    for at_s, says in TICKS:
        yield f'<line class="grid" x1="{_x(at_s):.1f}" x2="{_x(at_s):.1f}" y1="{TOP}" y2="{BOTTOM}"/>'
        yield _text(_x(at_s), BOTTOM + 20, says, anchor="middle")
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 44, "from finished at Recall to seen by syncd", anchor="middle")


def _legend(shown: list[str], found: Found) -> Iterator[str]:
    for number, policy in enumerate(shown):
        y = TOP + 12 + 44 * number
        yield f'<line class="line {LINES[policy]}" x1="{RIGHT + 24}" x2="{RIGHT + 54}" y1="{y}" y2="{y}"/>'
        yield _text(RIGHT + 62, y + 4, policy)
        yield _text(RIGHT + 62, y + 20, f"mean {seconds(found[policy].lags().mean)} s")


def _points(lags: Lags) -> str:
    """Shares along the axis, from where the first was seen to where the last was."""
    steps = [math.exp(math.log(FROM_S) + step / POINTS * math.log(TO_S / FROM_S)) for step in range(POINTS + 1)]
    shares = [(at_s, lags.share_within(at_s)) for at_s in steps]
    last = next((number for number, (_, share) in enumerate(shares) if share == 1.0), POINTS)
    return " ".join(f"{_x(at_s):.1f},{_y(share):.1f}" for at_s, share in shares[: last + 1])


def _x(lag_s: float) -> float:
    return LEFT + (RIGHT - LEFT) * math.log(lag_s / FROM_S) / math.log(TO_S / FROM_S)


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _text(x: float, y: float, says: str, style: str = "", anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(says)}</text>'
