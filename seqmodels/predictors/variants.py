"""What variants of a genome change in a prediction: every site whose window a variant touches, before and after.

A site is a base that may carry a mark, on either strand, or a window that may be a promoter. It can change, be lost
(its base is deleted or becomes another) or be gained; where it is not, its probability counts as 0. Of an insertion or
deletion within a repeat nobody can say which copy it is: sites are paired so that the largest change is smallest.
What is said of a variant is therefore the same whichever strand it is written on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from seqmodels.data.fasta import Reference
from seqmodels.data.strands import reverse_complement
from seqmodels.data.variants import Variant, VariantCheck, check_variant, read_variants
from seqmodels.predictors.domains import Domain
from seqmodels.predictors.methylation import CENTRE, DISAGREEMENT, WINDOW, Judged, MethylationPredictor

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
# Of a longer repeat only the two ends are tried.
_MOST_PLACES = 200


@dataclass(frozen=True)
class SiteModel:
    """How a predictor reads a genome.

    Args:
        name: of the model.
        window: bases that it reads.
        offset: where in a window its site stands, from 0.
        base: the base that sites have, looked for on both strands; None where every window is one site, of no strand.
        judge: windows, upper-case DNA, to their probabilities.
    """

    name: str
    window: int
    offset: int
    base: str | None
    judge: Callable[[Sequence[str]], Judged]


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

    def judge(windows: Sequence[str]) -> Judged:
        judged = predictor.windows(windows, domain)
        return judged.at_prevalence(prevalence) if prevalence else judged

    return SiteModel(domain.name, WINDOW, CENTRE, domain.base, judge)


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
        windows = {window for each in batch if isinstance(each, _Change) for window in each.windows()}
        judged = _judged(sorted(windows), model)
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


@dataclass(frozen=True)
class _Pairing:
    """Letters before `left` stand for themselves, those from `before` on in the one for those from `after` on."""

    left: int
    before: int
    after: int

    def of(self, place: int) -> int | None:
        """Where a letter of the reference stands in the changed sequence."""
        if place < self.left or (place < self.before and self.before == self.after):
            return place
        return None if place < self.before else place - self.before + self.after

    def back(self, place: int) -> int | None:
        """Where a letter of the changed sequence stands in the reference."""
        return _Pairing(self.left, self.after, self.before).of(place)


# Windows by index and strand; None for a site whose window is not whole.
_Sites = dict[tuple[int, str], str | None]


@dataclass
class _Change:
    """An allele in its surroundings, waiting for its windows to be judged."""

    variant: Variant
    alt: str
    found: str
    first: int
    pairings: list[_Pairing]
    before: _Sites
    after: _Sites
    at_edges: int = 0
    near_unknown: int = 0

    def windows(self) -> set[str]:
        """What is to be judged: nothing that stands unchanged in both sequences."""
        return {window for pairing in self.pairings for _, *pair in self._pairs(pairing) for window in pair if window}

    def scored(self, judged: dict[str, tuple[float, bool]]) -> VariantScore:
        """The sites that change, by the pairing whose largest change is smallest."""
        options = [self._changes(pairing, judged) for pairing in self.pairings]
        sites = min(options, key=_size)
        status: Status = "scored" if sites or self.before or self.after else "no site near"
        return VariantScore(self.variant, self.alt, status, self.found, tuple(sites), self.at_edges, self.near_unknown)

    def _pairs(self, pairing: _Pairing) -> Iterator[tuple[tuple[int, int, str], str | None, str | None]]:
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

    def _changes(self, pairing: _Pairing, judged: dict[str, tuple[float, bool]]) -> list[SiteChange]:
        found = []
        for (place, inserted, strand), *pair in sorted(self._pairs(pairing), key=lambda each: each[0]):
            (before, apart), (after, apart_after) = (judged[window] if window else (None, False) for window in pair)
            found.append(SiteChange(self.first + place + 1, inserted, strand, before, after, apart or apart_after))
        return found


def _size(sites: list[SiteChange]) -> tuple[float, float]:
    changes = [abs(site.change) for site in sites]
    return max(changes, default=0.0), sum(changes)


def _change(variant: Variant, alt: str, check: VariantCheck, reference: Reference, model: SiteModel) -> _Change:
    """An allele with as much of the genome around it as its windows reach, wherever in a repeat it is written."""
    end_of_contig = reference.lengths[check.contig]
    start = variant.position - 1
    end = start + len(variant.ref)
    reach = 2 * model.window
    while True:
        first, last = max(0, start - reach), min(end_of_contig, end + reach)
        before = reference.fetch(check.contig, first, last)
        after = before[: start - first] + alt + before[end - first :]
        pairings = _pairings(before, after)
        left, right = pairings[0].left, pairings[-1].before
        seen = (first == 0 or left >= model.window) and (last == end_of_contig or last - first - right >= model.window)
        if seen or reach > _LONGEST_REPEAT:
            break
        reach *= 4
    ends = (first == 0, last == end_of_contig)
    sites = _sites(before, model, (left, right), ends)
    change = _Change(
        variant,
        alt,
        check.found,
        first,
        pairings,
        sites,
        _sites(after, model, (left, right + len(after) - len(before)), ends),
    )
    for (place, strand), window in sites.items():
        begin = _begin(place, strand, model)
        if window is None and 0 <= begin <= len(before) - model.window:
            change.near_unknown += 1
        elif window is None:
            change.at_edges += 1
    return change


def _pairings(before: str, after: str) -> list[_Pairing]:
    """All ways to lay two sequences side by side that differ in one place, from the leftmost."""
    shorter, longer = sorted((len(before), len(after)))
    prefix, suffix = _alike(before, after), _alike(before[::-1], after[::-1])
    if prefix + suffix < shorter or len(before) == len(after):
        return [_Pairing(prefix, len(before) - suffix, len(after) - suffix)]
    gap = longer - shorter
    deleted, inserted = (gap, 0) if len(before) > len(after) else (0, gap)
    places = range(shorter - suffix, prefix + 1)
    if len(places) > _MOST_PLACES:
        places = range(places[0], places[-1] + 1, len(places) - 1)
    return [_Pairing(left, left + deleted, left + inserted) for left in places]


def _alike(one: str, other: str) -> int:
    """How many letters two sequences begin with in common."""
    both = enumerate(zip(one, other, strict=False))
    return next((place for place, (letter, letter_) in both if letter != letter_), min(len(one), len(other)))


def _sites(sequence: str, model: SiteModel, span: tuple[int, int], ends: tuple[bool, bool]) -> _Sites:
    """Sites whose windows touch the letters of a span or, where it is empty, hold the place between two letters.

    Windows that reach beyond `sequence` are None where the contig ends there, and left out where it goes on.
    """
    other = {"A": "T", "C": "G"}
    bases = {".": None} if model.base is None else {"+": model.base, "-": other[model.base]}
    found: _Sites = {}
    left, right = span
    for strand, base in bases.items():
        ahead = _begin(0, strand, model)
        first = max(0, left - model.window - ahead)
        for place in range(first, min(len(sequence), right - ahead)):
            if base is not None and sequence[place] != base:
                continue
            begin = place + ahead
            if begin + model.window <= left:
                continue
            window = sequence[max(begin, 0) : begin + model.window]
            if begin < 0 or begin + model.window > len(sequence):
                if ends[begin >= 0]:
                    found[place, strand] = None
            elif set(window) <= _KNOWN:
                found[place, strand] = reverse_complement(window) if strand == "-" else window
            else:
                found[place, strand] = None
    return found


def _begin(place: int, strand: str, model: SiteModel) -> int:
    """Where on the forward strand the window of a site begins."""
    return place - (model.window - 1 - model.offset if strand == "-" else model.offset)


def _judged(windows: Sequence[str], model: SiteModel) -> dict[str, tuple[float, bool]]:
    """Probabilities by window, and whether the strands' views of it disagree."""
    if not windows:
        return {}
    judged = model.judge(windows)
    disagree = (judged.disagreements > DISAGREEMENT).tolist()
    return dict(zip(windows, zip(judged.probabilities.tolist(), disagree, strict=True), strict=True))
