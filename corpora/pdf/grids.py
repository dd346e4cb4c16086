"""Tables: rows and cells told by rules and by the white between them."""

import re
from collections.abc import Sequence
from itertools import pairwise

from corpora.pdf.page import Bounds, Line, Page, Run, lines_of

LABEL = re.compile(
    r"((?:supplementary |extended data |suppl?\. )?(?:tables?|tab\.|fig\.|figs\.|figures?|schemes?|box|表|图) ?"
    r"[SA]?(?:\d+|[IVX]+\b)[A-Za-z]?)(?P<after> ?[.:|—–]| *$)?",
    re.IGNORECASE,
)
_TABLE = re.compile(r"(table|tab\.|表)$", re.IGNORECASE)
_REACH = 110.0
"""Points below the label of a table within which its first rule stands."""
_TALLEST = 0.75
"""Share of the page's height that a table takes at most."""
_SAME = 5.0
_CELL_GAP = 0.75


class Grid:
    """A table between rules: its edges, and its rows as lines whose cells are apart by tabs."""

    def __init__(self, bounds: Bounds, label: Run, lines: list[Line]) -> None:
        self.bounds = bounds
        self.label = label
        self.lines = lines


def ruled_tables(page: Page) -> list[Grid]:
    """The tables of a page whose label stands above rules of one length."""
    labels = [
        run
        for run, following in pairwise((*page.runs, *page.runs[:1]))
        if _TABLE.match(run.text) and (re.match(r"[SA]?[\dIVX]", following.text) or run.text.startswith("表"))
    ]
    labels += [run for run in page.runs if re.match(r"(table|tab\.|表)[SA]?\d", run.text, re.IGNORECASE)]
    rules = _whole(page.rules)
    tables = []
    for label in sorted(labels, key=lambda run: run.baseline):
        if bounds := _frame(label, rules, labels, page):
            runs = [run for run in page.runs if _within(run, bounds)]
            if rows := rows_of_cells(lines_of(page.number, runs)):
                tables.append(Grid(bounds, label, rows))
    return tables


def _whole(rules: Sequence[Bounds]) -> list[Bounds]:
    """Rules that are drawn cell by cell, as one."""
    joined: list[Bounds] = []
    for rule in sorted(rules, key=lambda rule: (round(rule[1]), rule[0])):
        if joined and abs(joined[-1][1] - rule[1]) < 1.5 and rule[0] <= joined[-1][2] + 2:
            left, top, right, bottom = joined[-1]
            joined[-1] = (left, top, max(right, rule[2]), max(bottom, rule[3]))
        else:
            joined.append(rule)
    return joined


def _frame(label: Run, rules: Sequence[Bounds], labels: Sequence[Run], page: Page) -> Bounds | None:
    """From the first rule under a label to the last one of the same length before the next label."""
    below = [
        rule
        for rule in rules
        if rule[0] - 12 <= label.left < rule[2] and label.bottom - 4 < rule[1] < label.top + _REACH
    ]
    if not below:
        return None
    first = min(below, key=lambda rule: rule[1])
    stop = min(
        (other.top for other in labels if other.top > first[1] and first[0] - 12 <= other.left < first[2]),
        default=page.height,
    )
    stop = min(stop, first[1] + _TALLEST * page.height)
    alike = [
        rule
        for rule in rules
        if first[1] < rule[1] < stop and abs(rule[0] - first[0]) < _SAME and abs(rule[2] - first[2]) < _SAME
    ]
    if not alike:
        return None
    last = max(alike, key=lambda rule: rule[1])
    return first[0], first[1], first[2], last[3]


def _within(run: Run, bounds: Bounds) -> bool:
    middle = (run.top + run.bottom) / 2
    return bounds[0] - 6 <= run.left and run.right <= bounds[2] + 6 and bounds[1] <= middle <= bounds[3]


def rows_of_cells(lines: Sequence[Line]) -> list[Line]:
    """The rows with a tab where one column of cells ends and the next begins, also where a cell is empty."""
    broken = [line for line in lines if line.widest_gap > _CELL_GAP] or list(lines)
    stops = stops_of(broken)
    for line in lines:
        cells: list[list[Run]] = [[] for _ in range(len(stops) + 1)]
        for run in line.runs:
            cells[sum(run.left >= stop for stop in stops)].append(run)
        # A run's own text holds no space; the joined line knows where spaces stand.
        line.text = "\t".join(_joined(cell, line.page) for cell in cells)
    return list(lines)


def _joined(cell: Sequence[Run], page: int) -> str:
    if not cell:
        return ""
    return " ".join(line.text for line in lines_of(page, cell))


def stops_of(lines: Sequence[Line]) -> list[float]:
    """Where columns of cells begin: behind white that no row crosses."""
    if not lines:
        return []
    gap = _CELL_GAP * sorted(line.size for line in lines)[len(lines) // 2]
    spans = sorted((run.left, run.right) for line in lines for run in line.runs)
    stops, reach = [], spans[0][1]
    for left, right in spans:
        if left - reach > gap:
            stops.append(left - 0.5)
        reach = max(reach, right)
    return stops
