"""Retractions, corrections, expressions of concern and reinstatements: what has been said of a paper since.

Retraction Watch's columns: https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/
"""

import csv
import io
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from gzip import BadGzipFile
from itertools import zip_longest
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from corpora.characters import storable
from corpora.failure import Failure
from corpora.paper import Paper, RelationKind
from corpora.streams import open_stream
from corpora.unreadable import Unreadable

NoticeKind = Literal["retraction", "correction", "expression of concern", "reinstatement"]

COLUMNS = ("RetractionNature", "Title", "OriginalPaperDOI", "OriginalPaperPubMedID")
"""What a file of notices must have; RetractionDate, RetractionDOI, RetractionPubMedID and Reason are read if there."""

_READ = frozenset(
    name.lower() for name in (*COLUMNS, "RetractionDate", "RetractionDOI", "RetractionPubMedID", "Reason")
)
_KINDS: dict[str, NoticeKind] = {
    "retraction": "retraction",
    "correction": "correction",
    "expression of concern": "expression of concern",
    "reinstatement": "reinstatement",
}
_LONGEST_FIELD = 1 << 17
_SAID_OF_ITSELF: dict[RelationKind, NoticeKind] = {
    "retracted by": "retraction",
    "corrected by": "correction",
    "concern expressed by": "expression of concern",
}
_SAID_OF_ANOTHER: dict[RelationKind, NoticeKind] = {
    "retraction of": "retraction",
    "correction of": "correction",
    "expression of concern about": "expression of concern",
}
_ABSENT = frozenset({"", "0", "-", "n/a", "na", "none", "unavailable", "unknown"})
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_GET = "Download the file again: epicite fetch --source retractions."


@dataclass(frozen=True)
class Notice:
    """What was said of a paper, which is named by PMID, DOI or title, or several of them.

    DOIs are bare and lower case, `date` is that of the notice, as exact as the source (YYYY[-MM[-DD]]).
    """

    kind: NoticeKind
    pmid: str | None = None
    doi: str | None = None
    title: str | None = None
    date: str | None = None
    notice_pmid: str | None = None
    notice_doi: str | None = None
    reason: str | None = None


def read_notices(path: Path) -> Iterator[Notice | Failure]:
    """The notices of a Retraction Watch CSV (also .gz), and a failure for each row that is none; nothing raises.

    A row about several papers becomes a notice for each. Bytes that are no UTF-8, of which the published file has
    some, are read as Windows-1252.
    """
    # The limit is one for the whole process, and other readers raise it.
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        with open_stream(path) as stream, io.TextIOWrapper(stream, "utf-8-sig", "surrogateescape", newline="") as text:
            yield from _notices(text, path)
    except Unreadable as found:
        yield found.at(path)
    except (EOFError, zlib.error, BadGzipFile) as error:
        yield Unreadable(f"is damaged gzip: {error}", _GET).at(path)
    except OSError as error:
        yield Unreadable(f"cannot be read: {error.strerror or error}", "Check the path and its permissions.").at(path)


def notices_of(paper: Paper) -> Iterator[Notice]:
    """What a paper's own record says: of itself, or, where the paper is a notice, of the papers that it is about."""
    for relation in paper.relations:
        if kind := _SAID_OF_ITSELF.get(relation.kind):
            yield Notice(
                kind, paper.pmid, paper.doi, paper.title, notice_pmid=relation.pmid, notice_doi=_doi(relation.doi)
            )
        elif kind := _SAID_OF_ANOTHER.get(relation.kind):
            yield Notice(
                kind, relation.pmid, _doi(relation.doi), relation.title, paper.published, paper.pmid, paper.doi
            )


def _notices(text: io.TextIOWrapper, path: Path) -> Iterator[Notice | Failure]:
    rows = csv.reader(text)
    header = _header(rows)
    while True:
        place = f"line {rows.line_num + 1}"
        try:
            cells = next(rows)
            told = zip(header, cells, strict=False)
            yield from _said_by({name: _clean(cell) for name, cell in told if name in _READ})
        except StopIteration:
            return
        except csv.Error as error:
            yield Unreadable(f"is no row of CSV: {error}", _GET).at(path, place)
        except Unreadable as found:
            if any(cell.strip() for cell in cells):
                yield found.at(path, place)


