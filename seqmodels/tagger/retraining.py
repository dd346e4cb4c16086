"""Learn the weights of pairs anew, from a tagger's folds and the pairs that people judged.

The folds are locked: no judged pair is of a paper that a fold has, and each fold is weighed by the others.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqmodels.backbones import DESCRIPTION
from seqmodels.errors import ModelError
from seqmodels.predictors.card import CARD, Card, Score, read_card, write_card
from seqmodels.tagger.held_out import HeldOut
from seqmodels.tagger.pairs import Features, PairWeights
from seqmodels.tagger.recipes.results import EVENTS, Choice, Judged, choice_of, learnt, pooled, weights_of
from seqmodels.tagger.scoring import difference, f1_of, interval
from seqmodels.tagger.tagger import LEAST_NOTE, PAIRS_NOTE

RETRAINED_NOTE = "retrained"
"""Under which name a model's notes hold what a `Lesson` says of itself."""
FEWEST = 10
"""Judged pairs; fewer teach nothing."""
_PARTS = 5
_AND_VERDICTS = "; a user's verdicts: "


@dataclass(frozen=True)
class JudgedPair:
    """A pair of trigger and gene as `seqmodels.tagger.pairs.features` describes it, and whether people say it holds."""

    features: Features
    right: bool


@dataclass(frozen=True)
class JudgedPaper:
    """The judged pairs of a paper."""

    pmid: str | None
    text: str
    pairs: tuple[JudgedPair, ...]


@dataclass(frozen=True)
class Compared:
    """F1, 0 to 100, of the locked folds with its 95 % interval, without and with the verdicts.

    `low` and `high` bound the difference, over documents drawn for both at once.
    """

    measure: str
    before: float
    before_low: float
    before_high: float
    after: float
    after_low: float
    after_high: float
    low: float
    high: float


@dataclass(frozen=True)
class Lesson:
    """What verdicts teach, and what it does to the folds.

    `pairs` were learnt from, `right` of them hold, of `papers` papers; each counts `times` times. Papers that a fold
    has are `locked` and were left out. `agreed_before` of the pairs are told as people judged them by the folds alone,
    `agreed_after` when the verdicts of other papers teach, too.
    """

    pairs: int
    right: int
    papers: int
    locked: int
    times: int
    agreed_before: int
    agreed_after: int
    abstracts: int
    measures: tuple[Compared, ...]

    @property
    def is_worse(self) -> bool:
        """Whether the folds are told worse than without the verdicts, their measures taken together."""
        return sum(each.after - each.before for each in self.measures) < 0


@dataclass(frozen=True)
class Retrained:
    """Weights of pairs with the least probability of a pair that is told, and how they were learnt."""

    weights: PairWeights
    least: float
    lesson: Lesson


def retrain(held_out: HeldOut, papers: Sequence[JudgedPaper]) -> Retrained:
    """Learn from the folds and from judged papers.

    How much a judged pair counts, like all else, is chosen on folds other than the one that is judged.

    Raises:
        ModelError: fewer than ten pairs can be learnt from, or all of them hold, or none does.

    """
    kept = [paper for paper in papers if paper.pairs and not held_out.has(paper.pmid, paper.text)]
    locked = sum(bool(paper.pairs) for paper in papers) - len(kept)
    rows = held_out.rows
    judged = _judged(kept, rows[0]["features"])
    _refuse_too_little(judged.right, locked)
    before, after = pooled(rows), pooled(rows, judged)
    choice = choice_of(rows, judged)
    alone, least = learnt(rows)
    lesson = Lesson(
        pairs=len(judged.right),
        right=int(judged.right.sum()),
        papers=len(kept),
        locked=locked,
        times=choice.times,
        agreed_before=_agreed(alone, least, judged),
        agreed_after=_agreed_apart(held_out, choice, kept),
        abstracts=before.abstracts,
        measures=tuple(_compared(before.counts, after.counts)),
    )
    return Retrained(weights_of(rows, choice, judged), choice.least, lesson)


