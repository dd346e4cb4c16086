"""Promoters as a tool tells them: windows judged, longer sequences scanned, written down and drawn."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.tools import ToolException

from agent.attachments.pasted import Kind
from agent.predictors import PromoterModel
from agent.tools.plot import Interval, Panel, Point, along, intervals
from agent.tools.predicted import STRANDS, Told, listed, rounded, told
from agent.tools.sequences import Given, Named
from agent.wording import Phrase

if TYPE_CHECKING:
    from seqmodels.predictors.promoter import Places, PromoterPredictor, Scan

COLUMNS = ("sequence", "start", "end", "strand", "model", "probability")
WINDOWS: dict[PromoterModel, int] = {"core": 70, "tata300": 300}
LEVEL = 0.5
CHOSEN = "No model was named: {model} was taken, which reads {window} bases."
OTHER_STRAND = "{model}: {count} of {total} sequences look more like a promoter on their other strand."
HUMAN = "The model was trained on human promoters."
_MOST_DRAWN = 6
_IS = Phrase(
    "{model}: {name} is predicted to be a promoter, with a probability of {probability}.",
    "{model}：预测 {name} 是启动子，概率为 {probability}。",
)
_IS_NOT = Phrase(
    "{model}: {name} is not predicted to be a promoter; the probability is {probability}.",
    "{model}：预测 {name} 不是启动子，概率为 {probability}。",
)
_OF_MANY = Phrase(
    "{model}: {called} of {count} sequences are predicted to be promoters (probability of at least {level}).",
    "{model}：{count} 条序列中，预测有 {called} 条是启动子（概率不低于 {level}）。",
)
_SCANNED = Phrase(
    "{model}: {scored} windows of {window} bases were judged along {of}; {called} places apart from each other are "
    "predicted to be promoters (probability of at least {level}).",
    "{model}：沿 {of} 判断了 {scored} 个 {window} 碱基的窗口，预测有 {called} 处启动子（概率不低于 {level}）。",
)
_HIGHEST = Phrase(
    "{model}: the highest probability is {probability}, for bases {start} to {end} of {name} on the {strand} strand.",
    "{model}：概率最高的是 {name} 的第 {start} 至 {end} 位（{strand}链），为 {probability}。",
)


@dataclass(frozen=True)
class Judgement:
    """One sequence with every window of it that was judged, and the best of them that do not overlap."""

    name: str
    length: int
    places: "Places"
    best: "Places"


@dataclass(frozen=True)
class Judged:
    """What one model says of some sequences; `scanned` is whether any is longer than its window."""

    model: PromoterModel
    window: int
    counts: "Scan"
    found: Sequence[Judgement]

    @property
    def scanned(self) -> bool:
        """Whether any sequence is longer than a window."""
        return any(each.length > self.window for each in self.found)

    @property
    def called(self) -> int:
        """How many places are called promoters."""
        return sum(len(each.best.begins) for each in self.found)


def model_for(given: Given) -> PromoterModel:
    """The model that fits the lengths of sequences: that of 300 bases where all have so many, else that of 70."""
    fits = all(len(sequence.letters) == WINDOWS["tata300"] for sequence in given.sequences)
    return "tata300" if fits else "core"


def refuse_short(model: PromoterModel, given: Given) -> None:
    """Raise ToolException where a sequence is shorter than a model's window."""
    for sequence in given.sequences:
        if len(sequence.letters) < WINDOWS[model]:
            raise ToolException(
                f"{sequence.name} has {len(sequence.letters)} bases, and {WINDOWS[model]} are needed by {model}. "
                "Give more of the sequence around the start of transcription."
            )


def judged(predictor: "PromoterPredictor", model: PromoterModel, given: Given) -> Judged:
    """Judge every window of some sequences. Raises ToolException where none has known bases only."""
    from seqmodels.predictors.promoter import Scan

    counts = Scan()
    found = [each for sequence in given.sequences if (each := _judged_one(predictor, sequence, counts))]
    if not counts.scored:
        raise ToolException(
            f"Every window of {listed(given.handles)} has unknown bases, {counts.with_unknown} in all. "
            "Give a sequence without N."
        )
    return Judged(model, predictor.window, counts, found)


def rows(judged: Judged, most: int) -> list[tuple[Any, ...]]:
    """The most probable windows, of scanned sequences the best that do not overlap, by `COLUMNS`."""
    apart = judged.called > 0 and judged.scanned
    picked = [(each.name, each.best if apart else each.places) for each in judged.found]
    told = [
        (name, begin + 1, begin + judged.window, strand, judged.model, rounded(probability))
        for name, places in picked
        for begin, strand, probability, _ in _columns(places)
    ]
    return sorted(told, key=lambda row: -row[5])[:most]


