"""How often inputs that are like the training data are called unlike it, and how often others are not.

For each of the 17 methylation sets, four fifths of its training windows are learnt from; inputs of several lengths are
made of held-out windows of its own (false alarms), of those of every other species, and of random letters. Those are
drawn at random; what contiguous DNA does is told by human sequences of 300 bases, learnt from and judged by halves.

    PYTHONPATH=. python -m benchmarks.likeness
"""

import random
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.shared import DATA, require_data
from seqmodels.data.tables import read_labelled
from seqmodels.predictors.likeness import Likeness, TrainingSet
from seqmodels.predictors.methylation import CENTRE, WINDOW
from seqmodels.predictors.recipes.likeness import learn, methylation_sets

LENGTHS = (41, 205, 1_025, 10_250)
_DRAWS, _OWN_DRAWS = 20, 200
_HUMAN = "prom_prom_300_tata"
Windows = dict[TrainingSet, list[str]]


def main() -> None:
    """Print shares called unlike."""
    require_data()
    train, held_out = parted(methylation_sets(DATA / "dna_methylation"))
    likeness = learn(train, CENTRE)
    print("bases   false alarms  other species called unlike  random letters  nearest of its mark named")
    for bases in LENGTHS:
        shares = (np.mean(list(each)) for each in judged(likeness, held_out, bases))
        print(f"{bases:6,} " + " ".join(f"{share:15.3f}" for share in shares), flush=True)
    print(f"contiguous human DNA of 300 bases: {contiguous():.3f} called unlike human DNA")


def parted(windows: Mapping[TrainingSet, Sequence[str]]) -> tuple[Windows, Windows]:
    """Four fifths of every set, and the rest."""
    train, held_out = {}, {}
    for each, own in windows.items():
        shuffled = random.Random(0).sample(own, len(own))
        held_out[each], train[each] = shuffled[: len(own) // 5], shuffled[len(own) // 5 :]
    return train, held_out


def judged(likeness: Likeness, held_out: Windows, bases: int) -> tuple[list[bool], ...]:
    """Whether each input was called unlike: of one's own, of other species, of random letters; whether it was named."""
    draw = random.Random(bases)

    def inputs(windows: Sequence[str], number: int) -> Iterator[np.ndarray]:
        for _ in range(number):
            yield likeness.count_each(draw.choices(windows, k=bases // WINDOW)).sum(0)

    own, others, letters, named = [], [], [], []
    for each in held_out:
        own += [likeness.judge(counts, each.name).reason is not None for counts in inputs(held_out[each], _OWN_DRAWS)]
        for other in held_out:
            for counts in inputs(held_out[other], _DRAWS) if other.species != each.species else ():
                verdict = likeness.judge(counts, each.name)
                others.append(verdict.reason is not None)
                named += [verdict.nearest == other] if other.group == each.group else []
        for _ in range(_DRAWS):
            counts = likeness.count("".join(draw.choices("ACGT", k=bases)))
            letters.append(likeness.judge(counts, each.name).reason is not None)
    return own, others, letters, named


def contiguous() -> float:
    """Share of human sequences called unlike pieces of other human sequences."""
    path = DATA / "gue" / _HUMAN / "train.csv.gz"
    sequences = list(read_labelled(path, targets=()).sequences)
    random.Random(0).shuffle(sequences)
    half = len(sequences) // 2
    human = TrainingSet("human", "human", "Homo sapiens")
    places = range(0, 300 - WINDOW + 1, WINDOW)
    likeness = learn({human: [each[at : at + WINDOW] for each in sequences[:half] for at in places]})
    return float(
        np.mean([likeness.judge(likeness.count(each), "human").reason is not None for each in sequences[half:]])
    )


if __name__ == "__main__":
    main()
