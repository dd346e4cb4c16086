"""How quickly the tagger reads a library for evidence, beside plain transformers with the same adapter.

Plain: the adapter beside its base and not merged into it, windows in the order of the texts in batches of eight, padded
to the longest; every text is read. Ours merges, sorts windows by length and leaves out texts that do not speak of
methylation. Both read the same abstracts turn by turn on one thread, and the events that each finds are scored against
the corpus (which the shipped adapter learnt from: the F1 is for comparing the two, and no held-out score).
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.shared import DATA, require_data
from seqmodels.tagger.bundled import BUNDLED
from seqmodels.tagger.recipes.sets import EPI, documents
from seqmodels.tagger.scoring import counted
from seqmodels.tagger.tagged import Tagged
from seqmodels.tagger.tagger import Scores, Tagger

_BATCH = 8


class Plain(Tagger):
    """The tagger as one writes it first."""

    def _in_bfloat16(self) -> bool:
        return False

    def _scores(self, rows: Sequence[Sequence[str]], marks: Sequence[NDArray[np.int64]]) -> list[Scores]:
        found: list[Scores] = []
        for first in range(0, len(rows), _BATCH):
            part = slice(first, first + _BATCH)
            found += super()._scores(rows[part], marks[part])
        return found


def main() -> None:
    """Print the ratio of the times and what each finds."""
    import torch

    from seqmodels.train.saved import load_trained

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tagger", type=Path, default=BUNDLED, help="folder of a tagger (default: the shipped one)")
    parser.add_argument("--abstracts", type=int, default=120, help="how many are read (default: 120)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each reads them (default: 3)")
    options = parser.parse_args()
    require_data()
    torch.set_num_threads(1)
    # Every fifth, for the file has those that speak of DNA methylation in stretches.
    corpus = documents(DATA, EPI)
    corpus = corpus[:: max(1, len(corpus) // options.abstracts)][: options.abstracts]
    texts = [document.text for document in corpus]
    ours = Tagger.open(options.tagger)
    plain = Plain(load_trained(str(options.tagger)))
    ways: dict[str, Callable[[Sequence[str]], list[Tagged]]] = {
        "plain transformers": plain.tag,
        "every text read": ours.tag,
        "for evidence": ours.tag_methylation,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    said: dict[str, list[Tagged]] = {}
    for way in ways.values():
        way(texts[:8])
    for _ in range(options.rounds):
        for name, way in ways.items():
            started = time.process_time()
            said[name] = way(texts)
            seconds[name].append(time.process_time() - started)
    slowest = statistics.median(seconds["plain transformers"])
    print(f"{len(texts)} abstracts, one thread, medians of {options.rounds} rounds of processor time")
    for name, each in seconds.items():
        counts = counted(corpus, said[name])
        ratio = [plain / own for plain, own in zip(seconds["plain transformers"], each, strict=True)]
        print(
            f"{name:20} {statistics.median(each) / slowest:5.2f} of plain's time, {statistics.median(ratio):.2f}x; "
            f"event F1 {counts.f1('event'):.2f}, gene+status F1 {counts.f1('gene+status'):.2f}"
        )
    print("wanted: 4x, F1 lower by at most 0.3")


if __name__ == "__main__":
    main()
