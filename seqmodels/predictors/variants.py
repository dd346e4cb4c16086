"""What variants of a genome change in a prediction: every site whose window a variant touches, before and after.

A site is a base that may carry a mark, on either strand, or a window that may be a promoter. A base can change, be lost
(it is deleted or becomes another) or be gained; where it is not, its probability counts as 0. Windows stand at every
place: those named by inserted or deleted letters have nothing to be compared with and are left out. Of an insertion or
deletion within a repeat nobody can say which copy it is: sites are paired so that the largest change is smallest.
What is said of a variant is therefore the same whichever strand it is written on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.fasta import Reference
from seqmodels.data.variants import Variant, VariantCheck, check_variant, read_variants
from seqmodels.predictors.domains import Domain
from seqmodels.predictors.methylation import CENTRE, DISAGREEMENT, WINDOW, Judged, MethylationPredictor
from seqmodels.predictors.variant_sites import Pairing, SiteModel, Sites, pairings_of, sites_of

if TYPE_CHECKING:
    from seqmodels.predictors.promoter import PromoterPredictor

Status = Literal[
    "scored",
    "no site near",
    "reference mismatch",
    "no contig",
    "beyond the end",
    "symbolic allele",
    "no alternative",
    "unknown bases",
    "same as reference",
    "too long",
]
_KNOWN = frozenset("ACGT")
_AT_ONCE = 64
# An allele of more bases is a structural variant: its sites are better scanned.
LONGEST_ALLELE = 10_000
# Repeats are followed so far to find all places that an insertion or deletion may be written at.
_LONGEST_REPEAT = 20_000


@dataclass(frozen=True)
class SiteChange:
    """A site before and after a variant; None: there is no such site, or none that can be judged.

    `position` counts from 1 on the reference. In inserted letters it is that of the base before them, and `inserted`
    counts them from 1; otherwise `inserted` is 0.
    """

    position: int
    inserted: int
    strand: str
    before: float | None
    after: float | None
    strands_disagree: bool

    @property
    def change(self) -> float:
        """By how much the probability rises."""
        return (self.after or 0.0) - (self.before or 0.0)

    @property
    def kind(self) -> Literal["changed", "lost", "gained"]:
        """What happens to the site."""
        if self.after is None:
            return "lost"
        return "changed" if self.before is not None else "gained"


@dataclass(frozen=True)
class VariantScore:
    """One alternative allele: why it was not scored, or every site that it changes, in the order of the genome.

    `found` is what the reference has in the place of REF. `at_edges` and `near_unknown` count sites within reach that
    could not be judged.
    """

    variant: Variant
    alt: str
    status: Status
    found: str = ""
    sites: tuple[SiteChange, ...] = ()
    at_edges: int = 0
    near_unknown: int = 0

    @property
    def largest(self) -> SiteChange | None:
        """The site that changes most."""
        return max(self.sites, key=lambda site: abs(site.change), default=None)


def methylation_sites(predictor: MethylationPredictor, domain: Domain, prevalence: float | None = None) -> SiteModel:
    """Methylated bases as a site model, their probabilities corrected where a prevalence is given."""

    def judge(sequence: str, starts: NDArray[np.int64]) -> Judged:
        judged = predictor.windows_of(sequence, starts, domain)
        return judged.at_prevalence(prevalence) if prevalence else judged

    return SiteModel(domain.name, WINDOW, CENTRE, domain.base, judge)


def promoter_sites(predictor: "PromoterPredictor", name: str, prevalence: float | None = None) -> SiteModel:
    """Windows that may be promoters, on whichever strand, as a model of sites: each is named by its middle."""
    width = predictor.window

    def judge(sequence: str, starts: NDArray[np.int64]) -> Judged:
        stranded = predictor.windows([sequence[start : start + width] for start in starts.tolist()])
        judged = Judged(stranded.either, np.zeros(len(starts)))
        return judged.at_prevalence(prevalence) if prevalence else judged

    return SiteModel(name, width, width // 2, None, judge)


def score_variants(vcf: Path, reference: Reference, model: SiteModel) -> Iterator[VariantScore]:
    """Score every alternative allele of a VCF file, in its order.

    Args:
        vcf: the variants, gzip or not; samples are passed over.
        reference: the genome that they are variants of.
        model: what tells sites; `methylation_sites` makes one.

    Raises:
        DataError: the file cannot be read, by line.
    """
    alleles = _alleles(vcf, reference, model)
    while batch := list(islice(alleles, _AT_ONCE)):
        judged = _judged([each for each in batch if isinstance(each, _Change)], model)
        for each in batch:
            yield each if isinstance(each, VariantScore) else each.scored(judged)


def _alleles(vcf: Path, reference: Reference, model: SiteModel) -> "Iterator[VariantScore | _Change]":
    for variant in read_variants(vcf):
        check = check_variant(variant, reference)
        for alt in variant.alts or (".",):
            status = _refusal(variant, alt, check)
            if status:
                yield VariantScore(variant, alt, status, check.found)
            else:
                yield _change(variant, alt, check, reference, model)


def _refusal(variant: Variant, alt: str, check: VariantCheck) -> Status | None:
    """Why an allele is not scored; None where it is."""
    if alt == ".":
        return "no alternative"
    if not alt.isalpha():
        return "symbolic allele"
    if check.status != "match":
        return "reference mismatch" if check.status == "mismatch" else check.status
    if alt == variant.ref:
        return "same as reference"
    if not set(alt + variant.ref + check.found) <= _KNOWN:
        return "unknown bases"
    return "too long" if max(len(alt), len(variant.ref)) > LONGEST_ALLELE else None


@dataclass
class _Change:
    """An allele in its surroundings, waiting for its windows to be judged."""

    variant: Variant
    alt: str
    found: str
    first: int
    sequences: tuple[str, str]
    pairings: list[Pairing]
    before: Sites
    after: Sites
    at_every_place: bool
    at_edges: int = 0
    near_unknown: int = 0

    def scored(self, judged: dict[str, tuple[float, bool]]) -> VariantScore:
        """The sites that change, by the pairing whose largest change is smallest."""
        options = [self._changes(pairing, judged) for pairing in self.pairings]
        sites = min(options, key=_size)
        status: Status = "scored" if sites or self.before or self.after else "no site near"
        return VariantScore(self.variant, self.alt, status, self.found, tuple(sites), self.at_edges, self.near_unknown)

    def _pairs(self, pairing: Pairing) -> Iterator[tuple[tuple[int, int, str], str | None, str | None]]:
        """What changes: place in the reference, number among inserted letters, strand; windows before and after."""
        for (place, strand), window in self.before.items():
            there = pairing.of(place)
            other = None if there is None else (there, strand)
            unjudged = other in self.after and self.after[other] is None
            if window and not unjudged and (other is None or self.after.get(other) != window):
                yield (place, 0, strand), window, self.after.get(other) if other else None
        for (place, strand), window in self.after.items():
            here = pairing.back(place)
            if window and here is None:
                yield (pairing.left - 1, place - pairing.left + 1, strand), None, window
            elif window and here is not None and (here, strand) not in self.before:
                yield (here, 0, strand), None, window

    def _changes(self, pairing: Pairing, judged: dict[str, tuple[float, bool]]) -> list[SiteChange]:
        found = []
        for (place, inserted, strand), *pair in sorted(self._pairs(pairing), key=lambda each: each[0]):
            if self.at_every_place and None in pair:
                continue
            (before, apart), (after, apart_after) = (judged[window] if window else (None, False) for window in pair)
            found.append(SiteChange(self.first + place + 1, inserted, strand, before, after, apart or apart_after))
        return found


def _size(sites: list[SiteChange]) -> tuple[float, float]:
    changes = [abs(site.change) for site in sites]
    return max(changes, default=0.0), sum(changes)


def _change(variant: Variant, alt: str, check: VariantCheck, reference: Reference, model: SiteModel) -> _Change:
    """An allele with as much of the genome around it as its windows reach, wherever in a repeat it is written."""
    contig, end_of_contig = check.contig, reference.lengths[check.contig]
    start = variant.position - 1
    end = start + len(variant.ref)
    # So many bases on either side that all places in a repeat where it may be written are seen.
    reach = 2 * model.window
    while True:
        first, last = max(0, start - reach), min(end_of_contig, end + reach)
        before = reference.fetch(contig, first, last)
        pairings = pairings_of(before, before[: start - first] + alt + before[end - first :])
        left, right = first + pairings[0].left, first + pairings[-1].before
        needed = max(0, left - model.window + 1), min(end_of_contig, right + model.window - 1)
        if (first <= needed[0] and needed[1] <= last) or reach > _LONGEST_REPEAT:
            break
        reach *= 4
    first, last = max(first, needed[0]), min(last, needed[1])
    first, last = min(first, start), max(last, end)
    before = reference.fetch(contig, first, last)
    after = before[: start - first] + alt + before[end - first :]
    pairings = pairings_of(before, after)
    span, ends = (left - first, right - first), (first == 0, last == end_of_contig)
    change = _Change(
        variant,
        alt,
        check.found,
        first,
        (before, after),
        pairings,
        sites_of(before, model, span, ends),
        sites_of(after, model, (span[0], span[1] + len(after) - len(before)), ends),
        model.base is None,
    )
    for (place, strand), window in change.before.items():
        within = 0 <= model.begin(place, strand) <= len(before) - model.window
        change.near_unknown += window is None and within
        change.at_edges += window is None and not within
    return change


def _judged(changes: Sequence[_Change], model: SiteModel) -> dict[str, tuple[float, bool]]:
    """Probabilities by window, and whether the strands' views of it disagree."""
    starts: dict[str, int] = {}
    text = ""
    for change in changes:
        for sequence, sites in zip(change.sequences, (change.before, change.after), strict=True):
            for (place, strand), window in sites.items():
                if window:
                    starts.setdefault(window, len(text) + model.begin(place, strand))
            text += sequence
    if not starts:
        return {}
    ordered = sorted(starts, key=lambda window: starts[window])
    judged = model.judge(text, np.array([starts[window] for window in ordered], np.int64))
    disagree = (judged.disagreements > DISAGREEMENT).tolist()
    return dict(zip(ordered, zip(judged.probabilities.tolist(), disagree, strict=True), strict=True))
