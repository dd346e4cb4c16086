"""The card of a citation: its paper, and the quote highlighted where it stands; and that of a paper without a quote."""

from collections.abc import Callable, Iterable
from html import escape
from typing import TypeVar

from agent.citations.claim import Citation, Nearest
from agent.proof.quotes import check
from corpora.paper import Paper as Stored
from page import paper, words
from page.cards import message
from page.paper import lang
from page.reasons import said
from page.words import Language
from retrieval.errors import LibraryError, UnknownPaper
from retrieval.library import Library
from retrieval.sentences import sentence_spans

_SENTENCES_AROUND = 2
_CHARACTERS_AROUND = 700


def quote_card(number: int, citation: Citation, libraries: Iterable[Library], language: Language) -> str:
    """The card, read from the library anew; where the quote is no longer there, the reason instead."""
    heading = words.CITATION.say(language, number=number)
    stored, library, reason = _read(citation, check, libraries, language)
    if stored is None:
        told = message(words.NOT_VERIFIED.say(language, reason=said(reason, language)), failed=True)
        return _framed(heading, f"<h2>{_title_as_told(citation, language)}</h2>{told}", language)
    verified = escape(words.VERIFIED.say(language, start=citation.start, end=citation.end))
    facts = paper.facts(stored, citation.section, citation.page, library, language)
    content = _described(stored, _surroundings(stored, citation), facts, language)
    since = "".join(f'<p class="note">{escape(said(notice, language))}</p>' for notice in citation.notices)
    return _framed(heading, f'{content}{since}<p class="verified">{verified}</p>', language)


def paper_card(nearest: Nearest, libraries: Iterable[Library], language: Language) -> str:
    """The card of a paper that is not cited: how it begins; where it is gone, the reason instead."""
    heading = words.NEAREST.say(language)
    stored, library, reason = _read(nearest, _is_gone, libraries, language)
    if stored is None:
        told = message(words.NOT_SHOWN.say(language, reason=said(reason, language)), failed=True)
        return _framed(heading, f"<h2>{_title_as_told(nearest, language)}</h2>{told}", language)
    facts = paper.facts(stored, None, None, library, language)
    note = escape(words.NOT_CITED.say(language))
    content = _described(stored, _beginning(stored), facts, language)
    return _framed(heading, f'{content}<p class="note">{note}</p>', language)


def _described(stored: Stored, passage: str, facts: Iterable[str], language: Language) -> str:
    listed = "".join(f"<li>{fact}</li>" for fact in facts)
    return (
        f"<h2>{paper.retracted(stored, language)}{paper.title(stored, language)}</h2>"
        f'<p class="byline">{paper.byline(stored, language)}</p>{passage}<ul class="facts">{listed}</ul>'
    )


_Told = TypeVar("_Told", Citation, Nearest)


def _read(
    told: _Told, check: Callable[[_Told, Library], str | None], libraries: Iterable[Library], language: Language
) -> tuple[Stored | None, str, str]:
    """The paper, checked, and its library's name; or None and the reason."""
    reason = words.NOT_OPEN.say(language, library=told.library)
    for library in libraries:
        if library.name != told.library:
            continue
        try:
            found = check(told, library)
            if found is None:
                return library.paper(told.paper_id), library.name, ""
        except LibraryError as error:
            found = str(error).rstrip(".")
        reason = found
    return None, told.library, reason


def _is_gone(nearest: Nearest, library: Library) -> str | None:
    """Why a paper can no longer be shown."""
    try:
        is_same = library.paper(nearest.paper_id).sha256 == nearest.sha256
    except UnknownPaper:
        is_same = False
    return None if is_same else "the paper is no longer in the library"


def _title_as_told(told: Citation | Nearest, language: Language) -> str:
    return escape(told.title or words.NO_TITLE.say(language))


def _framed(heading: str, content: str, language: Language) -> str:
    heading, close = escape(heading), escape(words.CLOSE.say(language))
    return (
        f'<aside class="citation" tabindex="-1" aria-label="{heading}"><div class="card-head"><span>{heading}</span>'
        f'<button type="button" name="close" aria-label="{close}" title="{close}">×</button></div>{content}</aside>'
    )


def _beginning(stored: Stored) -> str:
    """The first sentences after the title."""
    begin = _title_end(stored)
    spans = sentence_spans(stored.text[begin : begin + _CHARACTERS_AROUND])
    if not spans:
        return ""
    first, last = begin + spans[0][0], begin + (spans[-2] if len(spans) > 1 else spans[-1])[1]
    is_whole = len(stored.text) <= begin + _CHARACTERS_AROUND
    last = len(stored.text.rstrip()) if is_whole else last
    text, more = stored.text[first:last], "" if is_whole else " …"
    return f'<blockquote class="passage"{lang(text)} dir="auto">{escape(text)}{more}</blockquote>'


def _surroundings(stored: Stored, citation: Citation) -> str:
    """The quote, marked, with some sentences before and after it, the title aside."""
    text = stored.text
    first, last = _bounds(stored, citation)
    before = ("… " if text[:first].strip() and first > _title_end(stored) else "") + text[first : citation.start]
    after = text[citation.end : last] + (" …" if text[last:].strip() else "")
    return (
        f'<blockquote class="passage"{lang(citation.quote)} dir="auto">{escape(before)}'
        f"<mark>{escape(text[citation.start : citation.end])}</mark>{escape(after)}</blockquote>"
    )


def _bounds(stored: Stored, citation: Citation) -> tuple[int, int]:
    begin = min(max(_title_end(stored), citation.start - _CHARACTERS_AROUND), citation.start)
    finish = min(len(stored.text), citation.end + _CHARACTERS_AROUND)
    breaks = [section.start - begin for section in stored.sections if begin < section.start < finish]
    spans = [(begin + start, begin + end) for start, end in sentence_spans(stored.text[begin:finish], breaks)]
    before = [start for start, _ in spans if start < citation.start][-_SENTENCES_AROUND:]
    after = [end for _, end in spans if end > citation.end][:_SENTENCES_AROUND]
    return (before or [citation.start])[0], (after or [citation.end])[-1]


def _title_end(stored: Stored) -> int:
    """Where the text goes on after the title, which the card shows already."""
    title = stored.title or ""
    if not title or not stored.text.startswith(title):
        return 0
    return len(stored.text) - len(stored.text[len(title) :].lstrip())
