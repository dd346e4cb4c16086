"""Ingest of abstracts on one Ray worker and on two, each on one core, beside the local engine; start-up told apart."""

import argparse
import os
import tempfile
import time
from pathlib import Path

from benchmarks.shared import embedder, epi_and_cg, pubmedqa, require_data
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.ray_engine import cluster, derive_by_workers
from retrieval.settings import RaySettings

_QUESTIONS = ("RASSF1A promoter methylation in cancer", "Does vitamin D prevent falls?", "histone acetylation by p300")


def main() -> None:
    """Print seconds and abstracts a second by number of workers, and whether the hits are the local engine's."""
    require_data()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=1_500)
    count: int = parser.parse_args().papers
    papers = [*pubmedqa()[0], *epi_and_cg()[0]][:count]
    print(f"{len(papers)} abstracts; load of the machine before: {os.getloadavg()[0]:.1f}")
    seconds: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for workers in (1, 2):
            with Library.create(Path(folder) / str(workers), embedder()) as library:
                for paper in papers:
                    library.add(paper)
                seconds[workers] = _derive(library, workers)
                found = _hits(library)
        with Library.create(Path(folder) / "local", embedder()) as library:
            for paper in papers:
                library.add(paper)
            started = time.perf_counter()
            ingest(library, [])
            print(f"local engine: {time.perf_counter() - started:.1f} s; the same hits: {_hits(library) == found}")
    print(f"two workers: {seconds[1] / seconds[2]:.2f} times one; load after: {os.getloadavg()[0]:.1f}")


def _derive(library: Library, workers: int) -> float:
    """Seconds from the first paper that comes back to the last; what comes before is told."""
    told: list[float] = []
    began = time.perf_counter()
    with cluster(RaySettings(workers=workers)) as count:
        started = time.perf_counter()
        derive_by_workers(library, count, 0, lambda *_: told.append(time.perf_counter()))
    library.derive()
    rate = (len(told) - 1) / (told[-1] - told[0])
    print(
        f"{workers} workers: cluster {started - began:.1f} s, first paper after {told[0] - started:.1f} s, "
        f"the others {told[-1] - told[0]:.1f} s ({rate:.1f} abstracts a second)"
    )
    return told[-1] - told[0]


def _hits(library: Library) -> list[list[str | None]]:
    return [[hit.pmid for hit in library.search(question).hits] for question in _QUESTIONS]


if __name__ == "__main__":
    main()
