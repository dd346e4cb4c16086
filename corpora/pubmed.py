"""PubMed XML (`PubmedArticleSet`): the files of the yearly baseline and what `efetch` returns.

Elements: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

import logging
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from corpora.dates import calendar, dated, earliest
from corpora.elements import elements
from corpora.failure import Failure
from corpora.languages import language
from corpora.paper import Paper, Relation, RelationKind, Source, bare_doi
from corpora.sections import lay_out
from corpora.streams import open_stream
from corpora.unreadable import Unreadable, attempted, refused
from corpora.withdrawal import Withdrawn

if TYPE_CHECKING:
    from lxml.etree import _Element

logger = logging.getLogger(__name__)

ARTICLE = "PubmedArticle"
BOOK_ARTICLE = "PubmedBookArticle"
DELETED = "DeleteCitation"
_RECORDS = (ARTICLE, BOOK_ARTICLE, DELETED)
_NOTHING = "holds no PubMed article (its root element is <{root}>)"
_REPAIR = "Download the file again, or export the articles again from PubMed."

_RELATIONS: dict[str, RelationKind] = {
    "RetractionIn": "retracted by",
    "RetractionOf": "retraction of",
    "ErratumIn": "corrected by",
    "ErratumFor": "correction of",
    "ExpressionOfConcernIn": "concern expressed by",
    "ExpressionOfConcernFor": "expression of concern about",
    "UpdateIn": "preprint of",
    "UpdateOf": "published version of",
}
# UpdateIn and UpdateOf also join the issues of a Cochrane review; a preprint is told by where it stands.
_PREPRINT_SERVER = re.compile(
    r"\b(bio|med|chem|ar|psy|eco)rxiv\b|\bres(earch)? sq(uare)?\b|\bssrn\b|\bpreprints?\b", re.I
)


def read_pubmed(path: Path) -> Iterator[Paper | Failure | Withdrawn]:
    """The articles of a PubMed XML file, a failure for each that is none, and what an update file deletes.

    Raises Unreadable where the file is damaged, no PubMed XML, or declares entities, after the complete
    articles before that place; and what `open_stream` raises.
    """
    with open_stream(path) as stream:
        for number, element in enumerate(elements(stream, _RECORDS, _NOTHING), start=1):
            source = Source(path=path, place=f"record {number}")
            if element.tag == DELETED:
                yield from (Withdrawn(pmid, source) for pmid in _texts(element, "PMID"))
                continue
            yield attempted(partial(_paper, element, source), source)


def _paper(article: "_Element", source: Source) -> Paper:
    if article.tag == BOOK_ARTICLE:
        raise Unreadable("is a chapter of a book, not an article", "Leave it out, or give its text as a file.")
    citation = article.find("MedlineCitation")
    if citation is None:
        raise Unreadable("holds no <MedlineCitation>", _REPAIR)
    title = _first(citation, "Article/ArticleTitle", "Article/VernacularTitle")
    text, sections = lay_out([("title", title), *_abstract(citation)])
    if not text:
        raise Unreadable("has neither title nor abstract", "Leave it out, or give its text as a file.")
    types = _texts(citation, "Article/PublicationTypeList/PublicationType")
    try:
        return Paper(
            text=text,
            kind="abstract",
            title=title,
            pmid=_first(citation, "PMID"),
            doi=_doi(article, source),
            journal=_first(citation, "Article/Journal/Title", "Article/Journal/ISOAbbreviation"),
            year=_year(citation),
            published=_published(citation),
            pmcid=_pmcid(article),
            language=next(filter(None, map(language, _texts(citation, "Article/Language"))), None),
            authors=_authors(citation),
            genes=_texts(citation, "GeneSymbolList/GeneSymbol"),
            keywords=_texts(citation, "KeywordList/Keyword"),
            mesh=_texts(citation, "MeshHeadingList/MeshHeading/DescriptorName"),
            publication_types=types,
            retracted="Retracted Publication" in types or _has_retraction(citation),
            relations=tuple(_relations(citation, "Preprint" in types)),
            sections=sections,
            source=source,
        )
    except ValidationError as error:
        raise refused(error) from error


def _texts(element: "_Element", path: str) -> tuple[str, ...]:
    """The texts under a path, empty ones left out."""
    texts = (_flat(found).strip() for found in element.iterfind(path))
    return tuple(text for text in texts if text)


def _flat(element: "_Element") -> str:
    """The text of an element without its inline markup."""
    # Most elements have none, and itertext is the slowest step of reading.
    return "".join(element.itertext()) if len(element) else element.text or ""


def _first(element: "_Element", *paths: str) -> str | None:
    return next((text for path in paths for text in _texts(element, path)), None)


def _abstract(citation: "_Element") -> Iterator[tuple[str | None, str]]:
    for part in citation.iterfind("Article/Abstract/AbstractText"):
        label = part.get("Label", "").strip()
        # NLM writes this label into the parts of structured abstracts that have no heading.
        yield None if label in ("", "UNLABELLED") else label, _flat(part)


def _doi(article: "_Element", source: Source) -> str | None:
    """The article's own DOI, not those of its references; a malformed one does not cost the article."""
    given = (
        *article.iterfind("PubmedData/ArticleIdList/ArticleId[@IdType='doi']"),
        *article.iterfind("MedlineCitation/Article/ELocationID[@EIdType='doi']"),
    )
    for element in filter(_is_valid, given):
        try:
            return bare_doi(_flat(element))
        except ValueError as error:
            logger.warning("%s: DOI left out: %s", source, error)
    return None


