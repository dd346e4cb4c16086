"""Sites of a sequence before and after a change of it, and which of them are the same."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqmodels.predictors.methylation import Judged

# Sites by index and strand, with their windows on the forward strand; None where the window is not whole.
Sites = dict[tuple[int, str], str | None]

_KNOWN = frozenset("ACGT")
_OTHER = {"A": "T", "C": "G"}
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
        judge: the windows that begin at some places, ascending, of upper-case DNA; they hold no unknown bases. A
            window is judged alike on either strand.
    """

    name: str
    window: int
    offset: int
    base: str | None
    judge: Callable[[str, NDArray[np.int64]], Judged]

    def begin(self, place: int, strand: str) -> int:
        """Where on the forward strand the window of a site begins."""
        return place - (self.window - 1 - self.offset if strand == "-" else self.offset)


@dataclass(frozen=True)
class Pairing:
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
        return Pairing(self.left, self.after, self.before).of(place)


def pairings_of(before: str, after: str) -> list[Pairing]:
    """All ways to lay two sequences side by side that differ in one place, from the leftmost."""
    shorter, longer = sorted((len(before), len(after)))
    prefix, suffix = _alike(before, after), _alike(before[::-1], after[::-1])
    if prefix + suffix < shorter or len(before) == len(after):
        return [Pairing(prefix, len(before) - suffix, len(after) - suffix)]
    gap = longer - shorter
    deleted, inserted = (gap, 0) if len(before) > len(after) else (0, gap)
    places = range(shorter - suffix, prefix + 1)
    if len(places) > _MOST_PLACES:
        places = range(places[0], places[-1] + 1, len(places) - 1)
    return [Pairing(left, left + deleted, left + inserted) for left in places]


def _alike(one: str, other: str) -> int:
    """How many letters two sequences begin with in common."""
    both = enumerate(zip(one, other, strict=False))
    return next((place for place, (letter, letter_) in both if letter != letter_), min(len(one), len(other)))


def sites_of(sequence: str, model: SiteModel, span: tuple[int, int], ends: tuple[bool, bool]) -> Sites:
    """Sites whose windows touch the letters of a span or, where it is empty, hold the place between two letters.

    Windows that reach beyond `sequence` are None where the contig ends there, and left out where it goes on.
    """
    bases = {".": None} if model.base is None else {"+": model.base, "-": _OTHER[model.base]}
    found: Sites = {}
    left, right = span
    for strand, base in bases.items():
        ahead = model.begin(0, strand)
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
            else:
                found[place, strand] = window if set(window) <= _KNOWN else None
    return found
