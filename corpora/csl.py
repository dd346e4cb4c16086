"""CSL JSON, the exchange format of citation managers (Zotero, Mendeley, Crossref).

Fields: https://docs.citationstyles.org/en/stable/specification.html#appendix-iv-variables
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpora.bibliography import entry, identifier
from corpora.dates import calendar, dated
from corpora.failure import Failure
from corpora.json_items import items
from corpora.names import author
from corpora.outline import flat
from corpora.paper import Paper, Source

_MARKUP = re.compile(r"</?(?:i|b|sub|sup|sc|span|p|div|br|jats:[\w-]+|em|strong)\b[^>]*>", re.IGNORECASE)


def is_csl(fields: dict[str, Any]) -> bool:
    """Whether an object is an item of CSL JSON: it has a type, and fields that only CSL has."""
    return "type" in fields and bool({"container-title", "issued", "DOI", "PMID", "author"} & fields.keys())


def read_csl(path: Path) -> Iterator[Paper | Failure]:
    """The items of a CSL JSON file, and a failure for each that is none; raises what `items` raises."""
    for number, (item, _) in enumerate(items(path), start=1):
        fields = _fields(item) if isinstance(item, dict) else {}
        yield entry(fields, Source(path=path, place=f"record {number}"), number)


def _fields(item: dict[str, Any]) -> dict[str, Any]:
    note = str(item.get("note") or "")
    authors = item.get("author")
    return {
        "title": _plain(item.get("title")),
        "abstract": _plain(item.get("abstract")),
        "pmid": str(item.get("PMID") or "") or identifier(note, "pmid"),
        "pmcid": str(item.get("PMCID") or "") or identifier(note, "pmcid"),
        "doi": str(item.get("DOI") or "") or identifier(note, "doi"),
        "id": item.get("id"),
        "journal": _plain(item.get("container-title")),
        "published": _issued(item.get("issued")),
        "authors": [_author(one) for one in authors if isinstance(one, dict)] if isinstance(authors, list) else [],
        "keywords": re.split(r"[;,]", str(item.get("keyword") or "")),
        "language": item.get("language"),
        "url": item.get("URL"),
    }


def _plain(value: Any) -> str:
    """A text without the markup that CSL allows in it; Crossref gives lists of one."""
    first = value[0] if isinstance(value, list) and value else value
    return flat(_MARKUP.sub("", first)) if isinstance(first, str) else ""


def _issued(value: Any) -> str | None:
    if not isinstance(value, dict):
        return dated(str(value)) if value else None
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list):
        return calendar(*(None if part is None else str(part) for part in [*parts[0], None, None, None][:3]))
    return dated(str(value.get("raw") or value.get("literal") or ""))


def _author(name: dict[str, Any]) -> str | None:
    particle = " ".join(str(name[key]) for key in ("dropping-particle", "non-dropping-particle") if name.get(key))
    family = " ".join(filter(None, (particle, str(name.get("family") or ""))))
    return author(family or str(name.get("literal") or ""), str(name.get("given") or ""))
