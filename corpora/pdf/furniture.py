"""Running headers, footers and page numbers: what stands at the same place on page after page."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from corpora.pdf.page import Line, Page, Run, lines_of

_MARGIN = 0.14
"""Share of the page's height, at its top and its bottom, in which furniture stands."""
_ROWS = 4
"""Rows at the top and at the bottom that may be furniture."""
_SHIFT = 6.0
"""Points by which its place may differ from page to page."""
_NUMBER = re.compile(
    r"(page |p\. ?|- ?|– ?|\| ?)?([0-9]{1,5}|[ivxl]{1,6})( ?-| ?–| ?\|)?(( of |/) ?[0-9]{1,4})?", re.IGNORECASE
)
_APART = 1.5
_FAR = 6.0
"""Share of the letter size that parts a page number from the rest of a running line."""


def without_furniture(pages: Sequence[Page]) -> tuple[list[Page], list[Line]]:
    """The pages without it, and the lines of it, page after page; a page that holds nothing else keeps it."""
    rows = [_rows(page) for page in pages]
    places: dict[tuple[str, bool], list[tuple[int, float]]] = defaultdict(list)
    for number, (page, found) in enumerate(zip(pages, rows, strict=True)):
        for line in found:
            places[_key(line, page)].append((number, _distance(line, page)))
    counts = Counter(place for page, found in zip(pages, rows, strict=True) for place in _counting(page, found))
    furniture = [
        [
            line
            for line in found
            if _repeats(places[_key(line, page)], number, _distance(line, page), len(pages))
            or any(counts[place] > 1 for place in _counting(page, [line]))
            or _is_page_number(line, found)
        ]
        for number, (page, found) in enumerate(zip(pages, rows, strict=True))
    ]
    known = {_place(line, page) for page, found in zip(pages, furniture, strict=True) for line in found}
    cleared, removed = [], []
    for page, found, running in zip(pages, rows, furniture, strict=True):
        # Left and right pages differ: what stands alone where others have theirs is its like.
        outermost = [line for line in found if line is found[0] or _key(line, page)[1] != _key(found[0], page)[1]][:2]
        running += [line for line in outermost if line not in running and _place(line, page) in known]
        gone = {id(run) for line in running for run in line.runs}
        kept = [run for run in page.runs if id(run) not in gone]
        cleared.append(page.holding(kept) if kept else page)
        removed += running if kept else []
    return cleared, removed


def _place(line: Line, page: Page) -> tuple[bool, int, int]:
    """On which side, how far from the edge, and in what size a line stands."""
    return line.baseline > page.height / 2, round(_distance(line, page)), round(2 * line.size)


def _counting(page: Page, rows: Sequence[Line]) -> set[tuple[bool, int, int]]:
    """Where a row begins or ends with a number that counts with the pages, and by how much it is ahead of them."""
    places = set()
    for line in rows:
        numbers = re.match(r"(\d{1,5})\b(?![.)\]])", line.text), re.search(r"(?<!\S)(\d{1,5})$", line.text)
        at = round(_distance(line, page) / _SHIFT)
        places |= {(line.baseline > page.height / 2, at, int(found[1]) - page.number) for found in numbers if found}
    return places


def _rows(page: Page) -> list[Line]:
    """The rows in the margins, from the outside, with all columns of a row together."""
    top = [run for run in page.runs if run.bottom < _MARGIN * page.height]
    bottom = [run for run in page.runs if run.top > (1 - _MARGIN) * page.height]
    return [*lines_of(page.number, top)[:_ROWS], *lines_of(page.number, bottom)[: -_ROWS - 1 : -1]]


def _key(line: Line, page: Page) -> tuple[str, bool]:
    """Its words without what counts up, and whether it stands at the bottom."""
    return re.sub(r"\d+", "#", line.text.lower()), line.baseline > page.height / 2


def _distance(line: Line, page: Page) -> float:
    return page.height - line.baseline if line.baseline > page.height / 2 else line.baseline


def _repeats(places: Sequence[tuple[int, float]], number: int, distance: float, pages: int) -> bool:
    """Whether it stands there on most pages, or on most of the left or right ones."""
    there = {other for other, at in places if abs(at - distance) < _SHIFT}
    if len(there) < 2:
        return False
    like = [other for other in range(pages) if other % 2 == number % 2]
    return 2 * len(there) >= pages or (len(there) >= 2 and 2 * len(there & set(like)) > len(like)) or len(there) >= 4


def _is_page_number(line: Line, rows: Sequence[Line]) -> bool:
    """Whether a row is a number, or ends far off in one, and stands apart from all others."""
    numbered = re.search(r"^\d{1,5} |(?<= )\d{1,5}$", line.text) and line.widest_gap > _FAR and line is rows[0]
    if not (_NUMBER.fullmatch(line.text) or numbered):
        return False
    return all(abs(line.baseline - other.baseline) > _APART * line.size for other in rows if other is not line)


def drawn_labels(page: Page) -> set[int]:
    """The ids of the runs that label what is drawn or pictured: few words a line within its edges."""
    labels: set[int] = set()
    for left, top, right, bottom in (*page.areas, *page.pictures):
        if (right - left) * (bottom - top) > 0.6 * page.width * page.height:
            continue
        inside: list[Run] = [
            run
            for run in page.runs
            if left - 1 <= (run.left + run.right) / 2 <= right + 1
            and top - 1 <= (run.top + run.bottom) / 2 <= bottom + 1
        ]
        lines = lines_of(page.number, inside)
        worded = sum(
            len(line.text) > 0.25 * (right - left) / max(line.size * 0.5, 1) and not line.has_cells for line in lines
        )
        if lines and 2 * worded < len(lines):
            labels |= {id(run) for run in inside}
    return labels
