"""PubMed XML (`PubmedArticleSet`): the files of the yearly baseline and what `efetch` returns.

Elements: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from corpora.failure import Failure
from corpora.paper import Paper, Source, bare_doi
from corpora.sections import lay_out
from corpora.streams import MIB, RECORD_LIMIT, Stream, open_stream
from corpora.unreadable import Unreadable, refused

if TYPE_CHECKING:
    from lxml.etree import XMLPullParser, _Element

logger = logging.getLogger(__name__)

ROOT = "PubmedArticleSet"
ARTICLE = "PubmedArticle"
BOOK_ARTICLE = "PubmedBookArticle"
BLOCK = 1 << 16
_REPAIR = "Download the file again, or export the articles again from PubMed."


def read_pubmed(path: Path) -> Iterator[Paper | Failure]:
    """The articles of a PubMed XML file, and a failure for each that is none.

    Raises Unreadable where the file is damaged, no PubMed XML, or declares entities, after the complete
    articles before that place; and what `open_stream` raises.
    """
    with open_stream(path) as stream:
        for number, article in enumerate(_articles(stream), start=1):
            source = Source(path=path, place=f"record {number}")
            try:
                paper = _paper(article, source)
            except Unreadable as found:
                yield found.at(path, source.place)
            else:
                yield paper


def _articles(stream: Stream) -> Iterator["_Element"]:
    """Each article element when it is complete; it is emptied when the next one is asked for."""
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=(ROOT, ARTICLE, BOOK_ARTICLE),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    empty, found, held, flaw = True, False, 0, None
    while flaw is None and (block := stream.read1(BLOCK)):
        empty = False
        held += len(block)
        flaw = _feed(parser, block)
        for event, element in parser.read_events():
            if event == "start":
                _refuse_entities(element)
            elif element.tag != ROOT:
                found, held = True, 0
                yield element
                _forget(element)
        if held > RECORD_LIMIT:
            raise Unreadable(
                f"goes on for {RECORD_LIMIT // MIB} MiB, the limit for one record, without the end of an article",
                _REPAIR,
            )
    if empty:
        raise Unreadable("is empty", _REPAIR)
    _check_end(parser, flaw, found)


def _feed(parser: "XMLPullParser", block: bytes) -> str | None:
    """What is wrong with the XML, if anything: the articles before that place are still to be read."""
    from lxml import etree

    try:
        parser.feed(block)
    except etree.XMLSyntaxError as error:
        return str(error.msg)
    return None


def _check_end(parser: "XMLPullParser", flaw: str | None, found: bool) -> None:
    from lxml import etree

    if flaw is None:
        try:
            root = parser.close()
        except etree.XMLSyntaxError as error:
            flaw = str(error.msg)
    if flaw is not None:
        raise Unreadable(f"is damaged or no XML: {flaw}", _REPAIR)
    if not found:
        raise Unreadable(
            f"holds no PubMed article (its root element is <{root.tag}>)",
            f"Give PubMed XML, whose root is <{ROOT}>; other papers can be given as PDF, text or JSONL.",
        )


def _refuse_entities(element: "_Element") -> None:
    """Raise Unreadable for a file that declares entities, of which PubMed's own files have none.

    They are the way to read other files or to fill the memory (CWE-611, CWE-776).
    """
    declarations = element.getroottree().docinfo.internalDTD
    if declarations is not None and any(True for _ in declarations.iterentities()):
        raise Unreadable(
            "declares entities in its DOCTYPE, which is unsafe and not read",
            "Remove the declarations, or export the articles again from PubMed.",
        )


def _forget(element: "_Element") -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


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
            authors=_authors(citation),
            genes=_texts(citation, "GeneSymbolList/GeneSymbol"),
            keywords=_texts(citation, "KeywordList/Keyword"),
            mesh=_texts(citation, "MeshHeadingList/MeshHeading/DescriptorName"),
            publication_types=types,
            retracted="Retracted Publication" in types or _has_retraction(citation),
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
