"""The card of a citation: its paper, and the quote highlighted where it stands."""

from collections.abc import Iterable
from html import escape

from agent.citations.claim import Citation
from agent.proof.quotes import check
from corpora.paper import Paper as Stored
from page import paper, words
from page.cards import message
from page.paper import lang
from page.words import Language
from retrieval.errors import LibraryError
from retrieval.library import Library
from retrieval.sentences import sentence_spans

_SENTENCES_AROUND = 2
_CHARACTERS_AROUND = 700


def quote_card(number: int, citation: Citation, libraries: Iterable[Library], language: Language) -> str:
    """The card, read from the library anew; where the quote is no longer there, the reason instead."""
    stored, library, reason = _read(citation, libraries, language)
    if stored is None:
        told = message(words.NOT_VERIFIED.say(language, reason=reason), failed=True)
        return _framed(number, f"<h2>{_title_as_cited(citation, language)}</h2>{told}", language)
    facts = "".join(
        f"<li>{fact}</li>" for fact in paper.facts(stored, citation.section, citation.page, library, language)
    )
    verified = escape(words.VERIFIED.say(language, start=citation.start, end=citation.end))
    return _framed(
        number,
        f"<h2>{paper.retracted(stored, language)}{paper.title(stored, language)}</h2>"
        f'<p class="byline">{paper.byline(stored, language)}</p>'
        f"{_surroundings(stored, citation)}"
        f'<ul class="facts">{facts}</ul><p class="verified">{verified}</p>',
        language,
    )


def _read(citation: Citation, libraries: Iterable[Library], language: Language) -> tuple[Stored | None, str, str]:
    """The paper, checked, and its library's name; or None and the reason."""
    reason = words.NOT_OPEN.say(language, library=citation.library)
    for library in libraries:
        if library.name != citation.library:
            continue
        try:
            found = check(citation, library)
            if found is None:
                return library.paper(citation.paper_id), library.name, ""
        except LibraryError as error:
            found = str(error).rstrip(".")
        reason = found
    return None, citation.library, reason


def _title_as_cited(citation: Citation, language: Language) -> str:
    return escape(citation.title or words.NO_TITLE.say(language))


def _framed(number: int, content: str, language: Language) -> str:
    heading, close = escape(words.CITATION.say(language, number=number)), escape(words.CLOSE.say(language))
    return (
        f'<aside class="citation" tabindex="-1" aria-label="{heading}"><div class="card-head"><span>{heading}</span>'
        f'<button type="button" name="close" aria-label="{close}" title="{close}">×</button></div>{content}</aside>'
    )


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
