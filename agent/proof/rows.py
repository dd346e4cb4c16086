"""What evidence rows say together: in which papers, of which gene, how often."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from agent.proof.names import Name, is_same
from retrieval.evidence_row import EvidenceRow
from retrieval.evidence_summary import share


def papers(rows: Iterable[EvidenceRow]) -> set[str]:
    """The papers of rows, by the hashes of their texts."""
    return {row.sha256 for row in rows}


def is_of(row: EvidenceRow, name: Name) -> bool:
    """Whether a row may be of the gene of a name."""
    return _means(row.gene, row.symbols, name)


def percentage(row: EvidenceRow) -> Decimal | None:
    """How often a row says that something was seen, in percent."""
    value = share(row)
    return None if value is None else Decimal(str(value))


def percentages(rows: Iterable[EvidenceRow]) -> list[Decimal]:
    """The percentages of rows that have one, lowest first."""
    return sorted(value for row in rows if (value := percentage(row)) is not None)


# Thousands of rows have a few hundred names between them.
@lru_cache(maxsize=65536)
def _means(written: str, symbols: tuple[str, ...], name: Name) -> bool:
    return is_same(name, Name(0, len(written), written, symbols))
