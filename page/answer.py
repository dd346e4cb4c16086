"""An answer as HTML for a chat message: proved sentences, in paragraphs and lists, with numbered citations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.citations.claim import Citation, Claim, Nearest, Verdict
from page import paper, words
from page.markup import literal
from page.reasons import said
from page.words import Language, Phrase

_NUMBERED = re.compile(r"(\d{1,3})[.)]$")
_LABELS: dict[Verdict, Phrase] = {
    "own words": words.OWN_WORDS,
    "computed": words.COMPUTED,
    "predicted": words.PREDICTED,
}


_Span = tuple[str, int, int]


class Numbering:
    """The citations of an answer, numbered from 1 in the order in which they are first met."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._citations: dict[_Span, Citation] = {}
        for claim in claims:
            for citation in claim.citations if claim.verdict != "withheld" else ():
                self._citations.setdefault(_span(citation), citation)
        self._numbers = {span: number for number, span in enumerate(self._citations, start=1)}

    def number(self, citation: Citation) -> int:
        """The number of a citation."""
        return self._numbers[_span(citation)]

    def citation(self, number: int) -> Citation | None:
        """The citation of a number."""
        return next((self._citations[span] for span, known in self._numbers.items() if known == number), None)

    def papers(self) -> list[list[tuple[int, Citation]]]:
        """Numbers and citations, those of one paper together, in the order of their first."""
        together: dict[str, list[tuple[int, Citation]]] = {}
        for span, number in self._numbers.items():
            together.setdefault(span[0], []).append((number, self._citations[span]))
        return list(together.values())


def _span(citation: Citation) -> _Span:
    return citation.sha256, citation.start, citation.end


@dataclass
class _Block:
    """A paragraph, heading or list item; `element` is the tag that holds it."""

    element: str
    mark: str
    claims: list[Claim] = field(default_factory=list)


def body(claims: Sequence[Claim], nearest: Sequence[Nearest], key: str, language: Language) -> str:
    """The sentences in paragraphs and lists; `key` tells this answer's links from those of others.

    Where a paragraph or item is the title of one of the nearest papers, it opens that paper.
    """
    numbering = Numbering(claims)
    titles = {_spaced(paper.title or ""): number for number, paper in enumerate(nearest, start=1)}
    blocks: list[_Block] = []
    for claim in claims:
        if not blocks or "\n" in claim.lead or claim.lead.strip():
            blocks.append(_block(claim.lead.strip()))
        blocks[-1].claims.append(claim)
    written = []
    for block in blocks:
        content = " ".join(_sentence(claim, numbering, key, language) for claim in block.claims)
        number = titles.get(_spaced(" ".join(claim.text for claim in block.claims)))
        if number is not None and all(claim.verdict == "own words" for claim in block.claims):
            content = f'<a class="paper" href="#paper-{key}-{number}">{content}</a>'
        written.append((block, content))
    return "".join(_set(written))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def sources(claims: Sequence[Claim], key: str, language: Language) -> str:
    """The papers that were cited, each with its numbers and links; nothing where none was."""
    entries = [_source(entry, key, language) for entry in Numbering(claims).papers()]
    if not entries:
        return ""
    heading = literal(words.SOURCES.say(language))
    return f'<div class="sources"><p>{heading}</p><ul>{"".join(entries)}</ul></div>'


def _block(mark: str) -> _Block:
    if _NUMBERED.match(mark):
        return _Block("ol", mark)
    if mark in ("-", "*", "•"):
        return _Block("ul", mark)
    return _Block("h3" if mark.startswith("#") else "p", mark)


def _set(written: Sequence[tuple[_Block, str]]) -> list[str]:
    """The blocks as HTML, neighbouring items in one list."""
    pieces: list[str] = []
    within = ""
    for block, content in written:
        element = block.element if block.element in ("ol", "ul") else ""
        if element != within:
            pieces += [f"</{within}>" if within else "", _opened(block) if element else ""]
            within = element
        inner = "li" if element else block.element
        pieces.append(f"<{inner}>{content}</{inner}>")
    return [*pieces, f"</{within}>" if within else ""]


def _opened(block: _Block) -> str:
    first = _NUMBERED.match(block.mark)
    return f'<ol start="{first[1]}">' if first else f"<{block.element}>"


def _sentence(claim: Claim, numbering: Numbering, key: str, language: Language) -> str:
    if claim.verdict == "withheld":
        reason = words.WITHHELD.say(language, reason=said(claim.reason or "", language))
        return f'<span class="withheld">{literal(reason)}</span>'
    manner = claim.verdict.replace(" ", "-")
    marks = "".join(_mark(numbering.number(citation), citation, key, language) for citation in claim.citations)
    text = f"<span{paper.lang(claim.text)}>{literal(claim.text)}</span>"
    if claim.verdict == "flagged":
        reason = literal(words.NOT_BORNE_OUT.say(language, reason=said(claim.reason or "", language)))
        sentence = f'<span class="flagged" tabindex="0" title="{reason}">{text}</span>'
        return f'{sentence}{marks} <span class="reason">{reason}</span>'
    label = _LABELS.get(claim.verdict)
    told = f' title="{literal(label.say(language))}"' if label else ""
    return f'<span class="{manner}"{told}>{text}</span>{marks}'


def _mark(number: int, citation: Citation, key: str, language: Language) -> str:
    title = citation.title or words.NO_TITLE.say(language)
    label = literal(words.OPEN_CITATION.say(language, number=number, title=title))
    return f'<a class="cite" href="#cite-{key}-{number}" title="{label}">{number}</a>'


def _source(entry: Sequence[tuple[int, Citation]], key: str, language: Language) -> str:
    cited = entry[0][1]
    marks = "".join(_mark(number, citation, key, language) for number, citation in entry)
    title = cited.title or words.NO_TITLE.say(language)
    stop = "" if title.endswith((".", "?", "!", "。", "？", "！")) else "."
    journal = literal(cited.journal or words.NO_JOURNAL.say(language))
    year = str(cited.year) if cited.year is not None else literal(words.NO_YEAR.say(language))
    links = "".join(f" · {paper.anchor(address, literal(label))}" for address, label in paper.links(cited, language))
    return (
        f"<li>{marks} <span{paper.lang(cited.title or '')}>{literal(title)}</span>{stop} "
        f"<cite>{journal}</cite>, {year}{links}</li>"
    )
