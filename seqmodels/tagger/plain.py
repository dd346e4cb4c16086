"""Whether a sentence says plainly that a gene's DNA is methylated, by its words alone."""

import re

from seqmodels.tagger.words import Span

_END = re.compile(r"[.!?\u3002](?=\s|$)|\n")
_OF_DNA = re.compile(
    r"\bDNA\b|promoters?\b|\bCpGs?\b|\bgenes?\b|\blocus\b|\bloci\b|hyper-?methyl|hypo-?methyl|un-?methyl|aberrant"
    r"|epigenetic|bisulfi|\bMSP\b|silenc|5-aza|decitabine|methylation-specific",
    re.IGNORECASE,
)
_OF_PROTEIN = re.compile(
    r"\bhistones?\b|\bH[234][AB]?-?K\d+|\blysines?\b|\barginines?\b|\bPRMT\d*\b|protein methyl"
    r"|methylated proteins?\b|\bSET domain|\bmethylarginine",
    re.IGNORECASE,
)
_FURTHEST = 600


def plainly_said(text: str, trigger: Span, gene: Span) -> bool:
    """Whether a gene stands in its trigger's sentence, which speaks of DNA and not of histones or other proteins.

    Args:
        text: the paper's.
        trigger: characters of the word that says methylated.
        gene: characters of the gene's name.
    """
    first, last = min(trigger[0], gene[0]), max(trigger[1], gene[1])
    if last - first > _FURTHEST or _END.search(text, first, last - 1):
        return False
    before = max(0, first - _FURTHEST)
    start = max((end.end() for end in _END.finditer(text, before, first)), default=before)
    end = _END.search(text, last)
    sentence = text[start : end.start() if end else last + _FURTHEST]
    return _OF_DNA.search(sentence) is not None and _OF_PROTEIN.search(sentence) is None
