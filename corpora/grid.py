"""Tables of XML and HTML as rows of cells, those that span rows or columns in every place that they span."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from corpora.elements import local
from corpora.streams import MIB, TEXT_LIMIT
from corpora.unreadable import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

# HTML 4.9.11: a cell never spans more columns.
_MOST_COLUMNS = 1000
_MOST_CELLS = 2_000_000


def grid(table: "_Element", text: Callable[["_Element"], str]) -> list[list[str]]:
    """The rows of a table, heads first as they stand, each cell as `text` reads it; tables in cells are their text.

    Raises Unreadable where spans make it larger than any text.
    """
    rows: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    cells = size = 0
    for row in _rows(table):
        filled: dict[int, str] = {}
        for column, (left, value) in list(below.items()):
            filled[column] = value
            below[column] = (left - 1, value)
            if left == 1:
                del below[column]
        column = 0
        for cell in _cells(row):
            value = " ".join(text(cell).split())
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            while column in filled:
                column += 1
            for spanned in range(column, column + min(width, _MOST_COLUMNS)):
                filled[spanned] = value
                size += len(value)
                if height > 1:
                    below[spanned] = (height - 1, value)
            column += min(width, _MOST_COLUMNS)
        line = [filled.get(column, "") for column in range(max(filled, default=-1) + 1)]
        cells += len(line)
        if size > TEXT_LIMIT or cells > _MOST_CELLS:
            raise Unreadable(
                f"holds a table whose cells span more than {TEXT_LIMIT // MIB} MiB of text", "Leave the table out."
            )
        rows.append(line)
    return rows


def _rows(table: "_Element") -> Iterator["_Element"]:
    for child in table:
        name = local(child)
        if name == "tr":
            yield child
        elif name in ("thead", "tbody", "tfoot"):
            yield from _rows(child)


def _cells(row: "_Element") -> Iterator["_Element"]:
    return (cell for cell in row if local(cell) in ("td", "th"))


def _span(cell: "_Element", name: str) -> int:
    """A span; 1 where it is none, and where HTML's 0 stands for the rest of the table."""
    given = cell.get(name, "1").strip()
    return max(1, int(given)) if given.isdecimal() and len(given) < 10 else 1
