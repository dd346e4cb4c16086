"""Where the words that a language model quotes stand in the text: what does not stand there is no record."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.extraction.statement import Statement
from retrieval.sentences import Span
from seqmodels.tagger.tagged import Methylation, Quoted

UNSCORED = 0.0
"""The score of what a language model says: it tells no probability."""
# Chinese has no spaces: a name that stands between its characters is whole.
_LETTER = r"[^\W_\u3400-\u9fff]"


@dataclass(frozen=True)
class Placed:
    """The statements that stand in a text, in its order, and how many quote what does not stand there."""

    methylation: tuple[Methylation, ...]
    missing: int


def placed(text: str, statements: Sequence[Statement], within: Span | None = None) -> Placed:
    """Find the gene and the trigger of each statement, nearest to each other where either stands several times.

    A statement that is made again is of the next nearest pair. A site that does not stand there is left out.

    Args:
        text: what was read.
        statements: what was said of it.
        within: the characters that were read; None: all.
    """
    span = within or (0, len(text))
    found: dict[tuple[int, int], Methylation] = {}
    for statement in statements:
        pairs = _pairs(text, statement, span)
        if pair := next((pair for pair in pairs if (pair[0][0], pair[1][0]) not in found), None):
            gene, trigger = pair
            found[gene[0], trigger[0]] = Methylation(
                trigger=_quoted(text, trigger),
                gene=_quoted(text, gene),
                status=statement.status,
                negated=statement.negated,
                speculated=statement.speculated,
                site=_site(text, statement.site, trigger, span),
                score=UNSCORED,
            )
    told = sorted(found.values(), key=lambda event: (event.trigger.start, event.gene.start))
    return Placed(tuple(told), len(statements) - len(told))


def _pairs(text: str, statement: Statement, span: Span) -> list[tuple[Span, Span]]:
    """Each place of the trigger with the places of the gene on either side of it, nearest first."""
    genes = _places(text, statement.gene, span)
    starts = [start for start, _ in genes]
    pairs = []
    for trigger in _places(text, statement.trigger, span):
        behind = bisect_left(starts, trigger[0])
        pairs += [(gene, trigger) for gene in genes[max(0, behind - 1) : behind + 1]]
    return sorted(pairs, key=lambda pair: _apart(*pair))


def _site(text: str, site: str | None, trigger: Span, span: Span) -> Quoted | None:
    places = _places(text, site, span) if site else []
    return _quoted(text, min(places, key=lambda place: _apart(place, trigger))) if places else None


def _places(text: str, words: str, span: Span) -> list[Span]:
    """Where words stand whole, as they are written, else in other case."""
    return list(_found(text, words, span, 0)) or list(_found(text, words, span, re.IGNORECASE))


def _found(text: str, words: str, span: Span, flags: int) -> Iterator[Span]:
    if not words.strip():
        return
    whole = re.compile(f"(?<!{_LETTER}){re.escape(words.strip())}(?!{_LETTER})", flags)
    yield from (match.span() for match in whole.finditer(text, *span))


def _apart(one: Span, other: Span) -> int:
    return max(one[0] - other[1], other[0] - one[1])


def _quoted(text: str, span: Span) -> Quoted:
    return Quoted(*span, text[slice(*span)])
