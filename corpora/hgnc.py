"""The full table of human gene names, where the user has it: HGNC's complete set.

Seal et al. 2023, doi:10.1093/nar/gkac888; the file `hgnc_complete_set.txt` is fetched from genenames.org. It is no part
of this package, whose own table (`corpora.genes`) holds the names that papers on methylation use.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpora.genes import spelled
from corpora.unreadable import Unreadable

FILE_NAME = "hgnc_complete_set.txt"
_SYMBOL, _ALIASES = "symbol", ("alias_symbol", "prev_symbol", "alias_name", "prev_name", "name")
_REMEDY = "Fetch hgnc_complete_set.txt (tab-separated) from genenames.org again."


@dataclass(frozen=True)
class Hgnc:
    """Approved symbols by the spelling of each of their names, approved names before earlier ones."""

    names: Mapping[str, tuple[str, ...]]

    def symbols(self, name: str) -> tuple[str, ...]:
        """Every approved symbol that a written name may mean; () for an unknown name.

        Letter case, hyphens, spaces and Greek letters may be written in any way.
        """
        return self.names.get(spelled(name), ())


def read_hgnc(path: Path) -> Hgnc:
    """Read HGNC's complete set; withdrawn entries are left out.

    Raises Unreadable where the file is not it, and OSError.
    """
    approved: dict[str, dict[str, None]] = {}
    other: dict[str, dict[str, None]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        try:
            table = csv.DictReader(lines, delimiter="\t")
            if _SYMBOL not in (table.fieldnames or ()):
                raise Unreadable(f"has no column {_SYMBOL!r}", _REMEDY)
            for row in table:
                symbol = row[_SYMBOL]
                if row.get("status", "Approved") != "Approved" or not symbol:
                    continue
                approved.setdefault(spelled(symbol), {})[symbol] = None
                for name in (name for column in _ALIASES for name in (row.get(column) or "").split("|")):
                    if name.strip():
                        other.setdefault(spelled(name), {})[symbol] = None
        except (UnicodeDecodeError, csv.Error) as error:
            raise Unreadable(f"is no tab-separated text ({error})", _REMEDY) from error
    return Hgnc({name: tuple({**approved.get(name, {}), **other.get(name, {})}) for name in {**approved, **other}})
