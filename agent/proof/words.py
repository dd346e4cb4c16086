"""The words of a sentence, and how alike the surroundings of two of them are."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from retrieval.analysis import index_terms, query_terms

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_][^\W_]*(?:['’]t\b)?|[.,;:()]")
_REACH = 5
_LETTERS_AND_DIGITS = re.compile(r"(?=.*\d)(?=.*[^\W\d])|.*[A-Z].*[A-Z]")

Kind = Literal["word", "number", "name", "mark"]

Surroundings = Mapping[tuple[bool, str], float]


class Word(NamedTuple):
    """A word or a mark: its character span, its stem (the mark itself), and whether it carries meaning.

    `kind` is a guess by its letters: "name" for one with digits or several capitals.
    """

    start: int
    end: int
    text: str
    stem: str
    content: bool
    kind: Kind


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[Word, ...]:
    """The words and marks of a text, in order."""
    return tuple(_word(match) for match in _WORD.finditer(text))


def _word(match: re.Match[str]) -> Word:
    text = match.group()
    terms = index_terms(text)
    return Word(*match.span(), text, terms[0] if terms else text, bool(query_terms(text)), _kind(text))


def _kind(text: str) -> Kind:
    if not text[0].isalnum():
        return "mark"
    if text[0].isdigit():
        return "number"
    return "name" if _LETTERS_AND_DIGITS.match(text) else "word"


def surroundings(of: Sequence[Word], start: int, end: int, left_out: Kind = "mark") -> Surroundings:
    """Stems up to five words before and after a character span, by side, and what each counts.

    The nearer a word, the more it counts; names and numbers count most, as it is they that tell two places apart.
    Words of the kind `left_out` are passed over, so that a fact is not placed by others like it.
    """
    plain = [word for word in of if word.kind not in ("mark", left_out)]
    before = [word for word in plain if word.end <= start][: -_REACH - 1 : -1]
    after = [word for word in plain if word.start >= end][:_REACH]
    weights: dict[tuple[bool, str], float] = {}
    for is_after, side in ((False, before), (True, after)):
        for distance, word in enumerate(side, start=1):
            weight = 1 / distance if word.kind == "word" else 1.0
            weights[is_after, word.stem] = max(weights.get((is_after, word.stem), 0.0), weight)
    return weights


def sameness(one: Surroundings, other: Surroundings) -> float:
    """The share of one place's surroundings that another place has too, 0 to 1."""
    shared = sum(min(weight, other.get(key, 0.0)) for key, weight in one.items())
    return shared / max(1e-9, sum(one.values()))
