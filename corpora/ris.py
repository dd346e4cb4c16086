"""RIS, the exchange format of citation managers: a tag a line, from TY to ER.

Tags: https://en.wikipedia.org/wiki/RIS_(file_format)
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.bibliography import entry, identifier, is_pubmed
from corpora.encoding import text_lines
from corpora.failure import Failure
from corpora.names import inverted
from corpora.paper import Paper, Source
from corpora.streams import RECORD_LIMIT, open_stream
from corpora.unreadable import Unreadable

# Some programs write one space, or none behind the dash.
_TAG = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: |$)(.*)")
_NO_RIS = "Export it again as RIS: records that begin with a line TY and end with a line ER."


def read_ris(path: Path) -> Iterator[Paper | Failure]:
    """The papers of a RIS file, and a failure for each record that is none.

    Raises Unreadable where it is empty or no RIS, and what `open_stream` and `text_lines` raise.
    """
    number = 0
    with open_stream(path) as stream:
        for number, (line, record) in enumerate(_records(text_lines(stream)), start=1):
            source = Source(path=path, place=f"line {line}")
            if record is None:
                yield Unreadable("ends before its end: there is no line ER", _NO_RIS).at(path, source.place)
            else:
                yield entry(_fields(record), source, number)
    if not number:
        raise Unreadable("holds no RIS record", _NO_RIS)


def _records(lines: Iterator[str]) -> Iterator[tuple[int, str | None]]:
    """The line at which each record begins, and the record; None for one that the end of the file cuts off."""
    record: list[str] = []
    begun = number = size = 0
    for number, line in enumerate(lines, start=1):
        tag, value = _tagged(line)
        if tag in ("TY", "ER") and record:
            yield begun, "\n".join([*record, "ER  - "])
            record, size = [], 0
        if tag == "TY":
            begun = number
        if tag == "TY" or (record and tag != "ER"):
            record.append(f"{tag}  - {value}" if tag else value)
            size += len(line)
        if size > RECORD_LIMIT:
            raise Unreadable("holds a record that does not end", _NO_RIS)
    if not number:
        raise Unreadable("is empty", _NO_RIS)
    if record:
        yield begun, None


def _tagged(line: str) -> tuple[str | None, str]:
    bare = line.rstrip("\n").lstrip("\ufeff")
    found = _TAG.match(bare)
    return (found.group(1), found.group(2).strip()) if found else (None, bare.strip())


def _fields(record: str) -> dict[str, Any]:
    import rispy

    # Addresses hold semicolons, at which rispy would part them.
    (found,) = rispy.loads(record, delimiter_tags_mapping={}, skip_unknown_tags=True)
    notes = " ".join(filter(None, (*found.get("notes", []), found.get("custom2"), *found.get("urls", []))))
    return {
        "title": found.get("title") or found.get("primary_title"),
        "abstract": found.get("abstract") or found.get("notes_abstract"),
        "doi": found.get("doi") or identifier(notes, "doi"),
        "pmid": _accession(found) or identifier(notes, "pmid"),
        "pmcid": identifier(notes, "pmcid"),
        "id": found.get("id"),
        "journal": _first(found, "journal_name", "alternate_title3", "secondary_title", "alternate_title2"),
        "published": found.get("date") or found.get("publication_year") or found.get("year"),
        "year": found.get("year") or found.get("publication_year"),
        "authors": [inverted(name) for name in found.get("authors") or found.get("first_authors") or []],
        "keywords": [word for line in found.get("keywords", []) for word in line.split(";")],
        "language": found.get("language"),
        "url": next((url for url in found.get("urls", []) if url.startswith("http")), None),
    }


def _first(found: dict[str, Any], *names: str) -> str | None:
    return next((found[name] for name in names if found.get(name)), None)


def _accession(found: dict[str, Any]) -> str | None:
    """The accession number where the database is PubMed; other ones number their records otherwise."""
    database = " ".join(str(found.get(name) or "") for name in ("name_of_database", "database_provider"))
    given = str(found.get("accession_number") or "")
    return given if is_pubmed(database) else identifier(given, "pmid")
