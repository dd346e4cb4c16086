"""The genes, symbols and cancers that a sentence names, and whether another sentence names them too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpora import cancers, genes

_LETTER = "A-Za-z\u0370-\u03ff"
# Letters with digits (H3K27me3, MDA-MB-231), or three to six capitals (SFRP), as symbols are written.
_SYMBOL = re.compile(
    rf"(?<![{_LETTER}\d-])(?![a-z]{{4,}}-)(?:(?=[{_LETTER}-]*\d)[{_LETTER}][{_LETTER}\d]*(?:-(?![a-z]{{3,}})[{_LETTER}\d]+)*"
    r"|[A-Z]{3,6})(?=s?\b)"
)
# What capitals say beside symbols: headings, and abbreviations so common that a claim may use them unasked.
_NO_SYMBOL = frozenset(
    "AIM AIMS AND DESIGN METHOD NOT THE DNA RNA PCR SNP AUC ROC USA MRI HIV HPV FISH IHC ELISA GWAS EWAS".split()
)
_JOINT = r"[\s\-‐‑(]{0,2}"
_GREEK = "alpha|beta|gamma|delta|epsilon|kappa"
_BREAK = r"(?:\w*[\s\-‐‑]+(?:(?:of|and|for|in|the|with)\s+)?|\w*?)"
_CANCER_WORD = re.compile(
    r"\w*(?:carcinom|cancer|tumo|neoplas|malignan|leuk|lymphom|myelom|melanom|sarcom|gliom|blastom)\w*"
    r"|\w{3,}oma(?:s|ta)?|[A-Z]{2,6}s?",
)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LONGEST_CANCER = 6
# Cancer in general: where a quote says no more, any kind may be meant.
_ANY_CANCER = frozenset(("cancer", "solid tumor", "metastatic cancer", "adenocarcinoma", "hereditary cancer"))


@dataclass(frozen=True)
class Name:
    """A name with its character span; `symbols` are the genes that it may stand for, none for an unknown name."""

    start: int
    end: int
    text: str
    symbols: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def gene_names(text: str) -> tuple[Name, ...]:
    """The names of genes, known or written as gene symbols are, in order."""
    known = [Name(mention.start, mention.end, mention.text, mention.symbols) for mention in genes.mentions(text)]
    alike = [
        Name(*match.span(), match.group())
        for match in _SYMBOL.finditer(text)
        if match.group() not in _NO_SYMBOL
        and cancers.cancer(match.group()) is None
        and not any(name.start < match.end() and match.start() < name.end for name in known)
    ]
    return tuple(sorted([*known, *alike], key=lambda name: name.start))


@lru_cache(maxsize=4096)
def cancer_names(text: str) -> tuple[str, ...]:
    """The canonical names of the cancers in a text, those of cancer in general left out."""
    return tuple(dict.fromkeys(name for name in _cancers(text) if name not in _ANY_CANCER))


def is_same(one: Name, other: Name) -> bool:
    """Whether two names may stand for one gene, or are one spelling."""
    if one.symbols and other.symbols:
        return not set(one.symbols).isdisjoint(other.symbols)
    return _spelling(one.text).fullmatch(other.text) is not None


def is_named(name: Name, text: str) -> bool:
    """Whether a text names what a name stands for: by an alias, as it is written, or in full."""
    if any(is_same(name, other) for other in gene_names(text)) or _spelling(name.text).search(text):
        return True
    return not name.symbols and is_in_full(name, text)


def is_in_full(name: Name, text: str) -> bool:
    """Whether words stand in a text that begin with an abbreviation's letters or have some of them inside."""
    if not name.text.isalpha():
        return False
    written_out = re.finditer(rf"\b{_BREAK.join(name.text)}", text, re.IGNORECASE)
    return any(re.search(r"[\s‐‑-]", match.group()) for match in written_out)


def is_related(cancer: str, other: str) -> bool:
    """Whether one cancer is a kind of the other, by the table or by its name."""
    if cancer.endswith(other) or other.endswith(cancer):
        return True
    return cancers.is_a(cancer, other) or cancers.is_a(other, cancer)


@lru_cache(maxsize=4096)
def _spelling(name: str) -> re.Pattern[str]:
    """A name with or without hyphens and spaces, also in the plural."""
    parts = map(re.escape, re.findall(rf"{_GREEK}|(?:(?!{_GREEK})[{_LETTER}])+|\d+|[^{_LETTER}\d\s-]", name))
    return re.compile(rf"(?<![^\W_]){_JOINT.join(parts)}s?(?![^\W_])", re.IGNORECASE)


def _cancers(text: str) -> Iterator[str]:
    """Canonical names, the longest at each last word that a cancer's name may have."""
    words = [match.span() for match in _WORD.finditer(text)]
    for last, (start, end) in enumerate(words):
        if not _CANCER_WORD.fullmatch(text, start, end):
            continue
        for first in range(max(0, last - _LONGEST_CANCER + 1), last + 1):
            found = cancers.cancer(text[words[first][0] : end])
            if found is not None:
                yield found
                break