def save_retrained(source: Path, target: Path, retrained: Retrained, day: str) -> None:
    """Write a tagger with new weights of pairs; what stood in its place before goes when all is written.

    Args:
        source: the folder of the tagger whose folds were learnt from; its other files are copied as they are.
        target: the folder to write.
        retrained: what was learnt.
        day: when, YYYY-MM-DD.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished)
    described = json.loads((unfinished / DESCRIPTION).read_text(encoding="utf-8"))
    lesson = {"day": day, **asdict(retrained.lesson)}
    learnt_notes = {LEAST_NOTE: retrained.least, PAIRS_NOTE: retrained.weights.record(), RETRAINED_NOTE: lesson}
    described["notes"] = {**described["notes"], **learnt_notes}
    (unfinished / DESCRIPTION).write_text(
        json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    if (unfinished / CARD).is_file():
        write_card(unfinished, _card(read_card(unfinished), retrained.lesson, day))
    shutil.rmtree(target, ignore_errors=True)
    unfinished.replace(target)


def lesson_of(folder: Path) -> Lesson | None:
    """What a tagger's folder says of its lesson; None where it was not retrained."""
    path = folder / DESCRIPTION
    notes = json.loads(path.read_text(encoding="utf-8")).get("notes", {}) if path.is_file() else {}
    told: dict[str, Any] | None = notes.get(RETRAINED_NOTE)
    if told is None:
        return None
    measures = tuple(Compared(**each) for each in told["measures"])
    return Lesson(**{name: value for name, value in told.items() if name != "day"} | {"measures": measures})


def _judged(papers: Sequence[JudgedPaper], names: Sequence[str]) -> Judged:
    pairs = [pair for paper in papers for pair in paper.pairs]
    features = np.array([[pair.features[name] for name in names] for pair in pairs], np.float64)
    return Judged(features.reshape(-1, len(names)), np.array([pair.right for pair in pairs], np.bool_))


def _refuse_too_little(right: NDArray[np.bool_], locked: int) -> None:
    left_out = f", besides those of {locked} papers that it is judged on" if locked else ""
    if len(right) < FEWEST:
        raise ModelError(
            f"There are {len(right)} judged pairs of trigger and gene to learn from{left_out}",
            f"Accept, reject or correct rows until there are {FEWEST}: on the page, or in a file of --export.",
        )
    if right.all() or not right.any():
        told = "All of them hold" if right.all() else "None of them holds"
        raise ModelError(
            f"{len(right)} pairs of trigger and gene are judged{left_out}. {told}, so there is nothing to tell apart",
            f"{'Reject what is wrong' if right.all() else 'Accept what is right'}, too.",
        )


def _compared(before: NDArray[np.int64], after: NDArray[np.int64]) -> Iterator[Compared]:
    for at, measure in enumerate(EVENTS):
        first, then = before[:, at], after[:, at]
        yield Compared(measure, f1_of(first), *interval(first), f1_of(then), *interval(then), *difference(first, then))


def _agreed(weights: PairWeights, least: float, judged: Judged) -> int:
    told = 1 / (1 + np.exp(-(judged.features @ weights.weights + weights.bias))) >= least
    return int((told == judged.right).sum())


def _agreed_apart(held_out: HeldOut, choice: Choice, papers: Sequence[JudgedPaper]) -> int:
    """Pairs told as they were judged, each by the folds and the verdicts of other papers."""
    names = held_out.rows[0]["features"]
    # By their texts, so that the order in which libraries are read is of no matter.
    ordered = sorted(papers, key=lambda paper: hashlib.sha256(paper.text.encode()).digest())
    parts = [part for number in range(_PARTS) if (part := ordered[number::_PARTS])]
    agreed = 0
    for part in parts:
        others = _judged([paper for other in parts if other is not part for paper in other], names)
        agreed += _agreed(weights_of(held_out.rows, choice, others), choice.least, _judged(part, names))
    return agreed


def _card(card: Card, lesson: Lesson, day: str) -> Card:
    """The card of a retrained tagger: scores of raw text anew, beside those without the verdicts.

    Those with gold genes are of other weights of pairs, and go.
    """
    scores = [score for score in card.scores if not score.name.startswith(("raw text", "gold genes"))]
    for each in lesson.measures:
        name, rows = f"raw text: {each.measure} F1", lesson.abstracts
        scores.append(Score(name=name, value=each.after, low=each.after_low, high=each.after_high, rows=rows))
        untaught = f"{name} without the verdicts"
        scores.append(Score(name=untaught, value=each.before, low=each.before_low, high=each.before_high, rows=rows))
    verdicts = f"{lesson.pairs} judged pairs ({lesson.right} right) of {lesson.papers} papers"
    data = card.data.partition(_AND_VERDICTS)[0]
    return card.model_copy(
        update={
            "data": f"{data}{_AND_VERDICTS}{verdicts}, each counted {lesson.times} times, learnt on {day}",
            "command": "epicite evidence --retrain",
            "scores": tuple(scores),
        }
    )
