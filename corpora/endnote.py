"""EndNote XML: the records of a reference library, their texts in styled pieces."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpora.bibliography import entry, identifier, is_pubmed
from corpora.elements import bare, elements, string
from corpora.failure import Failure
from corpora.names import inverted
from corpora.outline import flat
from corpora.paper import Paper, Source
from corpora.streams import open_stream

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_endnote(path: Path) -> Iterator[Paper | Failure]:
    """The records of an EndNote XML file, and a failure for each that is none.

    Raises Unreadable where the file is damaged or declares entities, after the complete records before that place;
    and what `open_stream` raises.
    """
    with open_stream(path) as stream:
        for number, record in enumerate(elements(stream, ("record",)), start=1):
            yield entry(_fields(bare(record)), Source(path=path, place=f"record {number}"), number)


def _fields(record: "_Element") -> dict[str, Any]:
    addresses = _all(record, "urls//url")
    notes = " ".join((*_all(record, "notes"), *_all(record, "custom2"), *addresses))
    year, day = _first(record, "dates/year"), _first(record, "dates/pub-dates/date")
    return {
        "title": _first(record, "titles/title"),
        "abstract": _first(record, "abstract"),
        "doi": _first(record, "electronic-resource-num") or identifier(notes, "doi"),
        "pmid": _accession(record) or identifier(notes, "pmid"),
        "pmcid": identifier(notes, "pmcid"),
        "id": _first(record, "rec-number"),
        "journal": _first(record, "periodical/full-title", "titles/secondary-title", "alt-periodical/full-title"),
        # The day is often given without its year.
        "published": day if re.search(r"\d{4}", day or "") else " ".join(filter(None, (year, day))),
        "year": year,
        "authors": [inverted(name) for name in _all(record, "contributors/authors/author")],
        "keywords": [word for line in _all(record, "keywords/keyword") for word in re.split(r"[;\r\n]", line)],
        "language": _first(record, "language"),
        "url": next(iter(addresses), None),
    }


def _all(record: "_Element", path: str) -> list[str]:
    return [text for found in record.iterfind(path) if (text := flat(string(found)))]


def _first(record: "_Element", *paths: str) -> str | None:
    return next((text for path in paths for text in _all(record, path)), None)


def _accession(record: "_Element") -> str | None:
    """The accession number where it can only be PubMed's."""
    database = " ".join(_all(record, "remote-database-name") + _all(record, "remote-database-provider"))
    given = _first(record, "accession-num") or ""
    return None if database and not is_pubmed(database) else given
