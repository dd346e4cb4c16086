"""How fast a megabase is scanned for methylated adenines, beside the plain batch of windows, and in how much memory.

The plain way cuts the window of every candidate base out and judges them 1,024 at a time: the same networks, the same
two views of each, and it is checked to give the same probabilities. It is given the first part of the sequence only,
as it takes so much longer. Each contestant has a process of its own, which tells its peak memory, model and libraries
included (Linux). They run in turn; rates are medians, and the ratio is the median of those within a round.

    PYTHONPATH=. python -m benchmarks.scanning [--rounds 3] [--threads 1] [--predictor FOLDER]
"""

import argparse
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.dnabert2 import peak_mib
from benchmarks.shared import DATA
from seqmodels.data.alphabet import codes_of
from seqmodels.data.strands import reverse_complement
from seqmodels.data.tables import read_labelled
from seqmodels.predictors.domains import domain_of
from seqmodels.predictors.methylation import BUNDLED, CENTRE, WINDOW, MethylationPredictor, Scan

DOMAIN = domain_of("6mA_A.thaliana")
BASES = 1_000_000
# What the plain way is given.
PART = 50_000
_WARM_UP = 20_000


def random_letters() -> str:
    """A megabase in which every letter is as likely as any other."""
    return "".join(random.Random(0).choices("ACGT", k=BASES))


def windows_in_a_row() -> str | None:
    """A megabase of training windows of Arabidopsis one after the other; None where the data are not here."""
    path = DATA / "dna_methylation" / DOMAIN.name / "train.csv.gz"
    if not path.is_file():
        return None
    windows = list(read_labelled(path, targets=(), length=WINDOW).sequences)
    random.Random(0).shuffle(windows)
    return "".join(windows)[:BASES]


SEQUENCES: dict[str, Callable[[], str | None]] = {
    "random letters": random_letters,
    "windows of A. thaliana": windows_in_a_row,
}


def scan(predictor: MethylationPredictor, sequence: str) -> NDArray[np.float64]:
    """Probabilities of all candidates, in the order of the sequence."""
    found = [sites.probabilities for sites in predictor.scan("x", sequence, DOMAIN, Scan(DOMAIN))]
    return np.concatenate(found)


def judge_windows(predictor: MethylationPredictor, sequence: str) -> NDArray[np.float64]:
    """The same, a window at a time; 1,024 of them share a batch."""
    starts = np.flatnonzero(np.isin(codes_of(sequence)[CENTRE:-CENTRE], codes_of("AT")))
    found = []
    for some in np.array_split(starts, max(1, len(starts) // 1024)):
        cut = [sequence[start : start + WINDOW] for start in some.tolist()]
        windows = [each if each[CENTRE] == "A" else reverse_complement(each) for each in cut]
        found.append(predictor.windows(windows, DOMAIN).probabilities)
    return np.concatenate(found)


CONTESTANTS: dict[str, tuple[Callable[[MethylationPredictor, str], NDArray[np.float64]], int]] = {
    "scan": (scan, BASES),
    "windows in batches": (judge_windows, PART),
}


def serve(contestant: str, folder: Path, threads: int, pipe: Connection) -> None:
    """Run one contestant on every sequence that is sent; answers with bases a second and peak memory in MiB."""
    import torch

    torch.set_num_threads(threads)
    work, bases = CONTESTANTS[contestant]
    predictor = MethylationPredictor(folder)
    work(predictor, random_letters()[:_WARM_UP])
    pipe.send(peak_mib())
    while sequence := pipe.recv():
        part = sequence[:bases]
        start = time.perf_counter()
        work(predictor, part)
        pipe.send((len(part) / (time.perf_counter() - start), peak_mib()))


def contest(folder: Path, rounds: int, threads: int) -> None:
    """Run both in turn on each sequence, and print."""
    spawn = multiprocessing.get_context("spawn")
    pipes, processes = {}, []
    for name in CONTESTANTS:
        pipes[name], theirs = spawn.Pipe()
        processes.append(spawn.Process(target=serve, args=(name, folder, threads, theirs), daemon=True))
        processes[-1].start()
        pipes[name].recv()
    for kind, make in SEQUENCES.items():
        if (sequence := make()) is None:
            print(f"{kind}: {DATA} is not here")
            continue
        rates: dict[str, list[float]] = {name: [] for name in CONTESTANTS}
        memory = dict.fromkeys(CONTESTANTS, 0)
        for _ in range(rounds):
            for name, pipe in pipes.items():
                pipe.send(sequence)
                rate, memory[name] = pipe.recv()
                rates[name].append(rate)
        ratio = statistics.median(a / b for a, b in zip(*rates.values(), strict=True))
        for name, (_, bases) in CONTESTANTS.items():
            print(
                f"{kind}, {name}: {statistics.median(rates[name]):,.0f} bases/s over {min(bases, len(sequence)):,}"
                f" bases, peak {memory[name]:,} MiB",
                flush=True,
            )
        print(f"{kind}: scanning is {ratio:.1f} times as fast", flush=True)
    for pipe, process in zip(pipes.values(), processes, strict=True):
        pipe.send("")
        process.join()


def check_equal(predictor: MethylationPredictor) -> None:
    """End the program where the two ways differ."""
    sequence = random_letters()[:5_000]
    apart = np.abs(scan(predictor, sequence) - judge_windows(predictor, sequence)).max()
    print(f"same networks: probabilities differ by at most {apart:.1e}")
    if apart > 1e-4:
        sys.exit("The two ways do not compute the same.")


def main() -> None:
    """Print bases a second, memory and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--predictor", type=Path, default=BUNDLED, metavar="FOLDER", help="default: the one that ships")
    options = parser.parse_args()
    if not options.predictor.is_dir():
        print(f"{options.predictor} is not here: nothing is measured")
        return
    predictor = MethylationPredictor(options.predictor)
    print(f"{BASES:,} bases, {DOMAIN.name}, both strands; {options.threads} threads")
    check_equal(predictor)
    bound = predictor.scan_memory(BASES, BASES) / 2**20
    print(f"the scan says beforehand that it takes at most {bound:,.0f} MiB beyond the program itself")
    contest(options.predictor, options.rounds, options.threads)


if __name__ == "__main__":
    main()
