"""How like its training data an input of a predictor is, by the short words that it is made of.

Each training set is kept as the frequencies of its words of a few bases, both strands counted. An input is unlike a
set where its words are rarer or commoner there than those of nearly all training stretches of its size, or where
another species, or random letters, explain them better than they do nearly all training stretches. The bounds were
set on training windows whose words were not counted (`recipes.likeness`): about one stretch in a hundred of the
training data itself is called unlike.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.predictors.transfer import Transfers, read_transfers

Floats = NDArray[np.float64]
Reason = Literal["rare words", "common words", "another species", "random letters"]

LIKENESS = "likeness.safetensors"
_BASES = 4
_PIECE = 1 << 20
_ABOUT = "about"
# Neighbouring windows of a genome resemble each other: of contiguous ones so many count as fewer drawn at random (the
# design effect of Kish 1965, Survey Sampling). Measured on human sequences of 300 bases: seven vary like four.
_RESEMBLANCE = 0.125
_SHOWN = 5


@dataclass(frozen=True)
class TrainingSet:
    """What a predictor was trained on; sets of one `group` are of one task and can stand in for each other."""

    name: str
    group: str
    species: str


@dataclass(frozen=True)
class Verdict:
    """Whether an input is unlike a training set and why.

    `nearest` is the set of its group that is most like it, `rival` the set of another species that is.
    """

    reason: Reason | None
    nearest: TrainingSet
    rival: TrainingSet | None
    bases: int


@dataclass(frozen=True)
class Likeness:
    """The word frequencies of a predictor's training sets, and the bounds of what is like them.

    Args:
        sets: the training sets.
        word: bases of a word.
        window: bases of a training window.
        steps: for how many windows together bounds are known, ascending, from 1.
        logs: (sets, 4 ** word) float64, log-probabilities of words, strands counted alike.
        bounds: (sets, steps, 3) float64: the least and greatest mean log-probability, and the greatest lead of
            another species or of random letters.
    """

    sets: tuple[TrainingSet, ...]
    word: int
    window: int
    steps: tuple[int, ...]
    logs: Floats
    bounds: Floats

    def count(self, sequence: str) -> NDArray[np.int64]:
        """How often each word occurs in a sequence (4 ** word,); words with unknown bases are left out."""
        total = np.zeros(_BASES**self.word, np.int64)
        for begin in range(0, len(sequence), _PIECE):
            numbers = word_numbers(codes_of(sequence[begin : begin + _PIECE + self.word - 1])[None], self.word)
            total += np.bincount(numbers[numbers >= 0], minlength=len(total))
        return total

    def judge(self, counts: NDArray[np.int64], name: str) -> Verdict:
        """Compare the words of an input with those of a training set; raises KeyError for an unknown set."""
        own = self.number(name)
        means = self._means(counts[None].astype(np.float64))[0]
        [reason] = self._reasons(counts[None].astype(np.float64), own)
        group = [number for number, each in enumerate(self.sets) if each.group == self.sets[own].group]
        foreign = self._foreign(own)
        rival = self.sets[foreign[means[foreign].argmax()]] if foreign else None
        return Verdict(reason, self.sets[group[means[group].argmax()]], rival, int(counts.sum()))

    def count_each(self, windows: Sequence[str]) -> NDArray[np.int64]:
        """How often each word occurs in each of several windows of one length (n, 4 ** word)."""
        numbers = word_numbers(np.stack([codes_of(window) for window in windows]), self.word)
        counts = np.zeros((len(windows), _BASES**self.word), np.int64)
        rows, places = np.nonzero(numbers >= 0)
        np.add.at(counts, (rows, numbers[rows, places]), 1)
        return counts

    def judge_each(self, counts: NDArray[np.int64], name: str) -> list[Reason | None]:
        """Why each of several inputs is unlike a training set, None where it is not; `counts` (n, 4 ** word)."""
        return self._reasons(counts.astype(np.float64), self.number(name))

    def number(self, name: str) -> int:
        """Which set has a name; raises KeyError for an unknown one."""
        try:
            return next(number for number, each in enumerate(self.sets) if each.name == name)
        except StopIteration:
            raise KeyError(name) from None

    def _foreign(self, own: int) -> list[int]:
        return [number for number, each in enumerate(self.sets) if each.species != self.sets[own].species]

    def _means(self, counts: Floats) -> Floats:
        """Mean log-probabilities (n, sets) of the words of inputs."""
        return np.asarray(counts @ self.logs.T / np.maximum(counts.sum(1), 1)[:, None])

    def _reasons(self, counts: Floats, own: int) -> list[Reason | None]:
        known, means, foreign = counts.sum(1), self._means(counts), self._foreign(own)
        bounds = self._bounds_of(own, known)
        rival = means[:, foreign].max(1, initial=-np.inf)
        lead = np.maximum(rival, self.random) - means[:, own]
        told: list[Reason | None] = []
        for row in range(len(counts)):
            low, high, most = bounds[row]
            if known[row] < self.window - self.word + 1:
                told.append(None)
            elif lead[row] > most:
                told.append("another species" if rival[row] > self.random else "random letters")
            elif means[row, own] < low:
                told.append("rare words")
            else:
                told.append("common words" if means[row, own] > high else None)
        return told

    @property
    def random(self) -> float:
        """The log-probability of any word in random letters."""
        return -self.word * float(np.log(_BASES))

    def _bounds_of(self, own: int, known: Floats) -> Floats:
        windows = known / (self.window - self.word + 1)
        windows = windows / (1 + _RESEMBLANCE * np.maximum(windows - 1, 0))
        steps = np.searchsorted(self.steps, windows, side="right") - 1
        return np.asarray(self.bounds[own, np.maximum(steps, 0)])


def word_numbers(codes: NDArray[np.uint8], word: int) -> NDArray[np.int64]:
    """Numbers (n, bases - word + 1) of the words in rows of base codes (n, bases); -1 with an unknown base."""
    count = max(codes.shape[1] - word + 1, 0)
    numbers = np.zeros((len(codes), count), np.int64)
    unknown = np.zeros((len(codes), count), bool)
    for place in range(word):
        column = codes[:, place : place + count]
        numbers = _BASES * numbers + column
        unknown |= column == _BASES
    return np.where(unknown, -1, numbers)


def warnings(folder: Path, name: str, sequences: Iterable[str]) -> list[str]:
    """Sentences that say where sequences, taken together, are unlike what a predictor was trained on.

    Args:
        folder: the predictor's; none are given where it keeps no likeness.
        name: the training set: a domain's name such as 6mA_A.thaliana, or a promoter model's.
        sequences: the input, upper or lower case.
    """
    tally = Tally(folder, name)
    for sequence in sequences:
        tally.add(sequence)
    return tally.warnings()


def told(likeness: Likeness, counts: NDArray[np.int64], name: str, transfers: Transfers) -> list[str]:
    """The sentences of `warnings` for words that have been counted."""
    verdict = likeness.judge(counts, name)
    if verdict.reason is None:
        return []
    own = likeness.sets[likeness.number(name)]
    return [f"{_sentence(verdict, own, likeness.word)} {_advice(verdict.nearest, own, transfers)}"]


class Tally:
    """The words of an input that is read piece by piece, and what is to be said of them in the end.

    Says nothing where the predictor's folder keeps no likeness.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._likeness = likeness_of(folder)
        self._transfers = read_transfers(folder)
        self._name = name
        self._counts: NDArray[np.int64] | None = None
        self._pieces = 0
        self._unlike: list[str] = []

    def add(self, sequence: str, piece: str | None = None) -> None:
        """Count the words of a piece; one with a name is also judged by itself."""
        if self._likeness is None:
            return
        counts = self._likeness.count(sequence)
        self._add(counts)
        if piece is not None:
            self._pieces += 1
            if self._likeness.judge(counts, self._name).reason is not None:
                self._unlike.append(piece)

    def flags(self, windows: Sequence[str]) -> list[str]:
        """Count the words of windows of one length; for each a word where it is unlike the training data, else none."""
        if self._likeness is None:
            return [""] * len(windows)
        counts = self._likeness.count_each(windows)
        self._add(counts.sum(0))
        return ["unlike the training data" if each else "" for each in self._likeness.judge_each(counts, self._name)]

    def _add(self, counts: NDArray[np.int64]) -> None:
        self._counts = counts if self._counts is None else self._counts + counts

    def warnings(self) -> list[str]:
        """Sentences on the whole and, where it is like the training data, on pieces that are not."""
        if self._likeness is None or self._counts is None:
            return []
        whole = told(self._likeness, self._counts, self._name, self._transfers)
        if whole or not self._unlike or self._pieces == 1:
            return whole
        shown = ", ".join(self._unlike[:_SHOWN]) + (", ..." if len(self._unlike) > _SHOWN else "")
        return [f"{len(self._unlike):,} of {self._pieces:,} records are unlike the training data: {shown}."]


