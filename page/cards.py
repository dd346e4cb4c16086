"""Results as HTML. Papers are untrusted: every text is escaped, every link comes from `page.links`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

from page import words
from page.links import doi_link, pubmed_link, web_link
from page.words import TAGS, Language, Phrase
from retrieval.hit import Hit, SentenceHit

_KINDS: dict[str, Phrase] = {
    "abstract": words.ABSTRACT,
    "full text": words.FULL_TEXT,
    "digest": words.DIGEST,
}
_AUTHORS_SHOWN = 3
_HAN = re.compile(r"[\u4e00-\u9fff]")


def cards(hits: Iterable[Hit], language: Language) -> str:
    """The hits as an ordered list of cards."""
    items = "".join(f"<li>{_card(rank, hit, language)}</li>" for rank, hit in enumerate(hits, start=1))
    return f'<ol class="hits">{items}</ol>'


def message(text: str, heading: str | None = None, failed: bool = False) -> str:
    """A block that tells something instead of results."""
    manner, role = ("message failed", "alert") if failed else ("message", "status")
    head = f"<h2>{escape(heading)}</h2>" if heading else ""
    return f'<div class="{manner}" role="{role}">{head}<p>{_in_its_language(text)}</p></div>'


def notices(texts: Iterable[str]) -> str:
    """What the reader should know before reading the results."""
    return "".join(f'<p class="notice" role="status">{_in_its_language(text)}</p>' for text in texts)


def summary(text: str, searched_as: str | None, language: Language) -> str:
    """How much was found and, where the question was translated, the English text that was searched."""
    translated = ""
    if searched_as is not None:
        label = escape(words.SEARCHED_AS.say(language))
        translated = f'<br><span class="searched-as">{label} <q lang="en">{escape(searched_as)}</q></span>'
    return f'<p class="summary" role="status">{escape(text)}{translated}</p>'


def _card(rank: int, hit: Hit, language: Language) -> str:
    return (
        f'<article class="hit"><h2><span class="rank">{rank}</span> {_retracted(hit, language)}'
        f"{_title(hit, language)}</h2>"
        f'<p class="byline">{_byline(hit, language)}</p>'
        f"{_passage(hit)}"
        f'<ul class="facts">{"".join(f"<li>{fact}</li>" for fact in _facts(hit, language))}</ul></article>'
    )


def _retracted(hit: Hit, language: Language) -> str:
    if not hit.retracted:
        return ""
    return f'<strong class="retracted">{escape(words.RETRACTED.say(language))}</strong> '


def _title(hit: Hit, language: Language) -> str:
    if not hit.title:
        return _absent(words.NO_TITLE, language)
    title = escape(hit.title)
    if _title_length(hit) == len(hit.text):
        title = f"<mark>{title}</mark>"
    link = next(iter(_links(hit, language)), None)
    titled = _anchor(link[0], title) if link else title
    return f'<span{_lang(hit.title)} dir="auto">{titled}</span>'


def _byline(hit: Hit, language: Language) -> str:
    authors = ", ".join(hit.authors[:_AUTHORS_SHOWN])
    if len(hit.authors) > _AUTHORS_SHOWN:
        authors = words.AND_OTHERS.say(language, authors=authors)
    parts = [
        escape(authors) if authors else _absent(words.NO_AUTHORS, language),
        f"<cite>{escape(hit.journal)}</cite>" if hit.journal else _absent(words.NO_JOURNAL, language),
        str(hit.year) if hit.year is not None else _absent(words.NO_YEAR, language),
    ]
    return " · ".join(parts)


def _absent(phrase: Phrase, language: Language) -> str:
    return f'<span class="absent">{escape(phrase.say(language))}</span>'


def _title_length(hit: Hit) -> int:
    """How many characters the passage begins with that are the title, which the card shows already."""
    if not hit.title or not hit.text.startswith(hit.title):
        return 0
    rest = hit.text[len(hit.title) :]
    if rest and not rest[0].isspace():
        return 0
    return len(hit.text) - len(rest.lstrip())


def _passage(hit: Hit) -> str:
    """The passage after its title, with the sentence nearest to the question marked."""
    text, begin = hit.text, _title_length(hit)
    if begin == len(text):
        return ""
    nearest = _nearest(hit)
    first = nearest.start - hit.start if nearest else begin
    last = nearest.end - hit.start if nearest else begin
    marked = f"<mark>{escape(text[first:last])}</mark>" if last > first else ""
    shown = f"{escape(text[begin:first])}{marked}{escape(text[last:])}"
    return f'<blockquote class="passage"{_lang(text)} dir="auto">{shown}</blockquote>'


def _nearest(hit: Hit) -> SentenceHit | None:
    """The sentence nearest to the question, the title aside: it names a finding but states none."""
    after_title = hit.start + _title_length(hit)
    sentences = tuple(sentence for sentence in hit.sentences if sentence.start >= after_title)
    return replace(hit, sentences=sentences).best_sentence


def _facts(hit: Hit, language: Language) -> Iterator[str]:
    """What kind of text it is, where in the paper and in which library it stands, and links to the paper."""
    kind = escape(_KINDS[hit.kind].say(language))
    place = _nearest(hit) or hit
    yield f'<span class="kind {"digest" if hit.kind == "digest" else "own"}">{kind}</span>'
    if place.page is not None:
        yield escape(words.PAGE.say(language, page=place.page))
    if place.section and place.section.lower() != "title":
        yield escape(words.SECTION.say(language, section=place.section))
    yield escape(words.LIBRARY.say(language, library=hit.library))
    yield from (_anchor(address, escape(label)) for address, label in _links(hit, language))


def _links(hit: Hit, language: Language) -> Iterator[tuple[str, str]]:
    """Addresses of the paper with their labels, the most lasting first."""
    pubmed, doi, web = pubmed_link(hit.pmid), doi_link(hit.doi), web_link(hit.url)
    if pubmed:
        yield pubmed, f"PubMed {hit.pmid}"
    if doi:
        yield doi, f"DOI {hit.doi}"
    if web and web[0] not in (pubmed, doi):
        yield web[0], words.WEB_PAGE.say(language, host=web[1])


def _anchor(address: str, content: str) -> str:
    return f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer">{content}</a>'


def _in_its_language(text: str) -> str:
    return f"<span{_lang(text)}>{escape(text)}</span>"


def _lang(text: str) -> str:
    """The attribute that lets a screen reader and the fonts follow the text's own language."""
    return f' lang="{TAGS["zh" if _HAN.search(text) else "en"]}"'
