"""PDF files as papers: their text in reading order, where it is printed, and the sections."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from corpora.dates import year_of
from corpora.failure import Failure
from corpora.paper import Paper, Source
from corpora.pdf.blocks import Block, Print, blocks_of, in_order
from corpora.pdf.columns import Column, columns_of, gutters_of
from corpora.pdf.front import doi_of, is_title, packet_of, published_of, with_title
from corpora.pdf.furniture import drawn_labels, without_furniture
from corpora.pdf.grids import Grid, ruled_tables
from corpora.pdf.hyphens import Words
from corpora.pdf.manuscript import Manuscript
from corpora.pdf.page import Bounds, Page
from corpora.pdf.program import REPAIR, damaged, opened
from corpora.streams import MIB, TEXT_LIMIT
from corpora.unreadable import Unreadable, refused

MARK = b"%PDF-"
MARK_WITHIN = 1024
"""Bytes at the beginning of a file within which the mark must stand (PDF 1.7 reference, appendix H, note 13)."""
PAGE_LIMIT = 5_000
"""Most pages of a file; a book of more is split."""
END = b"startxref"
_OCR = "Recognise its text first, for example with: ocrmypdf scanned.pdf readable.pdf."
_SCANNED = 0.85
"""Share of a page that the picture of a scan covers, margins and all."""
_STAMP = 120
"""Most characters that are stamped on a scan, such as where it was downloaded."""


def read_pdf(path: Path) -> Iterator[Paper | Failure]:
    """The paper of a PDF file; where some of its pages are scanned, these are named as a failure behind it.

    Raises Unreadable where it is encrypted, damaged, without text or too long, and OSError.
    """
    _refuse_others(path)
    with opened(path) as (count, metadata, found):
        if count > PAGE_LIMIT:
            raise Unreadable(f"has {count} pages, more than {PAGE_LIMIT}", "Split the file.")
        pages = list(_bounded(found))
    _refuse_missing(pages, count)
    scanned = _scanned(pages)
    packet = packet_of(path)
    try:
        yield _paper(path, pages, metadata, packet)
    except ValidationError as error:
        raise refused(error) from error
    if scanned:
        listed = ", ".join(map(str, scanned))
        yield Unreadable(f"has no text on scanned pages: {listed}", _OCR).at(path, f"page {listed}")


def _refuse_others(path: Path) -> None:
    with path.open("rb") as stream:
        head = stream.read(MARK_WITHIN)
        if not head:
            raise Unreadable("is empty", REPAIR)
        if MARK not in head:
            raise Unreadable(
                f"is not a PDF: it begins with {head[:20]!r}",
                "Download it again: where a login is needed, a web page is often saved in its place.",
            )
        stream.seek(max(0, path.stat().st_size - MIB))
        if END not in stream.read():
            # PDFium would mend the file and read what is left of it, which would mislead.
            raise damaged("its end is missing")


def _bounded(pages: Iterator[Page]) -> Iterator[Page]:
    length = 0
    for page in pages:
        length += sum(len(run.text.encode()) + 1 for run in page.runs)
        if length > TEXT_LIMIT:
            raise Unreadable(
                f"has more than {TEXT_LIMIT // MIB} MiB of text, the limit for one text", "Split the file."
            )
        yield page


def _refuse_missing(pages: Sequence[Page], count: int) -> None:
    """Raise Unreadable where pages are not there, for the paper would mislead, and where none has text."""
    if not count:
        raise Unreadable("has no pages", REPAIR)
    if len(pages) < count:
        raise damaged(f"only {len(pages)} of its {count} pages are there")
    if any(page.runs for page in pages) and len(_scanned(pages)) < len(pages):
        return
    if not any(page.objects for page in pages):
        raise damaged(f"nothing stands on its {count} pages")
    raise Unreadable(f"has no text on its {count} pages; it is probably a scan", _OCR)


def _scanned(pages: Sequence[Page]) -> list[int]:
    """The numbers of the pages that are a picture from edge to edge, and no text but a stamp."""
    return [
        page.number
        for page in pages
        if sum(len(run.text) for run in page.runs) <= _STAMP
        and any(
            (right - left) * (bottom - top) >= _SCANNED * page.width * page.height
            for left, top, right, bottom in page.pictures
        )
    ]


def _paper(path: Path, pages: Sequence[Page], metadata: dict[str, str], packet: str) -> Paper:
    cleared, furniture = without_furniture(pages)
    bare = [_without_tables(page) for page in cleared]
    gutters = [gutter for page, tables in bare for gutter in gutters_of(page, _obstacles(page, tables))]
    laid = [(columns_of(page, _obstacles(page, tables), sorted(set(gutters))), tables) for page, tables in bare]
    usual = Print.of(column for columns, _ in laid for column in columns)
    blocks = in_order([block for columns, tables in laid for block in _blocks(columns, tables, usual)])
    blocks = with_title(blocks, usual, pages[0].height)
    words = Words(line.text for columns, _ in laid for column in columns for line in column.lines)
    manuscript = Manuscript(words)
    manuscript.write(blocks)
    given = " ".join(metadata.get("Title", "").split())
    printed = next(
        (" ".join(manuscript.joined(block.lines).split()) for block in blocks if block.kind == "title"), None
    )
    published = published_of(packet)
    first_page = [line.text for line in furniture if line.page == 1]
    first_page += [line.text for column in laid[0][0] for line in column.lines]
    return Paper(
        text=manuscript.text,
        kind="full text",
        title=given if is_title(given) else printed,
        doi=doi_of(metadata, packet, first_page),
        published=published,
        year=year_of(published),
        page_starts=manuscript.page_starts(len(pages)),
        sections=tuple(manuscript.sections) if len(manuscript.sections) > 1 else (),
        boxes=tuple(manuscript.boxes),
        source=Source(path=path),
    )


def _without_tables(page: Page) -> tuple[Page, list[Grid]]:
    """The page without the cells of its tables and the labels in its figures, and the tables."""
    tables = ruled_tables(page)
    in_tables = {id(run) for table in tables for line in table.lines for run in line.runs}
    rest = page.holding([run for run in page.runs if id(run) not in in_tables])
    labels = drawn_labels(rest)
    return rest.holding([run for run in rest.runs if id(run) not in labels]), tables


def _obstacles(page: Page, tables: Sequence[Grid]) -> list[Bounds]:
    return [*page.rules, *page.pictures, *page.areas, *(table.bounds for table in tables)]


def _blocks(columns: Sequence[Column], tables: Sequence[Grid], usual: Print) -> Iterator[Block]:
    for column in columns:
        runs = {id(run) for line in column.lines for run in line.runs}
        yield from blocks_of(column, usual, [table for table in tables if id(table.label) in runs])
