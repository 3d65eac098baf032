"""A picture of the queue over many polls: its size, and how long a claim takes, one line for each run."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from bench.bloat.polls import Sample
from bench.polling.chart import DARK, LIGHT

_WIDTH, _HEIGHT = 860, 340
_TOP, _BOTTOM, _PANEL = 70, 280, 340
_LEFTS = (60, 490)
_STYLES = ("own", "c", "a")
_SHAPES = """text { font: 13px system-ui, sans-serif } .title { font-size: 15px; font-weight: 600 }
.line { fill: none; stroke-width: 2.5 }"""

Lines = dict[str, list[tuple[int, float]]]


def write(path: Path, found: dict[str, list[Sample]]) -> None:
    """Draw both panels."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(_drawing(found)) + "\n", encoding="utf-8")


def _drawing(found: dict[str, list[Sample]]) -> Iterator[str]:
    title = "syncd.queue over a million polls, alone and beside an old snapshot"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">'
    yield f"<style>{_SHAPES}\n{_colours(LIGHT)}\n@media (prefers-color-scheme: dark) {{ {_colours(DARK)} }}</style>"
    yield f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>'
    sizes = {
        name: _line(each, lambda sample: (sample.table_size + sample.index_size) / 1e6)
        for name, each in found.items()
    }
    claims = {name: _line(each, lambda sample: sample.claim_ms) for name, each in found.items()}
    name, last = list(found.items())[-1]
    claims[f"{name}, from the start"] = _line(last, lambda sample: sample.claim_from_start_ms)
    yield from _panel(_LEFTS[0], "table and indexes, MB", sizes)
    yield from _panel(_LEFTS[1], "a claim of eight rows, ms", claims)
    yield "</svg>"


def _megabytes(sample: Sample) -> float:
    return (sample.table_size + sample.index_size) / 1e6


def _line(samples: Sequence[Sample], value: Callable[[Sample], float]) -> list[tuple[int, float]]:
    return [(sample.polls, value(sample)) for sample in samples]


def _panel(left: float, title: str, lines: Lines) -> Iterator[str]:
    most_polls = max(polls for line in lines.values() for polls, _ in line)
    most = 1.1 * max(value for line in lines.values() for _, value in line)
    yield _text(left, 26, title, "title")
    for share in (0, 0.5, 1):
        y, x = _BOTTOM - (_BOTTOM - _TOP) * share, left + _PANEL * share
        yield f'<line class="grid" x1="{left}" x2="{left + _PANEL}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(left - 6, y + 4, f"{most * share:,.0f}", anchor="end")
        yield _text(x, _BOTTOM + 20, f"{most_polls * share:,.0f}", anchor="middle")
    yield _text(left + _PANEL / 2, _BOTTOM + 42, "polls", anchor="middle")
    for number, (style, (name, line)) in enumerate(zip(_STYLES, lines.items(), strict=False)):
        points = " ".join(
            f"{left + _PANEL * polls / most_polls:.1f},{_BOTTOM - (_BOTTOM - _TOP) * value / most:.1f}"
            for polls, value in line
        )
        yield f'<polyline class="line {style}" points="{points}"/>'
        y = _TOP + 6 + 20 * number
        yield f'<line class="line {style}" x1="{left + 12}" x2="{left + 36}" y1="{y}" y2="{y}"/>'
        yield _text(left + 44, y + 4, name)


def _colours(scheme: dict[str, str]) -> str:
    filled = {"ink": "text", "paper": ".paper"}
    rules = [f"{filled[name]} {{ fill: {scheme[name]} }}" for name in filled]
    return " ".join([*rules, *(f".{name} {{ stroke: {scheme[name]} }}" for name in ("grid", *_STYLES))])


def _text(x: float, y: float, says: str, style: str = "", anchor: str = "start") -> str:
    named = f' class="{style}"' if style else ""
    return f'<text{named} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(says)}</text>'
