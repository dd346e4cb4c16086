"""The species and marks that methylation was learnt from: the 17 sets of the iDNA-MS benchmark.

Lv et al. 2020, iScience 23:100991, doi:10.1016/j.isci.2020.100991.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from seqmodels.errors import ModelError

Mark = Literal["4mC", "5hmC", "6mA"]

_SPECIES = {
    "A.thaliana": "Arabidopsis thaliana",
    "C.elegans": "Caenorhabditis elegans",
    "C.equisetifolia": "Casuarina equisetifolia",
    "D.melanogaster": "Drosophila melanogaster",
    "F.vesca": "Fragaria vesca",
    "H.sapiens": "Homo sapiens",
    "M.musculus": "Mus musculus",
    "R.chinensis": "Rosa chinensis",
    "S.cerevisiae": "Saccharomyces cerevisiae",
    "T.thermophile": "Tetrahymena thermophila",
    "Tolypocladium": "Tolypocladium sp. SUP5-1",
    "Xoc_BLS256": "Xanthomonas oryzae pv. oryzicola BLS256",
}


@dataclass(frozen=True)
class Domain:
    """A mark in a species; `name` is that of its set, `base` the one that carries the mark."""

    name: str
    mark: Mark
    species: str

    @property
    def base(self) -> Literal["A", "C"]:
        """The base that carries the mark."""
        return "A" if self.mark == "6mA" else "C"


def _domain(mark: Mark, short: str) -> Domain:
    return Domain(f"{mark}_{short}", mark, _SPECIES[short])


# In the order of the embeddings of the trained model: never to be changed.
DOMAINS: tuple[Domain, ...] = (
    *(_domain("4mC", short) for short in ("C.equisetifolia", "F.vesca", "S.cerevisiae", "Tolypocladium")),
    *(_domain("5hmC", short) for short in ("H.sapiens", "M.musculus")),
    *(
        _domain("6mA", short)
        for short in (
            "A.thaliana",
            "C.elegans",
            "C.equisetifolia",
            "D.melanogaster",
            "F.vesca",
            "H.sapiens",
            "R.chinensis",
            "S.cerevisiae",
            "T.thermophile",
            "Tolypocladium",
            "Xoc_BLS256",
        )
    ),
)


class UnknownDomain(ModelError):
    """No methylation was learnt for a mark in a species."""


def domain_of(name: str) -> Domain:
    """The domain of a name such as 6mA_A.thaliana, in any case; raises UnknownDomain with the nearest."""
    by_name = {domain.name.lower(): domain for domain in DOMAINS}
    if found := by_name.get(name.lower()):
        return found
    near = get_close_matches(name.lower(), by_name, n=1, cutoff=0.5)
    hint = f"Did you mean {by_name[near[0]].name}? " if near else ""
    raise UnknownDomain(
        f"There is no methylation model {name!r}", f"{hint}The models are {', '.join(d.name for d in DOMAINS)}."
    )


def number_of(domain: Domain) -> int:
    """Which row of the model's embeddings a domain is."""
    return DOMAINS.index(domain)
