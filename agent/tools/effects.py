"""What variants do, as a tool tells it: scored, put in order, written down and drawn."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.tools import ToolException

from agent.attachments.attachment import Attachment
from agent.attachments.pasted import SEQUENCES, Kind
from agent.tools.plot import Panel, Point, along
from agent.tools.predicted import Told, rounded, told
from agent.tools.sequences import reading
from agent.wording import Phrase
from seqmodels.data.alphabet import as_dna
from seqmodels.data.errors import Place
from seqmodels.data.fasta import Record, Reference, write_fasta
from seqmodels.data.variants import read_variants

if TYPE_CHECKING:
    from seqmodels.predictors.variant_sites import SiteModel
    from seqmodels.predictors.variants import VariantScore

COLUMNS = ("contig", "position", "ref", "alt", "site", "before", "after", "change")
MOST_ALLELES = 2_000
MISMATCH = (
    "{count} of {total} alleles do not fit the reference, which has other bases than REF there: give the version of "
    "the genome that the variants were called on."
)
NOT_SCORED = "{count} of {total} alleles were not scored: {why}."
_LEVEL = 0.2
_MOST_DRAWN = 6
_SCORED = Phrase(
    "{model}: {scored} of {total} alleles of {of} were scored.",
    "{model}：{of} 的 {total} 个等位基因中，判断了 {scored} 个。",
)
_LARGEST = Phrase(
    "{model}: {ref} to {alt} at position {position} of {contig} changes most, a probability from {before} to {after}.",
    "{model}：变化最大的是 {contig} 第 {position} 位的 {ref} 变为 {alt}，概率由 {before} 变为 {after}。",
)
_SITES = Phrase(
    "{model}: {gained} sites are gained and {lost} are lost with the letters that change.",
    "{model}：随碱基改变，新增 {gained} 个位点，失去 {lost} 个位点。",
)


@dataclass(frozen=True)
class Effects:
    """Scored alleles of a VCF by one model, and the bases of each contig of the reference."""

    model: str
    of: str
    scored: "Sequence[VariantScore]"
    lengths: dict[str, int]

    @property
    def statuses(self) -> Counter[str]:
        """How many alleles had each status."""
        return Counter(each.status for each in self.scored)

    @property
    def done(self) -> "list[VariantScore]":
        """The alleles that were scored, the greatest change first."""
        done = [each for each in self.scored if each.status == "scored" and each.largest]
        return sorted(done, key=lambda each: -abs(each.largest.change if each.largest else 0.0))


@contextmanager
def opened(reference: Attachment, vcf: Attachment) -> Iterator[Reference]:
    """A reference to fetch from; a bare sequence is called as the contig of the variants is."""
    with tempfile.TemporaryDirectory() as folder, reading(reference) as path:
        link = Path(folder) / "reference.fa"
        if reference.kind in SEQUENCES:
            write_fasta(link, [Record(_only_contig(vcf), "", as_dna(reference.letters(), Place(path)), 1)])
        else:
            # The index is written beside it.
            link.symlink_to(path.resolve())
        with Reference(link) as found:
            yield found


def scored(vcf: Attachment, reference: Reference, model: "SiteModel") -> Effects:
    """Score every allele. Raises ToolException for more of them than a person waits for, or none."""
    from seqmodels.predictors.variants import score_variants

    found = []
    with reading(vcf) as path:
        for each in score_variants(path, reference, model):
            found.append(each)
            if len(found) > MOST_ALLELES:
                raise ToolException(
                    f"{vcf.handle} has more than {MOST_ALLELES:,} alleles, the most that are scored here. Score it "
                    "with `epicite predict variant VCF --reference FASTA`, or attach a part."
                )
    if not found:
        raise ToolException(f"{vcf.handle} has no variants. Give a VCF with at least one line below its header.")
    return Effects(model.name, vcf.handle, found, dict(reference.lengths))


def rows(effects: Effects, most: int) -> list[tuple[Any, ...]]:
    """The alleles that change most, by `COLUMNS`."""
    told = []
    for each in effects.done[:most]:
        site = each.largest
        assert site is not None
        before, after = (None if value is None else rounded(value) for value in (site.before, site.after))
        place = (each.variant.contig, each.variant.position, each.variant.ref, each.alt)
        told.append((*place, site.position, before, after, rounded(site.change)))
    return told


def files(effects: Effects) -> Iterator[tuple[str, Kind, str]]:
    """The names, kinds and contents of tables: a row an allele, and a row a site."""
    from seqmodels.predictors.variant_files import write_variants

    for name, each_site in (("variants", False), ("sites", True)):
        content = StringIO()
        write_variants(content, effects.scored, each_site)
        yield f"{name}_{effects.model}_{effects.of}.csv", "table", content.getvalue()


def plot(effects: Effects) -> tuple[str, Kind, str]:
    """The name, kind and content of a picture of the greatest change of each allele along the contigs."""
    by_contig: dict[str, list[Point]] = {}
    for each in effects.done:
        change = each.largest.change if each.largest else 0.0
        by_contig.setdefault(each.variant.contig, []).append(Point(each.variant.position, change))
    panels = [
        Panel(f"{contig} · {effects.model}", effects.lengths.get(contig, points[-1].place), points, _LEVEL)
        for contig, points in list(by_contig.items())[:_MOST_DRAWN]
    ]
    return f"variants_{effects.model}_{effects.of}.svg", "file", along(panels)


def says(effects: Effects) -> Iterator[Told]:
    """What there is to say of what the variants do."""
    model, done = effects.model, effects.done
    yield told(_SCORED, model=model, scored=f"{len(done):,}", total=f"{len(effects.scored):,}", of=effects.of)
    for contig, position, ref, alt, _, before, after, _ in rows(effects, 1):
        numbers = {"before": f"{before or 0:g}", "after": f"{after or 0:g}"}
        yield told(_LARGEST, model=model, ref=ref, alt=alt, contig=contig, position=f"{position:,}", **numbers)
    kinds = Counter(site.kind for each in done for site in each.sites)
    if kinds["gained"] or kinds["lost"]:
        yield told(_SITES, model=model, gained=f"{kinds['gained']:,}", lost=f"{kinds['lost']:,}")


def notices(effects: Effects) -> Iterator[str]:
    """Which alleles were not scored, and why."""
    statuses, total = effects.statuses, f"{len(effects.scored):,}"
    if mismatches := statuses.pop("reference mismatch", 0):
        yield MISMATCH.format(count=f"{mismatches:,}", total=total)
    statuses.pop("scored", 0)
    if statuses:
        why = ", ".join(f"{count:,} {status}" for status, count in statuses.items())
        yield NOT_SCORED.format(count=f"{statuses.total():,}", total=total, why=why)


def _only_contig(vcf: Attachment) -> str:
    with reading(vcf) as path:
        contigs = dict.fromkeys(variant.contig for variant in read_variants(path))
    if len(contigs) > 1:
        raise ToolException(
            f"{vcf.handle} names {len(contigs)} contigs, and a bare sequence is one. Give the reference as FASTA."
        )
    return next(iter(contigs), "sequence")
