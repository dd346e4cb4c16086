"""Genes by diseases: how many papers of some evidence rows say what of each pair, and where papers disagree."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from retrieval.evidence_row import EvidenceRow
from retrieval.evidence_summary import summarise

MOST_GENES = 30
MOST_DISEASES = 15


@dataclass(frozen=True)
class Cell:
    """A gene in a disease, by the names under which rows are put together."""

    gene: str
    disease: str

    @classmethod
    def of(cls, row: EvidenceRow) -> "Cell | None":
        """Where a row belongs; None where it names no disease."""
        disease = row.disease or row.disease_text
        return cls(gene_name(row), disease) if disease else None


@dataclass(frozen=True)
class Tally:
    """How many papers speak of a cell, how many find more methylation and how many less, and whether they disagree.

    What only may be is no finding, and that normal tissue is not methylated contradicts nobody.
    """

    papers: int
    more: int
    less: int
    disagree: bool

    @property
    def balance(self) -> float | None:
        """The share of more among the papers that give a direction; None where none does."""
        told = self.more + self.less
        return self.more / told if told else None


@dataclass(frozen=True)
class HeatMap:
    """The genes and diseases with most papers, most first, the cells that rows speak of, and what is left out."""

    genes: Sequence[str]
    diseases: Sequence[str]
    cells: Mapping[Cell, Tally]
    more_genes: int
    more_diseases: int
    without_disease: int


def gene_name(row: EvidenceRow) -> str:
    """The symbol of a row's gene, all of them where the name is ambiguous, else the name as it is written."""
    return "/".join(row.symbols) or row.gene


def heat_map(rows: Iterable[EvidenceRow]) -> HeatMap:
    """The map of rows that nobody has rejected; a paper counts once, in whatever libraries it is."""
    placed: dict[Cell, list[EvidenceRow]] = defaultdict(list)
    without = 0
    for row in rows:
        if row.verdict == "rejected":
            continue
        cell = Cell.of(row)
        if cell is None:
            without += 1
        else:
            placed[cell].append(row)
    genes = _by_papers((cell.gene, row) for cell, found in placed.items() for row in found)
    diseases = _by_papers((cell.disease, row) for cell, found in placed.items() for row in found)
    shown_diseases = diseases[:MOST_DISEASES]
    told_there = {cell.gene for cell in placed if cell.disease in shown_diseases}
    shown_genes = [gene for gene in genes if gene in told_there][:MOST_GENES]
    told_here = {cell.disease for cell in placed if cell.gene in shown_genes}
    shown_diseases = [disease for disease in shown_diseases if disease in told_here]
    cells = {
        cell: _tally(found)
        for cell, found in placed.items()
        if cell.gene in shown_genes and cell.disease in shown_diseases
    }
    left_out = len(genes) - len(shown_genes), len(diseases) - len(shown_diseases)
    return HeatMap(shown_genes, shown_diseases, cells, *left_out, without)


def _by_papers(named: Iterable[tuple[str, EvidenceRow]]) -> list[str]:
    """Names, those of most papers first, equal ones by the alphabet."""
    papers: dict[str, set[str]] = defaultdict(set)
    for name, row in named:
        papers[name].add(row.sha256)
    return sorted(papers, key=lambda name: (-len(papers[name]), name.casefold(), name))


def _tally(rows: Sequence[EvidenceRow]) -> Tally:
    found = [row for row in rows if not row.speculated]
    more = {row.sha256 for row in found if row.sign == "+"}
    less = {row.sha256 for row in found if row.sign == "-" and row.sample != "normal"}
    disagree = any(gene.conflict for gene in summarise(found))
    return Tally(len({row.sha256 for row in rows}), len(more), len(less), disagree)
