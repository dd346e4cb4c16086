"""Workbooks (.xlsx): a sheet a table."""

import warnings
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from zipfile import BadZipFile

from pydantic import ValidationError

from corpora.characters import storable
from corpora.failure import Failure
from corpora.outline import Outline, flat
from corpora.package import DOCUMENT, REPAIR, check_office, opened
from corpora.paper import Paper, Source
from corpora.sections import Part, lay_out
from corpora.streams import MIB, TEXT_LIMIT
from corpora.unreadable import Unreadable, refused

_MOST_CELLS = 5_000_000


def read_xlsx(path: Path) -> Iterator[Paper | Failure]:
    """The tables of a workbook as one paper, each sheet a section by its name.

    Raises Unreadable where it is none, damaged, encrypted, without values, or beyond the limits.
    """
    with opened(path, DOCUMENT) as package:
        check_office(package, "xl/workbook.xml")
    outline = Outline()
    title = _read(path, outline)
    parts = outline.parts()
    if not parts:
        raise Unreadable("has no cell with a value", "Give a workbook with values; formulas count once it was saved.")
    text, sections = lay_out([Part("title", title), *parts])
    try:
        yield Paper(text=text, kind="full text", title=title, sections=sections, source=Source(path=path))
    except ValidationError as error:
        raise refused(error) from error


def _read(path: Path, outline: Outline) -> str | None:
    """Write the sheets into an outline; the title in the workbook's properties."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    # It warns of what it does not read (validation, extensions), which is no part of a cell's value.
    warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")
    try:
        with path.open("rb") as stream:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            try:
                for sheet in book.worksheets:
                    # What a sheet says of its extent is wrong in the files of some programs.
                    sheet.reset_dimensions()
                    outline.table(_bounded(sheet.iter_rows(values_only=True)), flat(storable(sheet.title)))
                return flat(storable(book.properties.title or "")) or None
            finally:
                book.close()
    # openpyxl lets these through where it meets XML that is not what it expects.
    except (
        InvalidFileException,
        BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        SyntaxError,
    ) as error:
        raise Unreadable(f"is damaged or no workbook: {error}", REPAIR) from error


def _bounded(rows: Iterator[tuple[object, ...]]) -> Iterator[list[str]]:
    """The rows as text; raises Unreadable where they are beyond the limits."""
    cells = size = 0
    for row in rows:
        line = [_shown(value) for value in row]
        cells += len(line) + 1
        size += sum(map(len, line))
        if size > TEXT_LIMIT or cells > _MOST_CELLS:
            raise Unreadable(
                f"has more than {_MOST_CELLS} cells or {TEXT_LIMIT // MIB} MiB of text, the limit for one workbook",
                "Split the workbook.",
            )
        yield line


def _shown(value: object) -> str:
    """A value as a person would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return storable(str(value))