def files(judged: Judged, given: Given) -> Iterator[tuple[str, Kind, str]]:
    """The names, kinds and contents of files that hold all of it: a table, and what genome browsers read."""
    stem = f"promoter_{judged.model}_{'_'.join(given.handles)}"
    table, bed = StringIO(), StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("name", "start", "end", "strand", "score", "label", "strand_disagreement"))
    for each in judged.found:
        for begin, strand, probability, apart in _columns(each.places):
            ends, label = (begin + 1, begin + judged.window), int(probability >= LEVEL)
            writer.writerow((each.name, *ends, strand, f"{probability:.6g}", label, f"{apart:.4f}"))
        for begin, strand, probability, _ in _columns(each.best):
            end = begin + judged.window
            bed.write(f"{each.name}\t{begin}\t{end}\tpromoter\t{round(1000 * probability)}\t{strand}\n")
    yield f"{stem}.csv", "table", table.getvalue()
    yield f"{stem}.bed", "file", bed.getvalue()


def plot(judged: Judged, given: Given) -> tuple[str, Kind, str]:
    """The name, kind and content of a picture: along scanned sequences, else one bar a sequence."""
    if judged.scanned:
        drawn = along([_panel(each, judged) for each in judged.found[:_MOST_DRAWN]])
    else:
        bars = [Interval(each.name, p, 0.0, p) for each in judged.found for _, _, p, _ in _columns(each.places)]
        drawn = intervals(judged.model, [*bars], (0.0, 1.0))
    return f"promoter_{judged.model}_{'_'.join(given.handles)}.svg", "file", drawn


def says(judged: Judged, given: Given) -> Iterator[Told]:
    """What there is to say of what a model found."""
    model = judged.model
    if judged.scanned:
        yield told(
            _SCANNED,
            model=model,
            scored=f"{judged.counts.scored:,}",
            window=judged.window,
            of=listed(given.handles),
            called=f"{judged.called:,}",
            level=LEVEL,
        )
    elif len(judged.found) > 1:
        yield told(_OF_MANY, model=model, called=f"{judged.called:,}", count=f"{len(judged.found):,}", level=LEVEL)
    name, start, end, strand, _, probability = rows(judged, 1)[0]
    if judged.scanned or len(judged.found) > 1:
        yield told(
            _HIGHEST,
            model=model,
            name=name,
            start=f"{start:,}",
            end=f"{end:,}",
            strand=STRANDS[strand],
            probability=f"{probability:g}",
        )
    else:
        phrase = _IS if probability >= LEVEL else _IS_NOT
        yield told(phrase, model=model, name=name, probability=f"{probability:g}")


def notices(judged: Judged) -> Iterator[str]:
    """What a reader should know before relying on it."""
    from seqmodels.predictors.methylation import DISAGREEMENT

    apart = sum(int((each.places.disagreements > DISAGREEMENT).sum()) for each in judged.found)
    if apart:
        yield OTHER_STRAND.format(model=judged.model, count=f"{apart:,}", total=f"{len(judged.found):,}")
    yield HUMAN


def _judged_one(predictor: "PromoterPredictor", sequence: Named, counts: "Scan") -> Judgement | None:
    """A sequence of one window as it was given, a longer one on both strands; None where nothing of it is known."""
    from seqmodels.predictors.promoter import best_places, joined

    found = list(predictor.scan(sequence.name, sequence.letters, counts))
    if not found:
        return None
    places = joined(found)
    if len(sequence.letters) == predictor.window:
        given = predictor.windows([sequence.letters])
        strands = np.array(["+"])
        places = replace(places, probabilities=given.probabilities, disagreements=given.disagreements, strands=strands)
    return Judgement(sequence.name, len(sequence.letters), places, best_places(places, predictor.window, LEVEL))


def _columns(places: "Places") -> Iterator[tuple[int, str, float, float]]:
    columns = (places.begins, places.strands, places.probabilities, places.disagreements)
    yield from zip(*(column.tolist() for column in columns), strict=True)


def _panel(each: Judgement, judged: Judged) -> Panel:
    points = [Point(begin + judged.window // 2, probability) for begin, _, probability, _ in _columns(each.places)]
    return Panel(f"{each.name} · {judged.model}", each.length, points, LEVEL, above=f"{LEVEL:g}", below="")
