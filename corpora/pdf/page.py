"""A printed page: runs of letters, rules, areas and pictures where they stand."""

import re
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom, in points from the top left."""

_SUPERSCRIPT = str.maketrans("0123456789+-−–=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile(f"[{''.join(_LIGATURES)}]")
CJK = r"\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef"
_UNSPACED = re.compile(f"[{CJK}]")
# Shares of the letter size. Printed spaces are about a quarter, and narrower in tight lines.
_SPACE, _PRINTED_SPACE = 0.17, 0.06
_CELL_GAP = 1.2
_RAISED = 0.15
_SMALL = 0.82
_MOST = 0.85
"""Share of the letters of a line that say how it looks."""


@dataclass(frozen=True, slots=True)
class Run:
    """Letters in one style with no space between them."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    top: float
    bottom: float
    is_bold: bool = False
    is_italic: bool = False
    after_space: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page, counted from 1; sizes in points. `objects` says how much there is at all."""

    number: int
    width: float
    height: float
    runs: tuple[Run, ...]
    rules: tuple[Bounds, ...] = ()
    areas: tuple[Bounds, ...] = ()
    pictures: tuple[Bounds, ...] = ()
    objects: int = 0

    def holding(self, runs: Sequence[Run]) -> "Page":
        """The page with these runs only."""
        return replace(self, runs=tuple(runs))


@dataclass(slots=True)
class Line:
    """A printed line of one column, or a row of a table, whose cells are then apart by tabs.

    `size` and `baseline` are those of most of its letters; `is_bold` and `is_italic` hold where all of it is.
    """

    page: int
    runs: tuple[Run, ...]
    text: str
    size: float
    baseline: float
    left: float = field(init=False)
    right: float = field(init=False)
    top: float = field(init=False)
    bottom: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = min(run.left for run in self.runs)
        self.right = max(run.right for run in self.runs)
        self.top = min(run.top for run in self.runs)
        self.bottom = max(run.bottom for run in self.runs)

    @property
    def is_bold(self) -> bool:
        """Whether (nearly) all letters are bold; Greek ones may come from another font."""
        return self._share([run for run in self.runs if run.is_bold]) >= _MOST

    @property
    def is_italic(self) -> bool:
        """Whether (nearly) all letters are in italics."""
        return self._share([run for run in self.runs if run.is_italic]) >= _MOST

    def _share(self, runs: Sequence[Run]) -> float:
        letters = sum(sum(map(str.isalnum, run.text)) for run in self.runs)
        return sum(sum(map(str.isalnum, run.text)) for run in runs) / letters if letters else 0.0

    @property
    def widest_gap(self) -> float:
        """The widest space in it, as a share of the letter size."""
        return (
            max(
                (after.left - before.right for before, after in zip(self.runs, self.runs[1:], strict=False)),
                default=0.0,
            )
            / self.size
        )

    @property
    def has_cells(self) -> bool:
        """Whether it is broken by spaces that are wider than those of a sentence."""
        return self.widest_gap > _CELL_GAP


def line_of(page: int, runs: Sequence[Run]) -> Line:
    """The line that runs make, which stand in any order."""
    ordered = sorted(runs, key=lambda run: run.left)
    main = max(ordered, key=lambda run: (round(run.size, 1), len(run.text)))
    level = [run for run in ordered if run.size > _SMALL * main.size]
    weights: dict[tuple[float, float], int] = {}
    for run in level:
        style = (round(run.size, 1), round(run.baseline, 1))
        weights[style] = weights.get(style, 0) + len(run.text)
    size, baseline = max(weights, key=lambda style: weights[style])
    return Line(page, tuple(ordered), _text(ordered, size, baseline), size, baseline)


def _text(runs: Sequence[Run], size: float, baseline: float) -> str:
    text = ""
    for before, run in zip((None, *runs), runs, strict=False):
        printed = _written(run, size, baseline)
        text += " " + printed if before is not None and _is_apart(before, run) else printed
    return text


def _written(run: Run, size: float, baseline: float) -> str:
    text = _LIGATURE.sub(lambda found: _LIGATURES[found[0]], run.text)
    is_raised = run.size < _SMALL * size and run.baseline < baseline - _RAISED * size
    if is_raised and re.fullmatch(r"[0-9+\-−–=()]+", text):
        return text.translate(_SUPERSCRIPT)
    return text


def _is_apart(before: Run, run: Run) -> bool:
    gap, size = run.left - before.right, min(before.size, run.size)
    unspaced = bool(_UNSPACED.match(before.text[-1])) + bool(_UNSPACED.match(run.text[0]))
    if unspaced:
        # Chinese lines are stretched between letters; what stands far apart there is no other word.
        return unspaced == 1 and run.after_space and gap > _PRINTED_SPACE * size
    return gap > _SPACE * size or (run.after_space and gap > _PRINTED_SPACE * size)


def lines_of(page: int, runs: Sequence[Run]) -> list[Line]:
    """The lines of a column, from its top; what is raised or lowered belongs to the line that it stands in."""
    groups: list[list[Run]] = []
    anchors: list[tuple[float, float, int]] = []
    for run in sorted(runs, key=lambda run: (-round(run.size), run.baseline)):
        middle = run.baseline - 0.25 * run.size
        nearest = bisect_left(anchors, (run.baseline, 0.0, 0))
        fitting = [
            (abs(run.baseline - baseline), index)
            for baseline, size, index in anchors[max(0, nearest - 2) : nearest + 2]
            if baseline - 0.78 * size < middle < baseline + 0.25 * size and run.size > 0.45 * size
        ]
        if fitting:
            groups[min(fitting)[1]].append(run)
        else:
            insort(anchors, (run.baseline, run.size, len(groups)))
            groups.append([run])
    return sorted((line_of(page, group) for group in groups), key=lambda line: line.baseline)