@cache
def likeness_of(folder: Path) -> Likeness | None:
    """The likeness that a predictor's folder keeps, if it does."""
    return read_likeness(folder) if (folder / LIKENESS).is_file() else None


def read_likeness(folder: Path) -> Likeness:
    """Read what `write_likeness` wrote."""
    from safetensors import safe_open

    with safe_open(folder / LIKENESS, framework="numpy") as file:
        about = json.loads(file.metadata()[_ABOUT])
        logs, bounds = (file.get_tensor(name).astype(np.float64) for name in ("logs", "bounds"))
    sets = tuple(TrainingSet(*each) for each in about["sets"])
    return Likeness(sets, about["word"], about["window"], tuple(about["steps"]), logs, bounds)


def write_likeness(folder: Path, likeness: Likeness) -> None:
    """Keep a likeness beside a predictor's weights: frequencies of short words, from which no window can be read."""
    from safetensors.numpy import save_file

    about = {
        "sets": [[each.name, each.group, each.species] for each in likeness.sets],
        "word": likeness.word,
        "window": likeness.window,
        "steps": likeness.steps,
    }
    tensors = {"logs": likeness.logs.astype(np.float32), "bounds": likeness.bounds.astype(np.float32)}
    save_file(tensors, folder / LIKENESS, metadata={_ABOUT: json.dumps(about)})


