"""What a paper says of itself, as HTML. Papers are untrusted: texts are escaped, links come from `page.links`."""

import re
from collections.abc import Iterator
from html import escape

from agent.citations.claim import Citation
from corpora.paper import Paper, PaperKind
from page import words
from page.links import doi_link, pubmed_link, web_link
from page.words import TAGS, Language, Phrase
from retrieval.hit import Hit

_KINDS: dict[PaperKind, Phrase] = {
    "abstract": words.ABSTRACT,
    "full text": words.FULL_TEXT,
    "digest": words.DIGEST,
}
_AUTHORS_SHOWN = 3
_HAN = re.compile(r"[\u4e00-\u9fff]")

Described = Paper | Hit


def title(paper: Described, language: Language, marked: bool = False) -> str:
    """The title, marked or not, as a link to the paper where there is one."""
    if not paper.title:
        return _absent(words.NO_TITLE, language)
    shown = f"<mark>{escape(paper.title)}</mark>" if marked else escape(paper.title)
    link = next(iter(links(paper, language)), None)
    titled = anchor(link[0], shown) if link else shown
    return f'<span{lang(paper.title)} dir="auto">{titled}</span>'


def retracted(paper: Described, language: Language) -> str:
    """A warning before the title of a retracted paper."""
    if not paper.retracted:
        return ""
    return f'<strong class="retracted">{escape(words.RETRACTED.say(language))}</strong> '


def byline(paper: Described, language: Language) -> str:
    """Authors, journal and year; what is missing is said to be."""
    authors = ", ".join(paper.authors[:_AUTHORS_SHOWN])
    if len(paper.authors) > _AUTHORS_SHOWN:
        authors = words.AND_OTHERS.say(language, authors=authors)
    parts = [
        escape(authors) if authors else _absent(words.NO_AUTHORS, language),
        f"<cite>{escape(paper.journal)}</cite>" if paper.journal else _absent(words.NO_JOURNAL, language),
        str(paper.year) if paper.year is not None else _absent(words.NO_YEAR, language),
    ]
    return " · ".join(parts)


def facts(paper: Described, section: str | None, page: int | None, library: str, language: Language) -> Iterator[str]:
    """What kind of text it is, where in the paper and in which library it stands, and links to the paper."""
    kind = escape(_KINDS[paper.kind].say(language))
    yield f'<span class="kind {"digest" if paper.kind == "digest" else "own"}">{kind}</span>'
    if page is not None:
        yield escape(words.PAGE.say(language, page=page))
    if section and section.lower() != "title":
        yield escape(words.SECTION.say(language, section=section))
    yield escape(words.LIBRARY.say(language, library=library))
    yield from (anchor(address, escape(label)) for address, label in links(paper, language))


def links(paper: Described | Citation, language: Language) -> Iterator[tuple[str, str]]:
    """Addresses of the paper with their labels, the most lasting first."""
    pubmed, doi, web = pubmed_link(paper.pmid), doi_link(paper.doi), web_link(paper.url)
    if pubmed:
        yield pubmed, f"PubMed {paper.pmid}"
    if doi:
        yield doi, f"DOI {paper.doi}"
    if web and web[0] not in (pubmed, doi):
        yield web[0], words.WEB_PAGE.say(language, host=web[1])


def anchor(address: str, content: str) -> str:
    """A link that opens elsewhere and tells nobody where it came from."""
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{content}</a>'


def lang(text: str) -> str:
    """The attribute that lets a screen reader and the fonts follow the text's own language."""
    return f' lang="{TAGS["zh" if _HAN.search(text) else "en"]}"'


def _absent(phrase: Phrase, language: Language) -> str:
    return f'<span class="absent">{escape(phrase.say(language))}</span>'
