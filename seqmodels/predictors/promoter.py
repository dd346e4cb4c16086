"""Human promoters: windows judged one by one, and longer sequences scanned.

A promoter stands on one strand, and networks that are told which do better than networks of both strands, averaged (the
cards say by how much). So each strand has a probability of its own. Where the one not given has much the greater, a
window is flagged.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.errors import ModelError
from seqmodels.predictors.calibration import Calibration, at_prevalence
from seqmodels.predictors.card import Card, read_card
from seqmodels.predictors.methylation import Judged, site_logits, window_logits

if TYPE_CHECKING:
    from seqmodels.sitenet import SiteNetForSequenceClassification

Name = Literal["core", "tata300"]
Floats = NDArray[np.float64]

NAMES: tuple[Name, ...] = ("core", "tata300")
BUNDLED = Path(__file__).parent / "weights" / "promoter"
CALIBRATION = "calibration.json"
STEP = 1
"""Bases from one window of a scan to the next: the networks know where in a window a promoter stands to the base."""
_UNKNOWN = 4
_AT_ONCE = 1024


@dataclass(frozen=True)
class Stranded(Judged):
    """Calibrated probabilities (n,) of windows as given, and of their `others`, the reverse complements.

    `disagreements`: by how much the other strand's lies above the given one's, 0 where it does not.
    """

    others: Floats

    @classmethod
    def of(cls, given: Floats, others: Floats) -> Self:
        """Of the probabilities of either strand."""
        return cls(given, np.maximum(others - given, 0.0), others)

    @property
    def either(self) -> Floats:
        """Probabilities of the strand that has the greater one."""
        return np.maximum(self.probabilities, self.others)

    def at_prevalence(self, prevalence: float) -> Self:
        """The same where this share of windows holds a promoter; of those learnt from, half did."""
        given, others = (at_prevalence(each, prevalence) for each in (self.probabilities, self.others))
        return replace(self, probabilities=given, others=others)


@dataclass(frozen=True)
class Places(Judged):
    """Windows of one sequence, each with what its better strand says: they begin at `begins` (n,) int64, from 0.

    `disagreements` are 0, for no strand was given that the other could speak against; `strands`: (n,), + or -.
    """

    name: str
    begins: NDArray[np.int64]
    strands: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype=np.str_))

    def take(self, rows: Sequence[int]) -> Self:
        """These windows, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        strands = self.strands[chosen] if len(self.strands) else self.strands
        judged = (self.probabilities[chosen], self.disagreements[chosen])
        return type(self)(*judged, self.name, self.begins[chosen], strands)


@dataclass
class Scan:
    """What a scan has seen: bases, windows scored, and those left out for unknown bases in them."""

    bases: int = 0
    scored: int = 0
    with_unknown: int = 0


class PromoterPredictor:
    """Networks of several folds, whose logits are averaged, and their calibration."""

    def __init__(self, folder: Path) -> None:
        """Open a predictor's folder; raises ModelError where it is not whole."""
        from seqmodels.predictors.ensemble import open_ensemble

        self.card: Card = read_card(folder)
        self.folder = folder
        self._networks: tuple[SiteNetForSequenceClassification, ...] = open_ensemble(folder)
        self._line = Calibration(*json.loads((folder / CALIBRATION).read_text(encoding="utf-8")))
        self.window: int = self._networks[0].config.window

    def windows(self, sequences: Sequence[str]) -> Stranded:
        """Judge windows, in their order; unknown bases are blanks.

        Raises ModelError for a window of another length, by its number from 1.
        """
        return self._judged(*self._views(self._codes(sequences)))

    def logits(self, sequences: Sequence[str]) -> Floats:
        """Logits (n,) of windows as given, before calibration; raises as `windows`."""
        return self._views(self._codes(sequences))[0]

    def fault(self, window: str) -> tuple[str, str] | None:
        """What is wrong with a window and the way out; None where it can be judged."""
        if len(window) == self.window:
            return None
        return (
            f"has {len(window)} bases and needs {self.window}",
            f"Give windows of {self.window} bases, choose another model, or scan longer sequences as FASTA.",
        )

    def scan(self, name: str, sequence: str, counts: Scan, step: int = STEP) -> Iterator[Places]:
        """Judge a window every `step` bases, and the last one, on both strands, some at a time; adds to `counts`.

        Windows with unknown bases are left out. Raises ModelError for a sequence shorter than a window.
        """
        if len(sequence) < self.window:
            raise ModelError(
                f"{name} has {len(sequence)} bases, and a window {self.window}",
                "Give a longer sequence, or choose another model.",
            )
        counts.bases += len(sequence)
        last = len(sequence) - self.window
        begins = np.unique(np.append(np.arange(0, last + 1, step), last))
        for some in np.split(begins, np.arange(_AT_ONCE, len(begins), _AT_ONCE)):
            first = int(some[0])
            codes = codes_of(sequence[first : int(some[-1]) + self.window])
            unknown = np.concatenate([[0], np.cumsum(codes == _UNKNOWN)])
            known = some[unknown[some - first + self.window] == unknown[some - first]]
            counts.scored += len(known)
            counts.with_unknown += len(some) - len(known)
            if len(known):
                yield _places(name, known, self._judged(*site_logits(self._networks, codes, known - first)))

    def _codes(self, sequences: Sequence[str]) -> NDArray[np.uint8]:
        for number, sequence in enumerate(sequences, start=1):
            if fault := self.fault(sequence):
                raise ModelError(f"Window {number} {fault[0]}", fault[1])
        return np.stack([codes_of(sequence) for sequence in sequences])

    def _judged(self, given: Floats, others: Floats) -> Stranded:
        return Stranded.of(self._line.probability(given), self._line.probability(others))

    def _views(self, codes: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        return window_logits(self._networks, codes, np.zeros(len(codes), np.int64))


def joined(pieces: Sequence[Places]) -> Places:
    """The pieces of a scan as one."""
    probabilities, disagreements, begins, strands = (
        np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("probabilities", "disagreements", "begins", "strands")
    )
    return Places(probabilities, disagreements, pieces[0].name, begins, strands)


def best_places(places: Places, window: int, threshold: float = 0.5) -> Places:
    """The windows of at least this probability that no better one overlaps, in the order of the sequence."""
    free = places.probabilities >= threshold
    taken: list[int] = []
    for at in np.argsort(-places.probabilities, kind="stable").tolist():
        if free[at]:
            taken.append(at)
            begin = int(places.begins[at])
            free[slice(*np.searchsorted(places.begins, (begin - window + 1, begin + window)))] = False
    return places.take(sorted(taken))


def _places(name: str, begins: NDArray[np.int64], judged: Stranded) -> Places:
    strands = np.where(judged.others > judged.probabilities, "-", "+")
    return Places(judged.either, np.zeros(len(begins)), name, begins, strands)


@cache
def bundled(name: Name) -> PromoterPredictor:
    """A predictor that ships, opened once: `core` (70 bases) or `tata300` (300 bases around TATA promoters)."""
    return PromoterPredictor(BUNDLED / name)
