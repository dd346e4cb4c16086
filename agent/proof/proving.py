"""The proof of a claim: whether its quotes say what it says."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Protocol

import numpy as np

from agent.citations.claim import Proof
from agent.proof.facts import conflict
from corpora import glossary
from retrieval.analysis import index_terms, query_terms
from seqmodels.encoder import Vector, unit

# What shared words count beside likeness of meaning, and how many of the nearest quotes are read as one. Chosen with
# `python -m benchmarks.proof --choose` on EPI and CG: title lines against the sentences of their own abstract and of
# the one with the sentence that is nearest otherwise.
WORDS = 0.55
NEAREST = 4
# Below this, quotes are about something else: 98 of 100 title lines of EPI and CG are more like the three sentences
# of their abstract that are nearest to them.
LIKE = 0.5

_QUOTATION_MARKS = re.compile('["“”„«»「」『』]')
_FINAL = " .!?;…。！？；'"


class Encoder(Protocol):
    """What proof asks of a sentence encoder; see `seqmodels.encoder.SentenceEncoder`."""

    def __hash__(self) -> int: ...

    def encode_query(self, query: str) -> Vector:
        """Unit vector of a text."""
        ...


def prove(claim: str, quotes: Sequence[str], encoder: Encoder) -> Proof:
    """Whether quotes bear a claim out; the claim comes without its citation marks.

    A claim that is word for word one of the quotes, or several in a row, is quoted. It is supported where its
    numbers, genes, cancers, directions and denials are those of the quotes and both are about the same, and
    flagged with the reason otherwise. A claim without quotes is in the model's own words.
    """
    if not quotes:
        return Proof(verdict="own words")
    if _is_verbatim(claim, quotes):
        return Proof(verdict="quoted")
    reason = conflict(claim, quotes)
    if reason is None and not _is_alike(claim, quotes, encoder):
        reason = "the quotes are about something else"
    return Proof(verdict="supported" if reason is None else "flagged", reason=reason)


def likeness(claim: str, quotes: Sequence[str], encoder: Encoder) -> float:
    """How like its quotes a claim is, at most 1: in meaning to the nearest of them, and in words.

    Chinese is compared by its terms in the glossary.
    """
    english = glossary.translate(claim).english
    return (1 - WORDS) * meaning(english, quotes, encoder, NEAREST) + WORDS * shared_words(english, quotes)


def meaning(claim: str, quotes: Sequence[str], encoder: Encoder, nearest: int) -> float:
    """The cosine of a claim to the mean of the quotes that are nearest to it."""
    vector = _vector(encoder, claim)
    quoted = np.array([_vector(encoder, quote) for quote in quotes])
    order = np.argsort(-(quoted @ vector), kind="stable")
    return float(unit(quoted[order[:nearest]].mean(axis=0)) @ vector)


def shared_words(claim: str, quotes: Sequence[str]) -> float:
    """The share of a claim's words, without function words, that the quotes have in some form."""
    asked = query_terms(claim)
    said = {term for quote in quotes for term in index_terms(quote)}
    return sum(term in said for term in asked) / max(1, len(asked))


def _is_alike(claim: str, quotes: Sequence[str], encoder: Encoder) -> bool:
    """Whether claim and quotes are about the same; where the words alone tell, the encoder is not asked."""
    if WORDS * shared_words(glossary.translate(claim).english, quotes) >= LIKE:
        return True
    return likeness(claim, quotes, encoder) >= LIKE


# One text at a time: on a processor a batch gains nothing, and quotes come again with the next claim.
@lru_cache(maxsize=4096)
def _vector(encoder: Encoder, text: str) -> Vector:
    return encoder.encode_query(text)


def _is_verbatim(claim: str, quotes: Sequence[str]) -> bool:
    """Whether a claim is one quote or several in a row, but for space, quotation marks and final punctuation."""
    wanted = _plain(claim)
    runs = combinations(range(len(quotes) + 1), 2)
    return any(_plain(" ".join(quotes[first:last])) == wanted for first, last in runs)


def _plain(text: str) -> str:
    return " ".join(_QUOTATION_MARKS.sub("", text).split()).strip(_FINAL)
