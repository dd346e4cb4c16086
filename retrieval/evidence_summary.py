"""The evidence table by gene: how many papers say what, how often it was seen, and whether they disagree."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.evidence_row import EvidenceRow, RowStatus, Sign
from retrieval.scope import Sample

Only = Literal["cell line", "animal", "single paper"]


@dataclass(frozen=True)
class GeneSummary:
    """What papers say of one gene.

    `symbol` is the gene's symbol; of a name with several meanings all of them, with "/" between, and of one that no
    table knows the name itself. `names` are those that papers write. `papers` holds the papers of each status by the
    hash of their text, so that one paper in two libraries counts once. `percent` is the lowest and highest frequency
    of methylation, of the rows that find more of it where there are such. `conflict`: rows with both signs, from
    different papers or samples; that normal tissue is not methylated contradicts nobody. `only` warns where all that
    is known is of cell lines, of animals, or of one paper.
    """

    symbol: str
    names: tuple[str, ...]
    papers: dict[RowStatus, frozenset[str]]
    rows: tuple[EvidenceRow, ...]
    percent: tuple[float, float] | None
    samples: tuple[Sample, ...]
    conflict: bool
    only: Only | None

    @property
    def all_papers(self) -> frozenset[str]:
        """Every paper, whatever it says."""
        return frozenset().union(*self.papers.values())


def summarise(rows: Iterable[EvidenceRow]) -> list[GeneSummary]:
    """One summary for each gene, that of most papers first, then by symbol."""
    by_gene: dict[str, list[EvidenceRow]] = defaultdict(list)
    for row in rows:
        by_gene["/".join(row.symbols) or row.gene].append(row)
    known = {symbol.casefold(): symbol for symbol in reversed(by_gene)}
    merged: dict[str, list[EvidenceRow]] = defaultdict(list)
    for symbol, own in by_gene.items():
        merged[known[symbol.casefold()]] += own
    summaries = [_summary(symbol, own) for symbol, own in merged.items()]
    return sorted(summaries, key=lambda each: (-len(each.all_papers), each.symbol.casefold()))


def share(row: EvidenceRow) -> float | None:
    """The frequency of a row in percent; None where it gives none."""
    if row.percent is not None:
        return row.percent
    return 100 * row.some / row.all if row.some is not None and row.all else None


def _summary(symbol: str, rows: Sequence[EvidenceRow]) -> GeneSummary:
    papers: dict[RowStatus, set[str]] = defaultdict(set)
    for row in rows:
        papers[row.status].add(row.sha256)
    return GeneSummary(
        symbol=symbol,
        names=tuple(dict.fromkeys(row.gene for row in rows)),
        papers={status: frozenset(told) for status, told in papers.items()},
        rows=tuple(rows),
        percent=_percent(rows),
        samples=tuple(dict.fromkeys(row.sample for row in rows if row.sample)),
        conflict=_conflict(rows),
        only=_only(rows),
    )


def _percent(rows: Sequence[EvidenceRow]) -> tuple[float, float] | None:
    more = [row for row in rows if row.sign == "+"] or rows
    told = [value for row in more if (value := share(row)) is not None]
    return (min(told), max(told)) if told else None


def _conflict(rows: Sequence[EvidenceRow]) -> bool:
    scopes: dict[Sign, set[tuple[str, Sample | None]]] = {"+": set(), "-": set()}
    for row in rows:
        if row.sign and not (row.sign == "-" and row.sample == "normal"):
            scopes[row.sign].add((row.sha256, row.sample))
    return any(more != less for more in scopes["+"] for less in scopes["-"])


def _only(rows: Sequence[EvidenceRow]) -> Only | None:
    samples = {row.sample for row in rows}
    for sample in ("cell line", "animal"):
        if samples == {sample}:
            return sample
    return "single paper" if len({row.sha256 for row in rows}) == 1 else None
