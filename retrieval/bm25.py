"""BM25 (Robertson and Zaragoza 2009, doi:10.1561/1500000019), as tantivy counts it."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise

from retrieval.query import Group, Wording

# tantivy's constants: a term adds at most its idf times K1 + 1, and B of it hangs on the length.
K1 = 1.2
B = 0.75

Idf = Callable[[str], float]
"""The idf of a term, 0 where no passage has it."""


def idf(total: int, holding: int) -> float:
    """How much a term tells that `holding` of `total` passages have; 0 where none has it."""
    return math.log(1 + (max(0, total - holding) + 0.5) / (holding + 0.5)) if holding else 0.0


def saturation(times: float, length: float, mean_length: float) -> float:
    """What a term adds that stands `times` in a passage of `length` terms, as a share of its most."""
    return times / (times + K1 * (1 - B + B * length / mean_length)) if times else 0.0


def most(question: Sequence[Group], idf_of: Idf) -> float:
    """The most that a question's passages can reach."""
    return sum(max(_weight(wording, idf_of) for wording in group) for group in question)


def rate(terms: Sequence[str], question: Sequence[Group], idf_of: Idf, mean_length: float) -> float:
    """What a passage reaches by its terms, in their order: of each group its best wording, a phrase as one term."""
    times = Counter(terms)

    def of_wording(wording: Wording) -> float:
        if wording.phrase and len(wording.terms) > 1:
            held = saturation(_phrases(terms, times, wording.terms), len(terms), mean_length)
            return _weight(wording, idf_of) * held
        return (
            wording.weight
            * (K1 + 1)
            * sum(idf_of(term) * saturation(times[term], len(terms), mean_length) for term in wording.terms)
        )

    return sum(max(map(of_wording, group)) for group in question)


def _weight(wording: Wording, idf_of: Idf) -> float:
    return wording.weight * (K1 + 1) * sum(map(idf_of, wording.terms))


def _phrases(terms: Sequence[str], times: Counter[str], phrase: Sequence[str]) -> int:
    """How often the terms of a phrase stand side by side."""
    if not all(times[term] for term in phrase):
        return 0
    if len(phrase) == 2:
        return sum(pair == (phrase[0], phrase[1]) for pair in pairwise(terms))
    wanted, size = list(phrase), len(phrase)
    return sum(list(terms[place : place + size]) == wanted for place in range(len(terms) - size + 1))
