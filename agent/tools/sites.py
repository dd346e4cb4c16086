"""Methylated bases as a tool tells them: scanned, put in order, written down and drawn."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from langchain_core.tools import ToolException

from agent.attachments.pasted import Kind
from agent.tools.plot import Panel, Point, along
from agent.tools.predicted import STRANDS, Model, Told, held_out, listed, rounded, told
from agent.tools.sequences import Given
from agent.wording import Phrase

if TYPE_CHECKING:
    from seqmodels.predictors.domains import Domain
    from seqmodels.predictors.methylation import MethylationPredictor, Scan, Sites
    from seqmodels.predictors.site_files import Format

COLUMNS = ("sequence", "position", "strand", "model", "probability", "strand_disagreement")
HALF = (
    "Half of the training sites were methylated, genomes have far fewer: name the share of methylated bases, where it "
    "is known, to have the probabilities corrected."
)
CORRECTED = "Probabilities are corrected for a genome where {share} of the candidate bases are methylated."
APART = "{model}: what the two strands say of {count} of {scored} candidate bases disagrees; take these as unsettled."
_FORMATS: "tuple[tuple[Format, Kind], ...]" = (("csv", "table"), ("bed", "file"), ("gff3", "file"))
_MOST_DRAWN = 6
_CALLED = Phrase(
    "{model}: of {scored} candidate bases of {of}, {called} are predicted to be methylated (probability of at least "
    "{level}).",
    "{model}：{of} 的 {scored} 个候选碱基中，预测有 {called} 个被甲基化（概率不低于 {level}）。",
)
_HIGHEST = Phrase(
    "{model}: the highest probability is {probability}, at position {position} of {name} on the {strand} strand.",
    "{model}：概率最高的是 {name} 的第 {position} 位（{strand}链），为 {probability}。",
)
_LEFT_OUT = Phrase(
    "{model}: not judged were {edges} candidate bases within 20 bases of an end and {unknown} near unknown bases.",
    "{model}：未判断的有距末端不足 20 个碱基的 {edges} 个候选碱基，以及附近有未知碱基的 {unknown} 个。",
)


@dataclass(frozen=True)
class Scanned:
    """What one model found in some sequences: every candidate, and from which probability it is called methylated."""

    domain: "Domain"
    counts: "Scan"
    found: "Sequence[Sites]"
    level: float

    @property
    def called(self) -> int:
        """How many candidates are called methylated."""
        return sum(int((sites.probabilities >= self.level).sum()) for sites in self.found)


def scanned(
    predictor: "MethylationPredictor", domain: "Domain", given: Given, level: float, prevalence: float | None
) -> Scanned:
    """Judge every candidate base of sequences on both strands, corrected for a prevalence where one is given."""
    from seqmodels.predictors.methylation import Scan

    counts = Scan(domain)
    found = [
        sites.at_prevalence(prevalence) if prevalence else sites
        for sequence in given.sequences
        for sites in predictor.scan(sequence.name, sequence.letters, domain, counts)
    ]
    return Scanned(domain, counts, found, level)


def refuse_nothing(given: Given, scanned: Sequence[Scanned]) -> None:
    """Raise ToolException where no candidate could be judged, with what was found and what is needed."""
    from seqmodels.predictors.methylation import CENTRE, WINDOW

    if any(each.counts.scored for each in scanned):
        return
    longest = max(len(sequence.letters) for sequence in given.sequences)
    if longest < WINDOW:
        raise ToolException(
            f"The longest sequence of {listed(given.handles)} has {longest} bases, and {WINDOW} are needed. "
            f"Give {CENTRE} bases on either side of the base that is to be judged."
        )
    edges, unknown = (sum(getattr(each.counts, name) for each in scanned) for name in ("at_edges", "near_unknown"))
    bases = " or ".join(dict.fromkeys(each.domain.base for each in scanned))
    raise ToolException(
        f"No {bases} on either strand of {listed(given.handles)} can be judged: {edges} stand within {CENTRE} bases of "
        f"an end, {unknown} near unknown bases. Give more of the sequence around the bases that are to be judged."
    )


def rows(scanned: Sequence[Scanned], most: int) -> list[tuple[Any, ...]]:
    """The most probable candidates of all models, by `COLUMNS`."""
    told = (
        (sites.name, position + 1, strand, each.domain.name, rounded(probability), rounded(apart))
        for each in scanned
        for sites in each.found
        for position, strand, probability, apart in _columns(sites)
    )
    return heapq.nlargest(most, told, key=lambda row: row[4])


def files(scanned: Scanned, given: Given) -> Iterator[tuple[str, Kind, str]]:
    """The names, kinds and contents of files that hold all of it: a table, and what genome browsers read."""
    from seqmodels.predictors.site_files import write_sites_to

    for format_, kind in _FORMATS:
        content = StringIO()
        write_sites_to(content, scanned.found, scanned.domain, scanned.level, format_)
        yield f"{scanned.domain.name}_{'_'.join(given.handles)}.{format_}", kind, content.getvalue()


def plot(scanned: Sequence[Scanned], given: Given) -> tuple[str, Kind, str]:
    """The name, kind and content of a picture of what each model found along each of the first sequences."""
    lengths = [(sequence.name, len(sequence.letters)) for sequence in given.sequences]
    panels = [
        Panel(f"{name} · {each.domain.name}", length, _points(each, name), each.level)
        for name, length in lengths[: max(1, _MOST_DRAWN // len(scanned))]
        for each in scanned
    ]
    models = "_".join(each.domain.name for each in scanned)
    return f"{models}_{'_'.join(given.handles)}.svg", "file", along(panels)


def says(scanned: Scanned, model: Model, given: Given) -> Iterator[Told]:
    """What there is to say of what a model found."""
    counts, name = scanned.counts, scanned.domain.name
    yield told(
        _CALLED,
        model=name,
        scored=f"{counts.scored:,}",
        of=listed(given.handles),
        called=f"{scanned.called:,}",
        level=f"{scanned.level:g}",
    )
    if counts.scored:
        sequence, position, strand, _, probability, _ = rows([scanned], 1)[0]
        yield told(
            _HIGHEST,
            model=name,
            probability=f"{probability:g}",
            position=f"{position:,}",
            name=sequence,
            strand=STRANDS[strand],
        )
    if counts.at_edges or counts.near_unknown:
        yield told(_LEFT_OUT, model=name, edges=f"{counts.at_edges:,}", unknown=f"{counts.near_unknown:,}")
    yield from held_out(model)


def notices(scanned: Sequence[Scanned], prevalence: float | None) -> Iterator[str]:
    """What a reader should know before relying on it."""
    from seqmodels.predictors.methylation import DISAGREEMENT

    for each in scanned:
        apart = sum(int((sites.disagreements > DISAGREEMENT).sum()) for sites in each.found)
        if apart:
            yield APART.format(model=each.domain.name, count=f"{apart:,}", scored=f"{each.counts.scored:,}")
    yield CORRECTED.format(share=f"{prevalence:g}") if prevalence else HALF


def _columns(sites: "Sites") -> Iterator[tuple[int, str, float, float]]:
    columns = (sites.positions, sites.strands, sites.probabilities, sites.disagreements)
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _points(scanned: Scanned, name: str) -> list[Point]:
    found = [sites for sites in scanned.found if sites.name == name]
    return [
        Point(position + 1, probability if strand == "+" else -probability)
        for sites in found
        for position, strand, probability, _ in _columns(sites)
    ]