def _header(rows: Iterator[list[str]]) -> list[str]:
    """The columns, in lower case."""
    try:
        found = [name.strip() for name in next(rows)]
    except StopIteration:
        raise Unreadable("is empty", _GET) from None
    except csv.Error as error:
        raise Unreadable(f"is no CSV: {error}", _GET) from error
    header = [name.lower() for name in found]
    if missing := [name for name in COLUMNS if name.lower() not in header]:
        shown = ", ".join(filter(None, found))
        raise Unreadable(
            f"has no column {', '.join(missing)} (it has: {shown})", f"Give Retraction Watch's CSV. {_GET}"
        )
    return header


def _said_by(row: Mapping[str, str]) -> Iterator[Notice]:
    nature = row.get("retractionnature", "")
    kind = _KINDS.get(nature.lower())
    if kind is None:
        raise Unreadable(f"has the unknown nature {nature!r}", f"Known are: {', '.join(_KINDS)}.")
    title = _given(row.get("title"))
    dois = _dois(row.get("originalpaperdoi"))
    pmids = _pmids(row.get("originalpaperpubmedid"))
    if not (title or dois or pmids):
        raise Unreadable("names no paper by DOI, PMID or title", "Complete the row, or leave it out.")
    for doi, pmid in zip_longest(dois, pmids) if dois or pmids else [(None, None)]:
        yield Notice(
            kind,
            pmid,
            doi,
            title,
            _date(row.get("retractiondate", "")),
            next(iter(_pmids(row.get("retractionpubmedid"))), None),
            next(iter(_dois(row.get("retractiondoi"))), None),
            _reason(row.get("reason", "")),
        )


def _clean(cell: str) -> str:
    """A cell on one line, its stray bytes read as Windows-1252, without characters that cannot be seen."""
    if cell.isascii() and cell.isprintable():
        return " ".join(cell.split())
    whole = re.sub(r"[\udc80-\udcff]+", lambda stray: _windows(stray.group()), cell)
    seen = "".join(letter for letter in whole if unicodedata.category(letter) != "Cf")
    return " ".join(storable(seen).split())


def _windows(stray: str) -> str:
    return stray.encode("ascii", "surrogateescape").decode("cp1252", "replace")


def _given(cell: str | None) -> str | None:
    return None if cell is None or cell.lower() in _ABSENT else cell


def _dois(cell: str | None) -> list[str]:
    # A semicolon alone does not part two DOIs: those of the nineties have some ("3.0.CO;2-2").
    parts = re.split(r"[;,|\s]+(?=(?:https?:|doi:|10\.\d{4})|$)", cell or "", flags=re.IGNORECASE)
    return list(dict.fromkeys(doi for doi in map(_doi, parts) if doi))


def _doi(text: str | None) -> str | None:
    """The DOI in a text, be it bare, behind a prefix or within a web address; None where there is none."""
    if text is None:
        return None
    is_address = text.lower().startswith(("http:", "https:"))
    found = _DOI.search(re.split(r"[?#]", unquote(text))[0] if is_address else text)
    return found.group().rstrip(".,;").lower() if found else None


def _pmids(cell: str | None) -> list[str]:
    # Spreadsheets write whole numbers as 123.0.
    found = re.findall(r"(?<![\w.])([1-9]\d{0,8})(?:\.0)?(?![\w.])", cell or "", re.ASCII)
    return list(dict.fromkeys(found))


def _date(cell: str) -> str | None:
    """A date as month/day/year, which Retraction Watch writes, or as year-month-day; None for anything else."""
    if found := re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", cell):
        year, month, day = map(int, found.groups())
    elif found := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", cell):
        month, day, year = map(int, found.groups())
        if month > 12:
            month, day = day, month
    else:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _reason(cell: str) -> str | None:
    """The reasons, which the file writes as "+Error in Data;+Plagiarism;"."""
    reasons = (reason.strip().removeprefix("+").strip() for reason in cell.split(";"))
    return "; ".join(filter(None, reasons)) or None
