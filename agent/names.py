"""The genes, diseases and other symbols that a sentence names, and whether another sentence names them too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from corpora import cancers, genes

_LETTER = "A-Za-z\u0370-\u03ff"
# Letters with digits (H3K27me3, MDA-MB-231), or three to six capitals (SFRP), as gene symbols are written.
_SYMBOL = re.compile(
    rf"(?<![{_LETTER}\d-])(?=[{_LETTER}\d-]*[{_LETTER}])(?:(?=[{_LETTER}-]*\d)[{_LETTER}\d]+(?:-[{_LETTER}\d]+)*"
    r"|[A-Z]{3,6}(?=s?\b))"
)
_PLACED = re.compile(r"(\d+)['’′]?-([a-z]{3})[a-z]+", re.IGNORECASE)
# Abbreviations that name no gene and are written out as often as not.
_PLAIN = frozenset(
    "DNA RNA cDNA mRNA miRNA PCR RTPCR MSP BSP NGS SNP SNPS CPG AUC ROC USA MRI BMI HIV HPV ICU AIM AIMS AND NOT THE ALL "
    "SEM CNS CSF DSS LOH FDR FISH IHC ELISA GWAS EWAS PBMC PBMCS MSH CHIP CIMP PSA".split()
)
_DISEASE_WORD = re.compile(
    r"(?:\w*(?:carcinom|cancer|tumo|neoplas|malignan|leuk|lymphom|myelom|melanom|sarcom|gliom|blastom)\w*|\w{4,}oma[s]?"
    r"|[A-Z]{2,6})$"
)
_WORD = re.compile(r"[^\W_]+(?:['’]s)?(?:-[^\W_]+)*")
_LONGEST_DISEASE = 6
# What these name is no disease in particular.
_ANY_DISEASE = frozenset(("cancer", "solid tumor", "metastatic cancer", "carcinoma in situ", "adenocarcinoma"))


@dataclass(frozen=True)
class Name:
    """A name with its character span; `meanings` are the gene symbols that it may stand for, () for other names."""

    start: int
    end: int
    text: str
    meanings: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def gene_names(text: str) -> tuple[Name, ...]:
    """The names of genes, and what is written as gene symbols are."""
    known = [Name(mention.start, mention.end, mention.text, mention.symbols) for mention in genes.mentions(text)]
    other = [
        Name(*match.span(), match.group())
        for match in _SYMBOL.finditer(text)
        if _is_symbol(match.group())
        and not any(name.start < match.end() and match.start() < name.end for name in known)
    ]
    return tuple(sorted([*known, *other], key=lambda name: name.start))


@lru_cache(maxsize=4096)
def diseases(text: str) -> tuple[str, ...]:
    """The cancers of a text by their canonical names; words for cancer in general are left out."""
    return tuple(dict.fromkeys(name for name in _diseases(text) if name not in _ANY_DISEASE))


def is_named(name: Name, text: str) -> bool:
    """Whether a text names what a name stands for: by an alias, as it is written, or written out in full."""
    if any(set(name.meanings) & set(other.meanings) for other in gene_names(text)):
        return True
    return _squeezed_key(name.text) in _squeezed(text) or (not name.meanings and _is_written_out(name.text, text))


def is_disease_named(disease: str, text: str) -> bool:
    """Whether a text names a disease, a kind of it, or what it is a kind of."""
    return any(cancers.is_a(other, disease) or cancers.is_a(disease, other) for other in diseases(text))