def _pmcid(article: "_Element") -> str | None:
    given = _first(article, "PubmedData/ArticleIdList/ArticleId[@IdType='pmc']")
    return given if given and re.fullmatch(r"PMC[1-9]\d{0,8}", given, re.ASCII) else None


def _published(citation: "_Element") -> str | None:
    """When the article was out: the day on the web or the date of the issue, whichever is over first."""
    places = ("Article/Journal/JournalIssue/PubDate", "Article/ArticleDate")
    return earliest(_date(element) for place in places for element in citation.iterfind(place))


def _date(element: "_Element") -> str | None:
    """A date by its parts; the beginning of a span of time ("1998 Dec-1999 Jan")."""
    if spelled := _first(element, "MedlineDate"):
        return dated(re.split(r"(?<=[A-Za-z\d])[-–]", spelled)[0])
    return calendar(*(_first(element, part) for part in ("Year", "Month", "Day")))


def _relations(citation: "_Element", is_preprint: bool) -> Iterator[Relation]:
    """What the article is to others, where these are named by PMID or DOI."""
    for link in citation.iterfind("CommentsCorrectionsList/CommentsCorrections"):
        kind = _RELATIONS.get(link.get("RefType", ""))
        reference = _first(link, "RefSource") or ""
        is_update = kind == "preprint of" and not is_preprint
        if kind is None or is_update or (kind == "published version of" and not _PREPRINT_SERVER.search(reference)):
            continue
        pmid, doi = _first(link, "PMID"), _printed_doi(reference)
        if pmid or doi:
            yield Relation(kind=kind, pmid=pmid, doi=doi)


def _printed_doi(reference: str) -> str | None:
    found = re.search(r"\b10\.\d{4,9}/\S+", reference)
    return bare_doi(found.group().rstrip(".,;)")) if found else None


def _year(citation: "_Element") -> int | None:
    """The year of the issue, or of the article on the web; the first one of "1998 Dec-1999 Jan"."""
    issue = "Article/Journal/JournalIssue/PubDate"
    for place in (f"{issue}/Year", f"{issue}/MedlineDate", "Article/ArticleDate/Year"):
        for date in _texts(citation, place):
            if year := re.search(r"\b(1[5-9]|2[01])[0-9]{2}\b", date):
                return int(year.group())
    return None


def _authors(citation: "_Element") -> tuple[str, ...]:
    authors = citation.iterfind("Article/AuthorList/Author")
    named = (_author(author) for author in authors if _is_valid(author))
    return tuple(name for name in named if name)


def _is_valid(element: "_Element") -> bool:
    """Whether this is not one that the publisher has since corrected."""
    return bool(element.get("ValidYN", "Y") == "Y")


def _author(author: "_Element") -> str | None:
    names = (_first(author, "LastName"), _first(author, "Initials", "ForeName"))
    return " ".join(filter(None, names)) or _first(author, "CollectiveName")


def _has_retraction(citation: "_Element") -> bool:
    return citation.find("CommentsCorrectionsList/CommentsCorrections[@RefType='RetractionIn']") is not None
