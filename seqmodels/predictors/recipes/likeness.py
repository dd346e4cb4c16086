"""Learn what the training data of a predictor are made of, so that it can say when an input is unlike them.

`python -m seqmodels.predictors.recipes.likeness DATA` reads the training windows of the methylation sets and writes
`likeness.safetensors` beside the predictor's weights. Where DATA is one table, its column `sequence` holds the windows
of a predictor of one set: `... likeness prom_prom_core_all/train.csv.gz --name core --output FOLDER`; with
`--others FOLDER` these are told from the species of that predictor too. Test files are not opened.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.alphabet import codes_of
from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import read_labelled
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.likeness import Likeness, TrainingSet, read_likeness, word_numbers, write_likeness
from seqmodels.predictors.methylation import BUNDLED, CENTRE

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

WORD = 5
# No stretch, however long, counts as eight windows drawn at random.
STEPS = (1, 2, 3, 4, 5, 6, 7)
# Together about one training stretch in a hundred is called unlike.
_LOW, _HIGH, _LEAD = 0.0025, 0.9975, 0.995
_DRAWS = 20_000
_MOST_OF_A_SET = 30_000
_SEED = 0
# Added to every word's count: what was not seen is rare, not impossible.
_UNSEEN = 0.5


def main() -> None:
    """Read the arguments, learn and write."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with one folder a set, or a table of one set")
    parser.add_argument("--output", type=Path, default=BUNDLED, metavar="FOLDER", help="the predictor's folder")
    parser.add_argument("--name", default="core", help="of a table: the model's name (default: core)")
    parser.add_argument("--species", default="Homo sapiens", help="of a table (default: Homo sapiens)")
    parser.add_argument("--others", type=Path, metavar="FOLDER", help="of a table: a predictor of other species")
    arguments = parser.parse_args()
    if arguments.data.is_dir():
        likeness = learn(methylation_sets(arguments.data), centre=CENTRE)
    else:
        own = TrainingSet(arguments.name, arguments.name, arguments.species)
        others = read_likeness(arguments.others) if arguments.others else None
        likeness = learn({own: read_labelled(arguments.data, targets=()).sequences}, others=others)
    write_likeness(arguments.output, likeness)


def methylation_sets(folder: Path) -> dict[TrainingSet, Sequence[str]]:
    """The training windows of every domain."""
    return {
        TrainingSet(domain.name, domain.mark, domain.species): read_labelled(
            folder / domain.name / "train.csv.gz", targets=(), length=41
        ).sequences
        for domain in DOMAINS
    }


def learn(
    windows: Mapping[TrainingSet, Sequence[str]],
    centre: int | None = None,
    others: Likeness | None = None,
    word: int = WORD,
    seed: int = _SEED,
) -> Likeness:
    """What sets of windows are made of.

    Args:
        windows: of each set, all of one length.
        centre: position, from 0, of the base that all windows of a set have in common; words that touch it are left
            out.
        others: species that these are to be told from besides each other; of the same word.
        word: bases of a word.
        seed: of the halves, of which one is counted and the other sets the bounds, and of the draws.
    """
    random = np.random.default_rng(seed)
    sets = tuple(windows)
    length = len(windows[sets[0]][0])
    counted, held_out, whole = [], [], []
    for each in sets:
        own = _drawn(windows[each], random)
        numbers = [_numbers(own, word, centre), _numbers([reverse_complement(one) for one in own], word, centre)]
        half = random.permutation(len(own)) % 2 == 0
        whole.append(_logs(np.concatenate(numbers), word))
        counted.append(_logs(np.concatenate([strand[half] for strand in numbers]), word))
        held_out.append(numbers[0][~half])
    halves, logs = np.stack(counted), np.stack(whole)
    if others is not None:
        sets += others.sets
        halves, logs = (np.concatenate([own, others.logs]) for own in (halves, logs))
    # Of other species no windows are here to set bounds by, nor are inputs compared with them alone.
    bounds = np.full((len(sets), len(STEPS), 3), np.nan)
    for number, numbers in enumerate(held_out):
        bounds[number] = _bounds(sets, number, numbers, halves, word, random)
    return Likeness(sets, word, length, STEPS, logs, bounds)


def _bounds(
    sets: Sequence[TrainingSet], own: int, numbers: Numbers, logs: Floats, word: int, random: np.random.Generator
) -> Floats:
    """Bounds (steps, 3) of one set, whose held-out windows' words (n, words) were not counted in `logs`."""
    known = numbers >= 0
    means = np.stack([np.where(known, log[numbers], 0).sum(1) for log in logs], 1) / known.sum(1)[:, None]
    foreign = [number for number, each in enumerate(sets) if each.species != sets[own].species]
    found = []
    for step in STEPS:
        drawn = means[random.integers(0, len(means), (_DRAWS, step))].mean(1)
        rival = np.maximum(drawn[:, foreign].max(1, initial=-np.inf), -word * np.log(4))
        lead = np.quantile(rival - drawn[:, own], _LEAD)
        found.append([*np.quantile(drawn[:, own], [_LOW, _HIGH]), lead])
    return np.array(found)


def _drawn(windows: Sequence[str], random: np.random.Generator) -> list[str]:
    kept = random.permutation(len(windows))[:_MOST_OF_A_SET]
    return [windows[row] for row in np.sort(kept)]


def _numbers(windows: Sequence[str], word: int, centre: int | None) -> Numbers:
    """Words (n, places) of windows, as they stand or as reverse complements: the centre is in the middle of both."""
    numbers = word_numbers(np.stack([codes_of(window) for window in windows]), word)
    if centre is None:
        return numbers
    starts = np.arange(numbers.shape[1])
    return numbers[:, (starts > centre) | (starts + word <= centre)]


def _logs(numbers: Numbers, word: int) -> Floats:
    counts = np.bincount(numbers[numbers >= 0], minlength=4**word) + _UNSEEN
    return np.asarray(np.log(counts / counts.sum()))


if __name__ == "__main__":
    main()
