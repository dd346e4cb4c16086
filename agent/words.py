"""The words of a sentence, and how alike the surroundings of two of them are."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from retrieval.analysis import index_terms, query_terms

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_][^\W_]*(?:['’]t\b)?|[.,;:()]")
_REACH = 5

Surroundings = Mapping[tuple[bool, str], float]


class Word(NamedTuple):
    """A word or a mark: its character span, its stem (the mark itself), and whether it carries meaning."""

    start: int
    end: int
    text: str
    stem: str
    content: bool

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation."""
        return not self.text[0].isalnum()


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[Word, ...]:
    """The words and marks of a text, in order."""
    return tuple(_word(match) for match in _WORD.finditer(text))


def _word(match: re.Match[str]) -> Word:
    text = match.group()
    terms = index_terms(text)
    return Word(match.start(), match.end(), text, terms[0] if terms else text, bool(query_terms(text)))


def surroundings(of: Sequence[Word], start: int, end: int) -> Surroundings:
    """Stems up to five words before and after a character span, by side; the nearer, the heavier."""
    plain = [word for word in of if not word.is_mark]
    before = [word.stem for word in plain if word.end <= start][: -_REACH - 1 : -1]
    after = [word.stem for word in plain if word.start >= end][:_REACH]
    weights: dict[tuple[bool, str], float] = {}
    for is_after, stems in ((False, before), (True, after)):
        for distance, stem in enumerate(stems, start=1):
            weights[is_after, stem] = max(weights.get((is_after, stem), 0.0), 1 / distance)
    return weights


def sameness(one: Surroundings, other: Surroundings) -> float:
    """The share of one place's surroundings that another place has too, 0 to 1."""
    shared = sum(min(weight, other.get(key, 0.0)) for key, weight in one.items())
    return shared / max(1e-9, sum(one.values()))
