"""Plots as SVG that stands by itself: no script, nothing fetched, dark where the reader's system is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import floor, log10

_WIDTH, _LEFT, _RIGHT = 720, 44, 12
_INNER = _WIDTH - _LEFT - _RIGHT
_TITLE, _ARM, _AXIS = 20, 44, 20
_ROW = 18
# A stem for every two dots of the screen: of more points on one side the farthest is drawn.
_SLOTS = _INNER // 2
_MOST_PANELS = 6
_MOST_ROWS = 40
_MOST_LETTERS = 28
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#23211e}.quiet{fill:#67615a}"
    "line{stroke:#8f887d;stroke-width:1}.level{stroke-dasharray:3 3;stroke:#b9b2a7}"
    ".low{stroke:#b9b2a7;stroke-width:1.5}.high{stroke:#0f766e;stroke-width:2}.dot{fill:#0f766e}"
    "@media(prefers-color-scheme:dark){text{fill:#e9e6e1}.quiet{fill:#aaa49c}line{stroke:#6b7178}"
    ".level,.low{stroke:#565c63}.high{stroke:#5eead4}.dot{fill:#5eead4}}"
)
_STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Point:
    """Something at a place of a sequence, counted from 1: `height` from -1 to 1, below the line where it is less."""

    place: int
    height: float


@dataclass(frozen=True)
class Panel:
    """What stands along one sequence of so many bases; points as far out as `level` are stressed.

    `above` and `below` say what the two sides of the line are.
    """

    title: str
    length: int
    points: Sequence[Point]
    level: float
    above: str = "+"
    below: str = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Interval:
    """A value of something named, between `low` and `high`."""

    name: str
    value: float
    low: float
    high: float


def along(panels: Sequence[Panel]) -> str:
    """A picture of sequences one below the other, each with stems at its points."""
    height = _TITLE + 2 * _ARM + _AXIS
    drawn = [
        f'<g transform="translate(0 {number * height})">{"".join(_panel(panel))}</g>'
        for number, panel in enumerate(panels[:_MOST_PANELS])
    ]
    return _picture(len(drawn) * height, drawn)


def intervals(title: str, found: Sequence[Interval], span: tuple[float, float] | None = None) -> str:
    """A picture of values with their intervals, one below the other; of a span where one is given."""
    shown = found[:_MOST_ROWS]
    low, high = span or (min(each.low for each in shown), max(each.high for each in shown))
    wide = 3 * _LEFT
    inner = _WIDTH - wide - _RIGHT
    scale = inner / ((high - low) or 1.0)

    def at(value: float) -> float:
        return wide + (value - low) * scale

    bottom = _TITLE + len(shown) * _ROW
    pieces = [_text(wide, 14, title)]
    if low < 0 < high:
        pieces.append(_line(at(0), _TITLE, at(0), bottom, "level"))
    for number, each in enumerate(shown):
        middle = _TITLE + number * _ROW + _ROW / 2
        pieces.append(_text(wide - 8, middle + 4, _short(each.name), "end"))
        pieces.append(_line(at(each.low), middle, at(each.high), middle, "low"))
        pieces.append(f'<circle class="dot" cx="{at(each.value):.1f}" cy="{middle:.1f}" r="3.5"/>')
    ticks = (value for value in _ticks(low, high) if low <= value <= high)
    pieces += [_text(at(value), bottom + 14, f"{value:g}", "middle", "quiet") for value in ticks]
    return _picture(bottom + _AXIS, pieces)


def _panel(panel: Panel) -> Iterator[str]:
    middle = _TITLE + _ARM
    yield _text(_LEFT, 14, panel.title)
    yield _line(_LEFT, middle, _WIDTH - _RIGHT, middle)
    for side, said in ((1, panel.above), (-1, panel.below)):
        if not said:
            continue
        edge = middle - side * _ARM * panel.level
        yield _line(_LEFT, edge, _WIDTH - _RIGHT, edge, "level")
        yield _text(_LEFT - 6, edge + 4, said, "end", "quiet")
    for point in _thinned(panel):
        across = _across(point.place, panel.length)
        manner = "high" if abs(point.height) >= panel.level else "low"
        yield _line(across, middle, across, middle - _ARM * max(-1.0, min(1.0, point.height)), manner)
    below = middle + _ARM + 14
    for value in _ticks(1, panel.length):
        if value >= 1 and _across(value, panel.length) < _WIDTH - _RIGHT - 50:
            yield _text(_across(value, panel.length), below, f"{value:,.0f}", "middle", "quiet")
    yield _text(_WIDTH - _RIGHT, below, f"{panel.length:,} bp", "end", "quiet")


def _thinned(panel: Panel) -> Iterator[Point]:
    """Of the points on one side of a slot the one that is farthest out."""

    def slot(point: Point) -> tuple[int, bool]:
        return int((point.place - 1) * _SLOTS / max(1, panel.length)), point.height < 0

    for _, together in groupby(sorted(panel.points, key=slot), key=slot):
        yield max(together, key=lambda point: abs(point.height))


def _across(place: float, length: int) -> float:
    return _LEFT + (place - 0.5) * _INNER / max(1, length)


def _ticks(low: float, high: float) -> Iterable[float]:
    """Four to eight round numbers from one end to the other."""
    raw = (high - low) / 6 or 1.0
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in _STEPS if factor * power >= raw)
    first = floor(low / step)
    return [number * step for number in range(first, first + 10) if low <= number * step <= high]


def _short(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS // 2 else f"{name[: _MOST_LETTERS // 2 - 1]}…"


def _text(across: float, down: float, said: str, anchor: str = "start", manner: str = "") -> str:
    named = f' class="{manner}"' if manner else ""
    return f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}"{named}>{escape(said)}</text>'


def _line(left: float, top: float, right: float, bottom: float, manner: str = "axis") -> str:
    return f'<line class="{manner}" x1="{left:.1f}" y1="{top:.1f}" x2="{right:.1f}" y2="{bottom:.1f}"/>'


def _picture(height: float, pieces: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}" role="img">'
    return f"{head}<style>{_STYLE}</style>{''.join(pieces)}</svg>\n"
