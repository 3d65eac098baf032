"""Pictures: lines over two axes, in the colours of a light and a dark page."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 56, 640, 56, 384

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


@dataclass(frozen=True)
class Axis:
    """What is shown along one side: values between the first and the last tick."""

    says: str
    ticks: Sequence[tuple[float, str]]
    is_log: bool = False

    def at(self, value: float) -> float:
        """Where a value lies, 0..1."""
        low, high, value = (math.log(each) if self.is_log else each for each in (*self._ends, value))
        return (value - low) / (high - low)

    @property
    def _ends(self) -> tuple[float, float]:
        return self.ticks[0][0], self.ticks[-1][0]

    def steps(self, count: int) -> Iterator[float]:
        """Values from end to end, evenly spaced in the picture."""
        low, high = self._ends
        for step in range(count + 1):
            yield low * (high / low) ** (step / count) if self.is_log else low + (high - low) * step / count


@dataclass(frozen=True)
class Line:
    """One line and its place in the legend."""

    says: str
    note: str
    style: str
    points: Sequence[tuple[float, float]]


def write(path: Path, title: str, x: Axis, y: Axis, lines: Iterable[Line]) -> None:
    """Draw lines over two axes."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(_drawing(title, x, y, list(lines))) + "\n", encoding="utf-8")


def _drawing(title: str, x: Axis, y: Axis, lines: list[Line]) -> Iterator[str]:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    yield f"<style>{SHAPES}\n{_colours(LIGHT)}\n@media (prefers-color-scheme: dark) {{ {_colours(DARK)} }}</style>"
    yield f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>'
    yield _text(LEFT, 26, title, "title")
    yield from _axes(x, y)
    for line in lines:
        points = " ".join(f"{_x(x.at(at)):.1f},{_y(y.at(value)):.1f}" for at, value in line.points)
        yield f'<polyline class="line {line.style}" points="{points}"/>'
    yield from _legend(lines)
    yield "</svg>"


def _colours(scheme: dict[str, str]) -> str:
    filled = {"ink": "text", "paper": ".paper"}
    rules = [f"{filled[name]} {{ fill: {colour} }}" for name, colour in scheme.items() if name in filled]
    rules += [f".{name} {{ stroke: {colour} }}" for name, colour in scheme.items() if name not in filled]
    return " ".join(rules)


def _axes(x: Axis, y: Axis) -> Iterator[str]:
    for value, says in y.ticks:
        height = _y(y.at(value))
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>'
        yield _text(LEFT - 8, height + 4, says, anchor="end")
    for value, says in x.ticks:
        across = _x(x.at(value))
        yield f'<line class="grid" x1="{across:.1f}" x2="{across:.1f}" y1="{TOP}" y2="{BOTTOM}"/>'
        yield _text(across, BOTTOM + 20, says, anchor="middle")
    yield _text((LEFT + RIGHT) / 2, BOTTOM + 44, x.says, anchor="middle")
    yield _text(LEFT, TOP - 10, y.says)


def _legend(lines: list[Line]) -> Iterator[str]:
    for number, line in enumerate(lines):
        y = TOP + 12 + 44 * number
        yield f'<line class="line {line.style}" x1="{RIGHT + 24}" x2="{RIGHT + 54}" y1="{y}" y2="{y}"/>'
        yield _text(RIGHT + 62, y + 4, line.says)
        yield _text(RIGHT + 62, y + 20, line.note)


def _x(share: float) -> float:
    return LEFT + (RIGHT - LEFT) * share


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _text(x: float, y: float, says: str, style: str = "", anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(says)}</text>'
