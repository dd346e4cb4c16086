"""JATS XML, the full texts of PubMed Central, Europe PMC and many publishers.

Elements: https://jats.nlm.nih.gov/archiving/ ; how PMC uses them: https://pmc.ncbi.nlm.nih.gov/tagging-guidelines/
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from corpora.dates import calendar, dated, earliest, year_of
from corpora.elements import bare, elements
from corpora.failure import Failure
from corpora.jats_body import read_body
from corpora.jats_text import text_of
from corpora.languages import language
from corpora.names import author
from corpora.outline import Outline
from corpora.paper import Paper, Relation, RelationKind, Source, bare_doi
from corpora.sections import Part, lay_out
from corpora.streams import open_stream
from corpora.unreadable import Unreadable, attempted, refused

if TYPE_CHECKING:
    from lxml.etree import _Element

HREF = "{http://www.w3.org/1999/xlink}href"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ISSUE = frozenset("ppub collection issue epub-ppub".split())
_PUBLISHED = _ISSUE | frozenset("epub pub epreprint preprint".split())

_RELATED: dict[str, RelationKind] = {
    "retracted-article": "retraction of",
    "partial-retraction": "retraction of",
    "retraction-forward": "retracted by",
    "corrected-article": "correction of",
    "correction-forward": "corrected by",
    "object-of-concern": "expression of concern about",
    "expression-of-concern": "concern expressed by",
    "concern-forward": "concern expressed by",
    "preprint": "published version of",
}
# What a notice is to the articles that it names without saying how they are related.
_NOTICES: dict[str, RelationKind] = {
    "retraction": "retraction of",
    "partial-retraction": "retraction of",
    "correction": "correction of",
    "expression-of-concern": "expression of concern about",
}
_UNSAID = frozenset({"", "related-article", "companion", "article-reference", "corrected-article"})
# PubMed's names of publication types, so that one word means one thing in a library of both.
_TYPES = {
    "research-article": "Journal Article",
    "brief-report": "Journal Article",
    "rapid-communication": "Journal Article",
    "review-article": "Review",
    "systematic-review": "Systematic Review",
    "meta-analysis": "Meta-Analysis",
    "case-report": "Case Reports",
    "clinical-trial": "Clinical Trial",
    "editorial": "Editorial",
    "letter": "Letter",
    "reply": "Letter",
    "article-commentary": "Comment",
    "news": "News",
    "retraction": "Retraction of Publication",
    "retracted-article": "Retracted Publication",
    "correction": "Published Erratum",
    "expression-of-concern": "Expression of Concern",
    "preprint": "Preprint",
}


def read_jats(path: Path) -> Iterator[Paper | Failure]:
    """The articles of a JATS file, mostly one, and a failure for each that has no text.

    Raises Unreadable where the file is damaged, no JATS, or declares entities; and what `open_stream` raises.
    """
    with open_stream(path) as stream:
        for number, article in enumerate(elements(stream, ("{*}article",)), start=1):
            # The only article of its file needs no place in it.
            alone = article.getparent() is None
            source = Source(path=path, place=None if alone else f"record {number}")
            yield attempted(partial(article_paper, bare(article), source), source)


def article_paper(article: "_Element", source: Source) -> Paper:
    """An `article` element, its names without namespaces, as a paper. Raises Unreadable where it has no text."""
    meta = article.find("front/article-meta")
    if meta is None:
        raise Unreadable("holds no <article-meta>", "Download the full text again, as JATS XML.")
    title = _title(meta)
    body = _body(article, meta)
    text, sections = lay_out([Part("title", title), *body])
    if not text:
        raise Unreadable("has neither title nor text", "Leave it out, or give its text as a file.")
    kind = article.get("article-type", "").lower()
    relations = tuple(_relations(article, meta, kind))
    published = _published(meta)
    types = _types(meta, kind)
    try:
        return Paper(
            text=text,
            kind="full text" if _has_body(article) else "abstract",
            title=title or None,
            pmid=_id(meta, r"\d{1,9}", "pmid"),
            pmcid=_pmcid(meta),
            doi=_doi(_id(meta, r".+", "doi")),
            id=_id(meta, r".+", "publisher-id", "manuscript"),
            journal=_text(article, "front/journal-meta//journal-title", "front/journal-meta/journal-id"),
            year=year_of(_published(meta, _ISSUE)) or year_of(published),
            published=published,
            language=language(article.get(_LANG)),
            authors=_authors(meta),
            keywords=_keywords(meta),
            publication_types=types,
            retracted="Retracted Publication" in types or any(link.kind == "retracted by" for link in relations),
            relations=relations,
            sections=sections,
            source=source,
        )
    except ValidationError as error:
        raise refused(error) from error


def _has_body(article: "_Element") -> bool:
    body = article.find("body")
    return body is not None and bool("".join(body.itertext()).strip())


def _title(meta: "_Element") -> str:
    parts = (text_of(meta.find(f"title-group/{name}")) for name in ("article-title", "subtitle"))
    return ": ".join(filter(None, parts))


def _body(article: "_Element", meta: "_Element") -> list[Part]:
    outline = Outline()
    for name in ("abstract", "trans-abstract"):
        for abstract in meta.iterfind(name):
            outline.heading(1, text_of(abstract.find("title")) or "Abstract")
            read_body(abstract, outline, 2)
            outline.close(1)
    for name in ("body", "back", "floats-group"):
        for matter in article.iterfind(name):
            read_body(matter, outline)
            outline.close(1)
    return outline.parts()


def _text(element: "_Element", *paths: str) -> str | None:
    """The first text that is found under the paths."""
    return next((text for path in paths for found in element.iterfind(path) if (text := text_of(found))), None)


def _id(meta: "_Element", pattern: str, *kinds: str) -> str | None:
    for kind in kinds:
        given = _text(meta, f"article-id[@pub-id-type='{kind}']")
        if given and re.fullmatch(pattern, given, re.ASCII):
            return given.lstrip("0") if kind == "pmid" else given
    return None


def _pmcid(meta: "_Element") -> str | None:
    given = _id(meta, r"(PMC)?[1-9]\d{0,8}(\.\d+)?", "pmcid", "pmc")
    return f"PMC{given.removeprefix('PMC').partition('.')[0]}" if given else None


def _doi(given: str | None) -> str | None:
    """A DOI in its bare form; a malformed one does not cost the article."""
    try:
        return bare_doi(given) if given else None
    except ValueError:
        return None


def _published(meta: "_Element", kinds: frozenset[str] = _PUBLISHED) -> str | None:
    """The date of publication that is over first, of those kinds."""
    dates = [
        date for date in meta.iterfind("pub-date") if _kind(date) in kinds or (not _kind(date) and kinds != _ISSUE)
    ]
    return earliest(map(_date, dates))


def _kind(date: "_Element") -> str:
    return (date.get("pub-type") or date.get("date-type") or "").lower()


def _date(date: "_Element") -> str | None:
    parts = calendar(*(_text(date, part) for part in ("year", "month", "day")))
    return parts or dated(date.get("iso-8601-date")) or dated(_text(date, "string-date"))


def _authors(meta: "_Element") -> tuple[str, ...]:
    people = [
        contributor
        for group in meta.iterfind("contrib-group")
        for contributor in group.iterfind("contrib")
        if contributor.get("contrib-type", "author") == "author"
    ]
    return tuple(filter(None, map(_author, people)))


def _author(contributor: "_Element") -> str | None:
    name = next(
        (found for path in ("name", "name-alternatives/name", "string-name") for found in contributor.iterfind(path)),
        None,
    )
    if name is None:
        collective = contributor.find("collab")
        return None if collective is None else _collective(collective)
    return author(_text(name, "surname"), _text(name, "given-names")) or text_of(name) or None


def _collective(name: "_Element") -> str | None:
    """The name of a group; its members stand within it."""
    for members in name.findall("contrib-group"):
        name.remove(members)
    return text_of(name) or None


def _keywords(meta: "_Element") -> tuple[str, ...]:
    groups = [group for group in meta.iterfind("kwd-group") if group.get("kwd-group-type") != "abbreviations"]
    keywords = (text_of(keyword) for group in groups for keyword in group.iter("kwd"))
    return tuple(dict.fromkeys(filter(None, keywords)))


def _types(meta: "_Element", kind: str) -> tuple[str, ...]:
    """The type of the article by PubMed's name, then the headings under which the journal prints it."""
    named = _TYPES.get(kind, kind)
    printed = (
        text_of(subject)
        for subject in meta.iterfind("article-categories/subj-group[@subj-group-type='heading']/subject")
    )
    return tuple(dict.fromkeys(filter(None, (named, *printed))))


def _relations(article: "_Element", meta: "_Element", kind: str) -> Iterator[Relation]:
    """What the article is to others that it names by DOI or PMID."""
    matter = [meta, *article.iterfind("front/notes"), *article.iterfind("body")]
    seen: set[tuple[str, str]] = set()
    for link in (found for part in matter for found in part.iter("related-article", "related-object")):
        said = link.get("related-article-type", link.get("link-type", "")).lower()
        relation = _NOTICES.get(kind) if said in _UNSAID and kind in _NOTICES else _RELATED.get(said)
        name, value = _target(link)
        if relation and value and (relation, value) not in seen:
            seen.add((relation, value))
            yield Relation.model_validate({"kind": relation, name: value})


def _target(link: "_Element") -> tuple[str, str | None]:
    given = " ".join(filter(None, (link.get(HREF), text_of(link)))).strip()
    if found := re.search(r"\b10\.\d{4,9}/[^\s\"<>]+", given):
        return "doi", _doi(found.group().rstrip(".,;)"))
    if link.get("ext-link-type") in ("pubmed", "pmid") and (pmid := re.search(r"\b[1-9]\d{0,8}\b", given, re.ASCII)):
        return "pmid", pmid.group()
    return "title", _text(link, "article-title")
