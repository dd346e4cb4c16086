"""CSV and TSV of abstracts, a paper a row: also what PubMed, Zotero and Scopus export."""

import csv
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from corpora.bibliography import entry, identifier
from corpora.encoding import text_lines
from corpora.failure import Failure
from corpora.names import inverted
from corpora.paper import Paper, Section, Source
from corpora.sections import rows_of
from corpora.streams import MIB, RECORD_LIMIT, TEXT_LIMIT, open_stream
from corpora.unreadable import Unreadable

_NAMES = {
    "pmid": "pmid pubmedid pubmed",
    "pmcid": "pmcid pmc",
    "doi": "doi",
    "title": "title articletitle papertitle documenttitle ti 标题 题名 篇名 题目 文题",
    "abstract": "abstract abstractnote abstracttext summary ab 摘要 中文摘要",
    "text": "text fulltext content 全文 正文",
    "year": "year publicationyear pubyear yearpublished publishedyear py 年 年份 年度 发表年份 出版年",
    "published": "date publicationdate pubdate published publisheddate datepublished 发表时间 发表日期 出版日期",
    "journal": "journal journaltitle journalname journalbook publicationtitle publication source sourcetitle so "
    "期刊 刊名 来源 文献来源",
    "authors": "author authors authorsname au 作者",
    "keywords": "keyword keywords authorkeywords manualtags tags de 关键词",
    "language": "language la 语言 语种",
    "url": "url link 网址 链接",
    "id": "id key",
    "publication_types": "publicationtype publicationtypes documenttype",
    "note": "extra note notes",
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names.split()}
_TEXTS = frozenset({"abstract", "text"})
_IDENTITIES = frozenset("pmid pmcid doi journal authors year published".split())
_NEEDED = (
    "Name the columns in the first row: a title or an abstract, and what is known of pmid, doi, year, journal and "
    "authors; a table of measurements is no paper."
)


def read_abstract_table(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a table of abstracts, and a failure for each row that is none.

    Raises Unreadable where the table is empty or its columns are not those of papers, and what `open_stream` and
    `text_lines` raise.
    """
    # The limit is one for the whole process, and 128 KiB unless set: less than a full text has.
    csv.field_size_limit(RECORD_LIMIT)
    with open_stream(path) as stream:
        lines = text_lines(stream)
        head = list(islice(lines, 1))
        if not head or not head[0].strip():
            raise Unreadable("is empty", _NEEDED)
        rows = csv.reader(_rejoined(head, lines), delimiter=_delimiter(head[0], path))
        columns = _columns(_next(rows) or [])
        number = 0
        while (row := _next(rows)) is not None:
            if any(cell.strip() for cell in row):
                number += 1
                yield entry(_fields(row, columns), Source(path=path, place=f"line {rows.line_num}"), number)
    if not number:
        raise Unreadable("has no row below its header", "Give a table with a paper a row.")


def read_data_table(path: Path) -> Iterator[Paper | Failure]:
    """A table of anything as one paper: for what is known to belong to a paper. Raises like `read_abstract_table`."""
    csv.field_size_limit(RECORD_LIMIT)
    with open_stream(path) as stream:
        lines = text_lines(stream)
        head = list(islice(lines, 1))
        rows = csv.reader(_rejoined(head, lines), delimiter=_delimiter(next(iter(head), ""), path))
        text = rows_of(_bounded(rows))
    if not text:
        raise Unreadable("is empty", "Give a table with values in it.")
    sections = (Section(name=None, start=0, end=len(text), kind="table"),)
    yield Paper(text=text, kind="full text", sections=sections, source=Source(path=path))


def holds_papers(path: Path) -> bool:
    """Whether the columns of a table are those of papers; not where it cannot be read."""
    try:
        with open_stream(path) as stream:
            head = list(islice(text_lines(stream), 1))
            _columns(_next(csv.reader(head, delimiter=_delimiter(next(iter(head), ""), path))) or [])
    except (Unreadable, OSError, EOFError, zlib.error):
        return False
    return True


def _bounded(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    size = 0
    while (row := _next(rows)) is not None:
        size += sum(map(len, row))
        if size > TEXT_LIMIT:
            raise Unreadable(
                f"has more than {TEXT_LIMIT // MIB} MiB of text, the limit for one text", "Split the table."
            )
        yield row


def _rejoined(head: Sequence[str], lines: Iterator[str]) -> Iterator[str]:
    yield from head
    yield from lines


def _delimiter(head: str, path: Path) -> str:
    """Tabs in a TSV; else the sign that parts the header: Excel writes semicolons where commas stand in numbers."""
    if re.search(r"\.(tsv|tab)(\.gz)?$", path.name.lower()):
        return "\t"
    bare = re.sub(r'"[^"]*"', "", head)
    return max(",;\t", key=bare.count)


def _next(rows: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        raise Unreadable(
            f"is damaged or no table: {error}", "Look for a quotation mark that is not closed, and export it again."
        ) from error


def _columns(header: list[str]) -> list[str | None]:
    """The field that each column is; the first of several with the same meaning."""
    columns: list[str | None] = []
    for name in header:
        field = _FIELDS.get(re.sub(r"[\W_]+", "", name).casefold())
        columns.append(None if field in columns else field)
    found = {field for field in columns if field}
    if not (found & _TEXTS or ("title" in found and found & _IDENTITIES)):
        names = ", ".join(name.strip() for name in header[:20] if name.strip()) or "none"
        raise Unreadable(f"is a table without the columns of papers (found: {names[:200]})", _NEEDED)
    return columns


def _fields(row: list[str], columns: list[str | None]) -> dict[str, Any]:
    given: dict[str, Any] = {field: cell for field, cell in zip(columns, row, strict=False) if field and cell.strip()}
    note = given.pop("note", "") + " " + given.get("url", "")
    for name in ("pmid", "pmcid", "doi"):
        given.setdefault(name, identifier(note, name))
    given["authors"] = list(_authors(given.get("authors", "")))
    given["keywords"] = re.split(
        r"[;|]" if re.search(r"[;|]", given.get("keywords", "")) else ",", given.get("keywords", "")
    )
    return given


def _authors(cell: str) -> Iterator[str | None]:
    """Names apart by semicolons ("Yi, Joo Mi; Li, B"), else by commas ("Yi JM, Li B")."""
    parted = re.split(r"[;；|]", cell) if re.search(r"[;；|]", cell) else re.split(r"[,，、]", cell.rstrip(" ."))
    return (inverted(name) for name in parted)
