"""Europe PMC's records (`responseWrapper`, `resultType=core`), as `search` returns them in XML.

Fields: https://europepmc.org/RestfulWebService and its Reference Guide.
"""

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from corpora.dates import dated
from corpora.elements import elements, string
from corpora.failure import Failure
from corpora.feeds.identifiers import identifier
from corpora.languages import language
from corpora.paper import Paper, Relation, RelationKind, Source
from corpora.sections import Part, lay_out
from corpora.streams import open_stream
from corpora.unreadable import Unreadable, attempted, refused

if TYPE_CHECKING:
    from lxml.etree import _Element

_RELATIONS: dict[str, RelationKind] = {
    "retraction in": "retracted by",
    "retraction of": "retraction of",
    "erratum in": "corrected by",
    "erratum for": "correction of",
    "expression of concern in": "concern expressed by",
    "expression of concern for": "expression of concern about",
    "preprint in": "published version of",
    "preprint of": "preprint of",
}
_HEADING = re.compile(r"<h\d\b[^>]*>(.*?)</h\d>", re.IGNORECASE | re.DOTALL)
# Titles and abstracts carry markup as text; a "<" that begins none of these is a sign of the text.
_MARKUP = re.compile(
    r"</?(?:a|b|br|div|em|h\d|i|italic|bold|li|ol|p|sc|section|span|strong|sub|sup|title|u|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"</?(?:br|div|li|ol|p|section|ul)(?:\s[^<>]*)?/?>", re.IGNORECASE)


def read_europepmc(path: Path) -> Iterator[Paper | Failure]:
    """The records of a page of Europe PMC's search, and a failure for each that is no paper.

    Raises Unreadable where the file is damaged or holds no record, after the complete records before that place; and
    what `open_stream` raises.
    """
    with open_stream(path) as stream:
        for number, result in enumerate(elements(stream, ("result",)), start=1):
            source = Source(path=path, place=f"record {number}")
            yield attempted(partial(_paper, result, source), source)


def _paper(result: "_Element", source: Source) -> Paper:
    title = _plain(_first(result, "title") or "") or None
    text, sections = lay_out([Part("title", title), *_abstract(_first(result, "abstractText") or "")])
    if not text:
        raise Unreadable("has neither title nor abstract", "Leave it out, or give its text as a file.")
    types = _texts(result, "pubTypeList/pubType")
    relations = tuple(_relations(result))
    pmid = _identifier(result, "pmid")
    published = dated(_first(result, "firstPublicationDate", "electronicPublicationDate", "pubYear"))
    year = _first(result, "journalInfo/yearOfPublication", "pubYear")
    try:
        return Paper(
            text=text,
            kind="abstract",
            title=title,
            pmid=pmid,
            pmcid=_identifier(result, "pmcid"),
            doi=_identifier(result, "doi"),
            id=None if pmid else _first(result, "id"),
            journal=_first(result, "journalInfo/journal/title", "bookOrReportDetails/publisher"),
            year=int(year) if year and re.fullmatch(r"\d{4}", year, re.ASCII) else None,
            published=published,
            language=language(_first(result, "language")),
            authors=tuple(_authors(result)),
            keywords=_texts(result, "keywordList/keyword"),
            mesh=_texts(result, "meshHeadingList/meshHeading/descriptorName"),
            publication_types=types,
            retracted=_is_retracted(types, relations),
            relations=relations,
            sections=sections,
            source=source,
        )
    except ValidationError as error:
        raise refused(error) from error


def _abstract(text: str) -> Iterator[Part]:
    """The parts of an abstract, under the headings that stand in it."""
    before, *parts = _HEADING.split(text)
    yield Part(None, _plain(before))
    for heading, part in zip(parts[::2], parts[1::2], strict=True):
        yield Part(_plain(heading) or None, _plain(part))


def _plain(text: str) -> str:
    """The text without markup, on one line."""
    return " ".join(unescape(_MARKUP.sub("", _BREAK.sub(" ", text))).split())


def _texts(element: "_Element", path: str) -> tuple[str, ...]:
    texts = (" ".join(string(found).split()) for found in element.iterfind(path))
    return tuple(filter(None, texts))


def _first(element: "_Element", *paths: str) -> str | None:
    return next((text for path in paths for text in _texts(element, path)), None)


def _identifier(result: "_Element", field: str) -> str | None:
    known = identifier(_first(result, field) or "")
    return known.value if known and known.kind == field else None


def _authors(result: "_Element") -> Iterator[str]:
    for author in result.iterfind("authorList/author"):
        if name := _first(author, "fullName", "lastName", "collectiveName"):
            yield name


def _relations(result: "_Element") -> Iterator[Relation]:
    for other in result.iterfind("commentCorrectionList/commentCorrection"):
        kind = _RELATIONS.get((_first(other, "type") or "").lower())
        known = identifier(_first(other, "id") or "")
        if kind and known and known.kind == "pmid" and _first(other, "source") in ("MED", None):
            yield Relation(kind=kind, pmid=known.value)


def _is_retracted(types: tuple[str, ...], relations: tuple[Relation, ...]) -> bool:
    named = any(kind.casefold() == "retracted publication" for kind in types)
    return named or any(relation.kind == "retracted by" for relation in relations)
