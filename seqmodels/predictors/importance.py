"""Which bases a prediction rests on: every base of a window is exchanged for every other (saturation mutagenesis)."""

import csv
from collections.abc import Callable, Sequence
from typing import IO

import numpy as np
from numpy.typing import NDArray

from seqmodels.predictors.window_tables import WindowTable, is_whole

Floats = NDArray[np.float64]
BASES = "ACGT"
_ROWS = 64
_COLUMNS = ("row", "position", "base", *BASES)


def importance(window: str, logits: Callable[[Sequence[str]], Floats], fixed: frozenset[int] = frozenset()) -> Floats:
    """What each base would change, (bases, 4) for A, C, G, T: the logit with it less the logit as it is.

    The base that is there has 0. Computational saturation mutagenesis as in Zhou and Troyanskaya 2015, Nature Methods
    12:931, doi:10.1038/nmeth.3547.

    Args:
        window: DNA, upper case.
        logits: of windows by a predictor, both strands averaged.
        fixed: positions, from 0, that the predictor takes with one base only; they are NaN.
    """
    mutants = [
        window[:place] + base + window[place + 1 :]
        for place in range(len(window))
        if place not in fixed
        for base in BASES
    ]
    found = logits([window, *mutants])
    changes = np.full((len(window), len(BASES)), np.nan)
    changes[[place for place in range(len(window)) if place not in fixed]] = (found[1:] - found[0]).reshape(-1, 4)
    # Exactly: the same window in another batch may differ in its last digit.
    for place, base in enumerate(window):
        if place not in fixed and base in BASES:
            changes[place, BASES.index(base)] = 0.0
    return changes


def write_importance(
    file: IO[str],
    table: WindowTable,
    logits: Callable[[Sequence[str]], Floats],
    fixed: frozenset[int] = frozenset(),
    done: Callable[[int], None] = lambda _: None,
) -> None:
    """Write a row for each base of each window: the window's row and the position, from 1, its base, four changes.

    Positions of `fixed` are empty; windows with unknown bases are left out.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    row = 0
    for _, windows in table.batches(_ROWS):
        for window in windows:
            row += 1
            if is_whole(window):
                changes = importance(window, logits, fixed)
                for place, (base, own) in enumerate(zip(window, changes, strict=True), start=1):
                    writer.writerow([row, place, base, *("" if np.isnan(each) else f"{each:.5g}" for each in own)])
        done(row)