def _sentence(verdict: Verdict, own: TrainingSet, word: int) -> str:
    rival = verdict.rival.species if verdict.rival else "another species"
    why = {
        "rare words": f"its {word}-base words are rare there",
        "common words": f"it repeats a few {word}-base words that are common there",
        "another species": f"the {word}-base words of {rival} explain it better",
        "random letters": f"its {word}-base words are no nearer to it than random letters are",
    }
    assert verdict.reason is not None
    return f"The input is unlike the training data of {own.name} ({own.species}): {why[verdict.reason]}."


def _advice(nearest: TrainingSet, own: TrainingSet, transfers: Transfers) -> str:
    at_home, there = transfers.auroc(own.name, own.name), transfers.auroc(own.name, nearest.name)
    said = []
    if nearest == own:
        said.append("The predictor knows no species nearer to it, so how well it does there is not known.")
    elif there is None:
        said.append(f"The nearest training species is {nearest.species} ({nearest.name}).")
    else:
        known = f"{nearest.species} ({nearest.name})"
        said.append(f"The nearest training species is {known}, where this model's AUC is {there:.3f}.")
        if (theirs := transfers.auroc(nearest.name, nearest.name)) is not None:
            said.append(f"The model of that species has {theirs:.3f} there.")
    if at_home is not None and (nearest == own or there is not None):
        said.append(f"On held-out windows of its own species this model has {at_home:.3f}.")
    return " ".join(said)
