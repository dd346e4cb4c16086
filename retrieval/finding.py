"""What a paper says of one gene's methylation, as it is kept: a row of the evidence table without the paper."""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from retrieval.evidence_row import NOTHING, Correction, RowSource, RowStatus, Sign
from retrieval.names import Names
from retrieval.scope import Sample
from retrieval.sentences import Span
from seqmodels.tagger.status import SIGNS


@dataclass(frozen=True)
class Finding:
    """A row of the evidence table without the paper; see `EvidenceRow`.

    `place` is where it is told: the trigger, or the whole quote in curated rows; `gene_place` is where its gene stands.
    """

    place: Span
    gene_place: Span
    gene: str
    symbols: tuple[str, ...]
    status: RowStatus
    disease: str | None
    disease_text: str | None
    sample: Sample | None
    some: int | None
    all: int | None
    percent: float | None
    site: str | None
    negated: bool
    speculated: bool
    quote: str
    start: int
    end: int
    source: RowSource
    score: float | None

    @property
    def sign(self) -> Sign | None:
        """Whether it finds more methylation or less; None where it does not say."""
        return SIGNS.get(self.status)

    def key(self, sha256: str) -> str:
        """The row's key in the evidence of the paper whose text has a hash."""
        return f"{sha256}:{self.place[0]}-{self.place[1]}:{self.gene_place[0]}-{self.gene_place[1]}"

    def repeats(self, other: "Finding") -> bool:
        """Whether both say it in the same place and of the same gene, however another tagger has drawn their ends."""
        same_gene = self.gene.casefold() == other.gene.casefold() or _overlap(self.gene_place, other.gene_place)
        return same_gene and _overlap(self.place, other.place)

    def corrected(self, correction: Correction, names: Names) -> "Finding":
        """The finding as a person says that it should be."""
        changed = replace(self, source="person", score=None)
        if correction.gene is not None:
            changed = replace(changed, gene=correction.gene, symbols=names.symbols(correction.gene))
        if correction.disease == NOTHING:
            changed = replace(changed, disease=None, disease_text=None)
        elif correction.disease is not None:
            changed = replace(changed, disease=names.cancer(correction.disease), disease_text=correction.disease)
        sample = None if correction.sample == NOTHING else correction.sample or changed.sample
        return replace(changed, status=correction.status or changed.status, sample=sample)


FINDING = TypeAdapter(Finding)
"""Findings as JSON and back."""


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
