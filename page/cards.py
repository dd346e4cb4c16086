"""Results as HTML; every text is escaped."""

from collections.abc import Iterable
from dataclasses import replace
from html import escape

from page import paper, words
from page.paper import lang
from page.words import Language
from retrieval.hit import Hit, SentenceHit


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
    place = _nearest(hit) or hit
    facts = paper.facts(hit, place.section, place.page, hit.library, language)
    title = paper.title(hit, language, marked=_title_length(hit) == len(hit.text))
    return (
        f'<article class="hit"><h2><span class="rank">{rank}</span> {paper.retracted(hit, language)}{title}</h2>'
        f'<p class="byline">{paper.byline(hit, language)}</p>'
        f"{_passage(hit)}"
        f'<ul class="facts">{"".join(f"<li>{fact}</li>" for fact in facts)}</ul></article>'
    )


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
    return f'<blockquote class="passage"{lang(text)} dir="auto">{shown}</blockquote>'


def _nearest(hit: Hit) -> SentenceHit | None:
    """The sentence nearest to the question, the title aside: it names a finding but states none."""
    after_title = hit.start + _title_length(hit)
    sentences = tuple(sentence for sentence in hit.sentences if sentence.start >= after_title)
    return replace(hit, sentences=sentences).best_sentence


def _in_its_language(text: str) -> str:
    return f"<span{lang(text)}>{escape(text)}</span>"
