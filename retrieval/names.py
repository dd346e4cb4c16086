"""What a name in a paper stands for: symbols of genes, and the place of a cancer in the tree of cancers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpora import genes
from corpora.cancers import cancer, chinese_names
from corpora.hgnc import FILE_NAME, Hgnc, read_hgnc

# What stands beside a gene's own name in the names that papers give.
_BESIDE_A_GENE = re.compile(
    r"^(?:human|mouse|murine|rat|the)\s+|\s+(?:genes?|proteins?|promoters?|mrnas?|loci|locus)$", re.IGNORECASE
)
_PARTED = re.compile(r"\s*[(\[/)\]]\s*")


@dataclass(frozen=True)
class Names:
    """The tables that names are looked up in; `hgnc` where the user has HGNC's complete set."""

    hgnc: Hgnc | None = None

    @classmethod
    def of_home(cls, home: Path) -> "Names":
        """The tables of a user: HGNC's complete set is read where it lies in their home.

        Raises Unreadable where it is damaged.
        """
        path = home / FILE_NAME
        return cls(read_hgnc(path) if path.is_file() else None)

    def symbols(self, written: str) -> tuple[str, ...]:
        """Every symbol that a gene's written name may mean; () where no table knows it.

        "p16INK4a (CDKN2A)" and "CDH1/E-cadherin" mean what their parts mean together; where the parts share a symbol,
        that one alone.
        """
        for name in dict.fromkeys((written.strip(), _BESIDE_A_GENE.sub("", written.strip()))):
            if found := self._known(name):
                return found
        parts = [found for part in _PARTED.split(written) if part and (found := self._known(part))]
        if not parts:
            return ()
        shared = [symbol for symbol in parts[0] if all(symbol in part for part in parts)]
        return tuple(dict.fromkeys(shared or [symbol for part in parts for symbol in part]))

    def cancer(self, written: str) -> str | None:
        """The canonical name of a cancer; words before it that tell only its stage or bearer are left out.

        None where the tree does not have it, not even as a kind of what its last words name.
        """
        return next((found for name in _shortened(written) if (found := cancer(name))), None)

    def _known(self, name: str) -> tuple[str, ...]:
        return genes.symbols(name) or (self.hgnc.symbols(name) if self.hgnc is not None else ())


def _shortened(written: str) -> Iterator[str]:
    """A name, and what is left of it without its first words; the longest Chinese name within comes next."""
    words = written.split()
    yield from (" ".join(words[first:]) for first in range(len(words)))
    yield from sorted((name for name in chinese_names() if name in written), key=len, reverse=True)
