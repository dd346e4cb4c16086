"""Measure how well each methylation model does on the windows of other species with the same mark.

`python -m seqmodels.predictors.recipes.transfer DATA RUNS` lets each fold's network of RUNS judge the windows that
this fold held out, of every species, as though they were of each other species, and writes `transfer.json` beside the
predictor's weights. Test files are not opened.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.errors import ModelError
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.methylation import BUNDLED, window_logits
from seqmodels.predictors.recipes.measured import auroc
from seqmodels.predictors.recipes.methylation_sets import Windows, read_windows
from seqmodels.predictors.transfer import Transfer, Transfers, write_transfers
from seqmodels.sitenet import SiteNetForSequenceClassification

Floats = NDArray[np.float64]

# Of a species in one fold: the AUC of five times as many is known to half a hundredth.
MOST_OF_A_SET = 1_000
_SEED = 0


def main() -> None:
    """Read the arguments, measure and write."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with one folder a set")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of the runs of recipes.methylation")
    parser.add_argument("--seed", type=int, default=0, help="whose runs to take (default: 0)")
    parser.add_argument("--output", type=Path, default=BUNDLED, metavar="FOLDER", help="the predictor's folder")
    arguments = parser.parse_args()
    write_transfers(arguments.output, measure(read_windows(arguments.data), arguments.runs, arguments.seed))


def measure(windows: Windows, runs: Path, seed: int = 0, most: int = MOST_OF_A_SET) -> Transfers:
    """Every pair of species with the same mark: AUCs of the folds' held-out rows, averaged.

    Raises ModelError where a fold's run is not finished.
    """
    found: dict[tuple[int, int], list[tuple[float, int]]] = {}
    random = np.random.default_rng(_SEED)
    for fold, split in enumerate(windows.folds):
        network = _network(runs / f"fold{fold}-seed{seed}" / "model")
        for others in range(len(DOMAINS)):
            rows = split.validation[windows.domains[split.validation] == others]
            rows = random.permutation(rows)[:most]
            codes = np.stack([codes_of(windows.rows.data.sequences[row]) for row in rows])
            for own, domain in enumerate(DOMAINS):
                if domain.mark == DOMAINS[others].mark:
                    judged = _auroc(network, codes, own, windows.labels[rows])
                    found.setdefault((own, others), []).append((judged, len(rows)))
    return Transfers(
        tuple(
            Transfer(
                DOMAINS[own].name,
                DOMAINS[others].name,
                round(float(np.mean([each for each, _ in folds])), 4),
                sum(rows for _, rows in folds),
            )
            for (own, others), folds in sorted(found.items())
        )
    )


def _auroc(
    network: SiteNetForSequenceClassification, codes: NDArray[np.uint8], own: int, labels: NDArray[np.int64]
) -> float:
    forward, reverse = window_logits([network], codes, np.full(len(codes), own))
    return auroc(forward + reverse, labels)


def _network(folder: Path) -> SiteNetForSequenceClassification:
    if not folder.is_dir():
        raise ModelError(f"There is no finished run in {folder.parent}", "Train all folds with recipes.methylation.")
    network: SiteNetForSequenceClassification = SiteNetForSequenceClassification.from_pretrained(folder).train(False)
    return network


if __name__ == "__main__":
    main()
