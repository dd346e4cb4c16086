"""How often something was seen: "12 of 40", "30 %", or both, as a sentence says it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.sentences import Span

_COUNTS = r"(?P<some>\d{1,5})\s*(?:/|of(?:\s+the)?|out\s+of(?:\s+the)?)\s*(?P<all>\d{1,5})"
_SHARE = r"(?P<percent>\d{1,3}(?:\.\d+)?)\s*%"
_EITHER = re.compile(
    rf"(?<![\w.,/-]){_COUNTS}(?![\d/.%-])(?:[^.;()%]{{0,40}}[(,;]\s*(?P<beside>\d{{1,3}}(?:\.\d+)?)\s*%)?"
    rf"|(?<![\w.-]){_SHARE}(?:\s*[(,;]\s*(?P<some2>\d{{1,5}})\s*(?:/|of)\s*(?P<all2>\d{{1,5}})(?![\d/.-]))?"
)
# "2001/2002" is a time, no count.
_FIRST_YEAR, _LAST_YEAR = 1900, 2099
# A figure in brackets right behind a gene is that gene's.
_BEHIND = 4


@dataclass(frozen=True)
class Frequency:
    """`some` of `all` cases, or `percent` of them; `start` and `end` are where that is said."""

    start: int
    end: int
    some: int | None
    all: int | None
    percent: float | None


def frequencies(text: str, sentence: Span) -> list[Frequency]:
    """All frequencies of a sentence, in its order; what cannot be one (41 of 40, 130 %) is none."""
    found = []
    for match in _EITHER.finditer(text, *sentence):
        some, whole = match["some"] or match["some2"], match["all"] or match["all2"]
        percent = match["percent"] or match["beside"]
        share = float(percent) if percent else None
        frequency = Frequency(*match.span(), int(some) if some else None, int(whole) if whole else None, share)
        if _is_possible(frequency):
            found.append(frequency)
    return found


def frequency_of(found: Sequence[Frequency], gene: Span, genes: Sequence[Span]) -> Frequency | None:
    """The frequency that a sentence gives of one gene; None where it does not say which is its.

    Args:
        found: the sentence's frequencies.
        gene: where the gene stands.
        genes: all genes that the same trigger is said of, this one among them, in the sentence's order.
    """
    behind = [each for each in found if 0 <= each.start - gene[1] <= _BEHIND]
    if behind:
        return behind[0]
    if len(found) == 1:
        return found[0]
    if len(found) == len(genes) and gene in genes:
        return found[list(genes).index(gene)]
    return None


def _is_possible(frequency: Frequency) -> bool:
    if frequency.some is not None and frequency.all is not None:
        years = frequency.some >= _FIRST_YEAR and frequency.all <= _LAST_YEAR
        if years or not 0 <= frequency.some <= frequency.all != 0:
            return False
    return frequency.percent is None or frequency.percent <= 100
