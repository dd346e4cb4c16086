"""Columns, told by the white between them.

Source: the search for tall strips of white follows T. M. Breuel, Two geometric algorithms for layout analysis (2002),
doi:10.1007/3-540-45869-7_23.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from corpora.pdf.grids import stops_of
from corpora.pdf.page import Bounds, Line, Page, Run, line_of, lines_of

_NARROWEST = 6.0
"""Points of the narrowest white between columns."""
_FEWEST = 5
"""Lines of a column, at least, where no other page has its gutter there."""
_STEP = 2.0
_SIDE = 0.17
"""Share of the text's width that the narrowest column takes."""
_LIKE = 0.55
_LETTERS = 14
"""Letters of the shortest lines, on average."""
_BROKEN = 2.2
"""Share of the letter size beyond which a space is none of a sentence, however wide it was set."""


@dataclass(frozen=True)
class Strip:
    """White between two columns."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Column:
    """Lines under each other, from the top, and the edges that they are set to."""

    lines: tuple[Line, ...]
    left: float
    right: float


def gutters_of(page: Page, obstacles: Sequence[Bounds]) -> list[float]:
    """The middles of the white between the columns of a page."""
    return [(strip.left + strip.right) / 2 for strip in _strips(page.runs, obstacles, ())] if page.runs else []


def columns_of(page: Page, obstacles: Sequence[Bounds], gutters: Sequence[float]) -> list[Column]:
    """The columns of a page in reading order.

    No column reaches across obstacles: rules, pictures and tables. Where other pages have their gutters, a line or
    two are enough for a column.
    """
    if not page.runs:
        return []
    strips = _strips(page.runs, obstacles, gutters)
    zones: list[list[Run]] = []
    for top, bottom in pairwise(_bounds_of_bands(strips)):
        band = [run for run in page.runs if top <= _middle(run) < bottom]
        inside = sorted(
            (strip for strip in strips if strip.top <= top and bottom <= strip.bottom), key=lambda s: s.left
        )
        edges = [float("-inf"), *((strip.left + strip.right) / 2 for strip in inside), float("inf")]
        zones += [
            [run for run in band if left <= (run.left + run.right) / 2 < right] for left, right in pairwise(edges)
        ]
    return [_column(lines_of(page.number, zone)) for zone in zones if zone]


def _bounds_of_bands(strips: Sequence[Strip]) -> list[float]:
    places = {place for strip in strips for place in (strip.top, strip.bottom)}
    return [float("-inf"), *sorted(places), float("inf")]


def _middle(run: Run) -> float:
    return run.baseline - 0.25 * run.size


def _column(lines: list[Line]) -> Column:
    lefts, rights = sorted(line.left for line in lines), sorted(line.right for line in lines)
    return Column(tuple(lines), lefts[len(lines) // 10], rights[(9 * len(lines)) // 10])


def _strips(runs: Sequence[Run], obstacles: Sequence[Bounds], gutters: Sequence[float]) -> list[Strip]:
    """The tallest strips of white that stand between text on both sides, none across another one."""
    size = median(run.size for run in runs)
    gap = max(_NARROWEST, 0.7 * size)
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    extent = min(run.top for run in runs) - 1, max(run.bottom for run in runs) + 1
    places = [left + _SIDE * (right - left)]
    while places[-1] + _STEP < right - _SIDE * (right - left) - gap:
        places.append(places[-1] + _STEP)
    found = [
        (strip, _FEWEST) for place in places for strip in _free(runs, obstacles, extent, place, gap, _FEWEST * size)
    ]
    found += [(strip, 1) for gutter in gutters for strip in _free(runs, obstacles, extent, gutter - gap / 2, gap, size)]
    chosen: list[Strip] = []
    # The tallest first: what stands beside a strip is looked at only where no taller one is in its way.
    for raw, fewest in sorted(found, key=lambda strip: strip[0].top - strip[0].bottom):
        width = _SIDE * (right - left)
        if all(_are_apart(raw, other, width, fewest == 1) for other in chosen):
            strip = _settled(runs, raw, size, fewest)
            if strip is not None and all(_are_apart(strip, other, width, fewest == 1) for other in chosen):
                chosen.append(strip)
    return chosen


def _are_apart(one: Strip, other: Strip, width: float, known: bool) -> bool:
    """Whether two strips can both be there: one above the other, or with a column between them and of like height."""
    if one.bottom <= other.top or other.bottom <= one.top:
        return True
    heights = one.bottom - one.top, other.bottom - other.top
    beside = one.right + width <= other.left or other.right + width <= one.left
    return beside and (known or min(heights) > _LIKE * max(heights))


def _free(
    runs: Sequence[Run],
    obstacles: Sequence[Bounds],
    extent: tuple[float, float],
    place: float,
    gap: float,
    shortest: float,
) -> Iterator[Strip]:
    """The strips at a place, from what crosses it to what crosses it next."""
    crossing = [
        (run.baseline - 0.75 * run.size, run.baseline + 0.2 * run.size)
        for run in runs
        if run.left < place + gap and run.right > place
    ]
    crossing += [(top, bottom) for x0, top, x1, bottom in obstacles if x0 < place - gap and x1 > place + 2 * gap]
    reach, last = extent
    for top, bottom in [*sorted(crossing), (last, last)]:
        if top - reach > shortest:
            yield Strip(place, place + gap, reach, top)
        reach = max(reach, bottom)


def _settled(runs: Sequence[Run], strip: Strip, size: float, fewest: int) -> Strip | None:
    """The strip at its full width, less the end of what stands above it; None where it parts no columns."""
    beside = [run for run in runs if strip.top <= _middle(run) < strip.bottom]
    lefts = lines_of(1, [run for run in beside if run.right <= strip.left + 0.1])
    rights = lines_of(1, [run for run in beside if run.left >= strip.right - 0.1])
    if not lefts or not rights:
        return None
    top = strip.top
    if strip.top >= min(run.top for run in runs):
        top = _below_spanning(lefts, rights, top, size)
    if not (_is_prose(lefts, fewest) and _is_prose(rights, fewest)):
        return None
    # Text of one side alone, such as a note under the page, stands under no column.
    bottom = min(strip.bottom, max(lefts[-1].bottom, rights[-1].bottom) + 0.5)
    return Strip(max(line.right for line in lefts), min(line.left for line in rights), top, bottom)


def _below_spanning(lefts: list[Line], rights: list[Line], top: float, size: float) -> float:
    """Where columns begin below something that spans them, whose last lines leave white there; takes these away."""
    while len(lefts) > 1 and len(rights) > 1:
        first, other = lefts[0], rights[0]
        end_of_paragraph = first.baseline < other.baseline - 0.8 * size and first.baseline - top < 1.7 * max(
            size, first.size
        )
        row = abs(first.baseline - other.baseline) < 0.5 * size and first.widest_gap > _BROKEN < other.widest_gap
        if not (end_of_paragraph or row):
            break
        top = lefts.pop(0).baseline + 0.2 * size
        if row:
            rights.pop(0)
    return top


def _is_prose(lines: Sequence[Line], fewest: int) -> bool:
    """Whether lines are those of columns rather than cells of a table or labels."""
    stops = [float("-inf"), *stops_of(lines), float("inf")]
    parts = [
        line_of(line.page, runs)
        for left, right in pairwise(stops)
        for line in lines
        if (runs := [run for run in line.runs if left <= run.left < right])
    ]
    broken = sum(line.widest_gap > _BROKEN for line in parts)
    letters = sum(len(line.text) for line in parts)
    return (
        len(lines) >= fewest
        and 3 * broken <= len(parts)
        and letters >= (_LETTERS if fewest > 1 else _LETTERS / 3) * len(parts)
    )
