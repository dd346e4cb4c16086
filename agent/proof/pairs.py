"""Which number a sentence gives for which gene or measure, and whether another sentence gives that one too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.proof.figures import agree, comparable
from agent.proof.names import gene_names
from agent.proof.quantities import Quantity, quantities
from agent.proof.words import words

_MEASURE = re.compile(
    r"\b(?:sensitivity|specificity|accuracy|prevalence|PPV|NPV|AUC|odds ratio|hazard ratio|relative risk|OR|HR)\b"
)
# What parts one label with its number from the next, counted as so many words.
_PARTING = frozenset("and or but whereas while versus vs , ; .".split())
_PARTED = 3


@dataclass(frozen=True)
class Pair:
    """A gene or measure, by the words that it may be known by, and the number that is nearest to it."""

    label: frozenset[str]
    text: str
    quantity: Quantity


@lru_cache(maxsize=4096)
def pairs(text: str) -> tuple[Pair, ...]:
    """Labels and numbers that are nearest to each other; none where a sentence matches two lists "respectively"."""
    if "respectively" in text.lower():
        return ()
    found = []
    labels, figures = _labels(text), [quantity for quantity in quantities(text) if not quantity.is_vague]
    for span, label in labels:
        near = min(figures, key=lambda quantity: _distance(text, span, quantity), default=None)
        if near is not None and min(labels, key=lambda other: _distance(text, other[0], near))[0] == span:
            found.append(Pair(label, text[span[0] : span[1]], near))
    return tuple(found)


def mispaired(claim: str, quotes: Sequence[str]) -> tuple[Pair, Pair] | None:
    """A pair of the claim with what the quotes pair its label with, where they pair its number with another label."""
    quoted = [pair for quote in quotes for pair in pairs(quote)]
    for pair in pairs(claim):
        own = [other for other in quoted if other.label & pair.label and comparable(pair.quantity, other.quantity)]
        taken = [other for other in quoted if not other.label & pair.label and agree(pair.quantity, other.quantity)]
        if own and taken and not any(agree(pair.quantity, other.quantity) for other in own):
            return pair, own[0]
    return None


def _labels(text: str) -> list[tuple[tuple[int, int], frozenset[str]]]:
    named = [((name.start, name.end), frozenset(name.symbols or [name.text])) for name in gene_names(text)]
    return [*named, *((match.span(), frozenset([match.group()])) for match in _MEASURE.finditer(text))]


def _distance(text: str, span: tuple[int, int], quantity: Quantity) -> tuple[int, bool]:
    """Words between a label and a number; of two at one distance, a label that stands before its number is nearer."""
    is_before = span[0] < quantity.start
    start, end = (span[1], quantity.start) if is_before else (quantity.end, span[0])
    between = [word.text.lower() for word in words(text) if start <= word.start and word.end <= end]
    far = sum(_PARTED if word in _PARTING else word.isalnum() for word in between)
    return far, not is_before
