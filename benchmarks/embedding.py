"""The encoder's runtimes beside sentence-transformers' default `encode`, on passages of the 1,500 abstracts.

All take turns in one process, so that other work on the machine slows them alike; medians of their turns. Seconds of
the processor are told beside those of the clock, as other work leaves them alone. Recall@1 is by passage vectors only:
500 PubMedQA questions against all 1,500 abstracts, each as near as its nearest passage.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.shared import WORK, epi_and_cg, pubmedqa, require_data
from retrieval.passages import passages
from seqmodels.encoder import RUNTIMES, BundledEncoder, Vector, bundled_folder

_PEER = "sentence-transformers"
Encode = Callable[[list[str]], Vector]


def main() -> None:
    """Print seconds and ratios on two threads and on one, then Recall@1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=200, help="how many are timed")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 1])
    parser.add_argument("--recall", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    require_data()
    tuned_on, _ = epi_and_cg()
    asked_of, items = pubmedqa()
    papers = [*tuned_on, *asked_of]
    texts = [(paper.pmid or "", paper.text[cut.start : cut.end]) for paper in papers for cut in passages(paper)]
    chosen = np.random.default_rng(0).permutation(len(texts))[: options.passages]
    for threads in options.threads:
        _race([texts[number][1] for number in chosen], threads, options.turns)
    if options.recall:
        for name, encode in _encoders().items():
            owners = np.array([pmid for pmid, _ in texts])
            vectors = encode([text for _, text in texts])
            questions = encode([item.question for item in items])
            best = owners[np.argmax(questions @ vectors.T, axis=1)]
            found = best == np.array([item.pmid for item in items])
            print(f"{name:<24} Recall@1 {found.mean():.4f}", flush=True)


def _encoders() -> dict[str, Encode]:
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(bundled_folder()), device="cpu")

    def ours(encoder: BundledEncoder) -> Encode:
        return lambda texts: np.array([found.passage for found in encoder.encode(texts, [()] * len(texts))])

    encoders: dict[str, Encode] = {_PEER: lambda texts: np.asarray(peer.encode(texts, show_progress_bar=False))}
    return encoders | {f"Epicite, {name}": ours(BundledEncoder(WORK / "encoders", name)) for name in RUNTIMES}


def _race(texts: list[str], threads: int, turns: int) -> None:
    import torch

    torch.set_num_threads(threads)
    # ONNX Runtime takes its threads from the processors that it may use when a session is made.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    encoders = _encoders()
    clock: dict[str, list[float]] = {name: [] for name in encoders}
    processor: dict[str, list[float]] = {name: [] for name in encoders}
    for encode in encoders.values():
        encode(texts[:8])
    for _ in range(turns):
        for name, encode in encoders.items():
            wall, own = time.perf_counter(), time.process_time()
            encode(texts)
            clock[name].append(time.perf_counter() - wall)
            processor[name].append(time.process_time() - own)
    for name in encoders:
        wall, own = statistics.median(clock[name]), statistics.median(processor[name])
        ratio, own_ratio = statistics.median(clock[_PEER]) / wall, statistics.median(processor[_PEER]) / own
        print(
            f"{threads} threads  {name:<24} {wall:7.2f} s ({ratio:.2f} times as fast), "
            f"{own:7.2f} s of processor ({own_ratio:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
