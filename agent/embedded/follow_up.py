"""Whether a request only makes sense after the one before it."""

import re

from corpora import cancers, genes, glossary
from retrieval.analysis import query_terms

_CONNECTS = re.compile(
    r"(?i)^\s*(?:and|or|but|also|so|what about|how about|what else|why not)\b|^(?:那|那么|还有|另外|而)"
)
_ENDS_OPEN = re.compile(r"呢\s*[？?]?\s*$")
_REFERS = re.compile(
    r"(?i)\b(?:it|its|they|them|their|these|those|(?:this|that|the (?:same|first|second|last|above)) "
    r"(?:\w+ )?(?:study|paper|article|gene|drug|authors?|work|method|cohort|patients))\b|"
    r"\bthe (?:authors?|study|paper|article)\b|他们|她们|它|这(?:篇|项|个|些|种)|该(?:研究|文|论文|基因)|上述|其中"
)
_DEFINES = re.compile(r"(?i)^\s*(?:what (?:is|are) (?!the |its |their )|define |explain )|^什么是")
# A question of so few words that names no gene or cancer leaves what it is about to the one before.
_FEW_TERMS = 2


def is_follow_up(text: str) -> bool:
    """Whether a request leans on the one before: by its first words, by what it refers to, by saying too little."""
    if _CONNECTS.search(text) or _ENDS_OPEN.search(text) or _REFERS.search(text):
        return True
    english = glossary.translate(text).english
    if _DEFINES.search(text) or cancers.cancer(english) or any(genes.mentions(english)):
        return False
    return len(query_terms(english)) <= _FEW_TERMS
