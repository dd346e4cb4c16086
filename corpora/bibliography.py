"""Entries of citation managers: what RIS, BibTeX, EndNote, CSL and tables of abstracts have in common."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from corpora.dates import dated
from corpora.failure import Failure
from corpora.jsonl import GenericRecord
from corpora.languages import language
from corpora.paper import Paper, Source, bare_doi
from corpora.unreadable import Unreadable, refused

_NOTED = {
    "pmid": re.compile(r"\bPMID\s*:?\s*([1-9]\d{0,8})\b", re.IGNORECASE | re.ASCII),
    "pmcid": re.compile(r"\b(PMC[1-9]\d{0,8})\b", re.IGNORECASE | re.ASCII),
    "doi": re.compile(r"\b(10\.\d{4,9}/[^\s;,\"<>]+)"),
}
_LINKED = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/([1-9]\d{0,8})\b", re.ASCII)


def identifier(text: str, kind: str) -> str | None:
    """A PMID, PMCID or DOI that stands in a note ("PMID: 123"), or a PMID in the address of a page of PubMed."""
    found = _NOTED[kind].search(text) or (_LINKED.search(text) if kind == "pmid" else None)
    return found.group(1) if found else None


def entry(fields: Mapping[str, Any], source: Source, number: int) -> Paper | Failure:
    """The paper of an entry, or why it is none.

    The fields are those of `GenericRecord`, and `date` in any form. An identifier, date, language or address that is
    malformed is left out: people type these, and the entry is not to be lost for it.
    """
    given = {name: value for name, value in fields.items() if value}
    cleaned = given | {
        "pmid": _pmid(given.get("pmid")),
        "pmcid": _pmcid(given.get("pmcid")),
        "doi": _doi(given.get("doi")),
        "published": dated(_string(given.get("published") or given.get("date"))),
        "year": (dated(_string(given.get("year"))) or "")[:4] or None,
        "language": language(_string(given.get("language"))),
        "url": _url(given.get("url")),
        "id": _string(given.get("id")) or None,
    }
    try:
        return GenericRecord.model_validate(cleaned).paper(source, number)
    except ValidationError as error:
        return refused(error).at(source.path, source.place)
    except Unreadable as found:
        return found.at(source.path, source.place)


def is_pubmed(database: str) -> bool:
    """Whether a database of records, as a citation manager names it, is PubMed, whose accession numbers are PMIDs."""
    return any(name in database.lower() for name in ("pubmed", "medline", "nlm"))


def _string(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) else ""


def _pmid(value: Any) -> str | None:
    found = re.fullmatch(r"(?:PMID\s*:?\s*)?([1-9]\d{0,8})(?:\.0)?", _string(value), re.IGNORECASE | re.ASCII)
    return found.group(1) if found else None


def _pmcid(value: Any) -> str | None:
    found = re.fullmatch(r"(?:PMCID\s*:?\s*)?(?:PMC)?([1-9]\d{0,8})", _string(value), re.IGNORECASE | re.ASCII)
    return f"PMC{found.group(1)}" if found else None


def _doi(value: Any) -> str | None:
    try:
        return bare_doi(_string(value))
    except ValueError:
        return None


def _url(value: Any) -> str | None:
    address = _string(value)
    return address if re.match(r"https?://\S+$", address, re.IGNORECASE) else None
