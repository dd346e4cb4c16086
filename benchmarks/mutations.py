"""Sentences with one fact changed, and sentences that say the same in other words."""

import random
import re
from collections.abc import Callable, Sequence

from corpora import genes

_NUMBER = re.compile(r"(?<![^\s(\[=<>≤≥±/,;~-])(?<![A-Za-z]-)\d+(?:\.\d+)?(?=[\s),;:%\]/]|\.?$|\.\s|-(?:fold|year|month|week|day))")
_COUNTED = "two three four five six seven eight nine ten eleven twelve".split()
_COUNT = re.compile(rf"\b(?:{'|'.join(_COUNTED)})\b", re.IGNORECASE)
_OPPOSITES = (
    ("hypermethylat", "hypomethylat"),
    ("hyper-methylat", "hypo-methylat"),
    ("unmethylated", "methylated"),
)
_METHYLATION = re.compile(r"\b(hyper-?|hypo-?|un)?(methylat(?:ed|ion))\b", re.IGNORECASE)
_AUXILIARY = re.compile(r"\b(was|were|is|are|has|have|had|can|could|may|might|did|does|do|will|would|should)\b(?! not\b|n't)")
_DENIALS = (
    (re.compile(r"\bcannot\b"), "can"),
    (re.compile(r"\b(?:did|does|do) not (?=\w)"), ""),
    (re.compile(r" not\b(?! only)"), ""),
    (re.compile(r"\bwithout\b"), "with"),
    (re.compile(r"\b[Nn]one of\b"), "all of"),
    (re.compile(r"\bfailed to\b"), "managed to"),
    (re.compile(r"\b([Nn])o (?=[a-z])"), ""),
)
