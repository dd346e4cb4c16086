"""How long a warm query and the ingest around the models take, and how much memory.

All on the 1,500 EPI, CG and PubMedQA abstracts. The machine's noise is in every figure: read the medians.
"""

import resource
import shutil
import statistics
import time

from benchmarks.shared import WORK, embedder, epi_and_cg, library_of, pubmedqa, require_data
from retrieval.library import Library


def main() -> None:
    """Print the warm query's median and 95th percentile, ingest without models, and peak memory."""
    require_data()
    papers, _ = epi_and_cg()
    asked_of, items = pubmedqa()
    everything = [*papers, *asked_of]
    library = library_of("all-1500", everything)
    for item in items[:20]:
        library.search(item.question)
    seconds = []
    for item in items:
        start = time.perf_counter()
        library.search(item.question)
        seconds.append(time.perf_counter() - start)
    print(
        f"warm query, question embedded: median {statistics.median(seconds) * 1e3:.1f} ms, "
        f"95th percentile {statistics.quantiles(seconds, n=20)[-1] * 1e3:.1f} ms"
    )
    folder = WORK / "speed"
    shutil.rmtree(folder, ignore_errors=True)
    with Library.create(folder, embedder()) as fresh:
        start = time.perf_counter()
        for paper in everything:
            fresh.add(paper)
        stored = time.perf_counter()
        fresh.follow()
        indexed = time.perf_counter()
    shutil.rmtree(folder)
    each = 1e3 / len(everything)
    print(
        f"ingest without models: {(indexed - start) * each:.2f} ms an abstract "
        f"(storing {(stored - start) * each:.2f}, indexing words {(indexed - stored) * each:.2f})"
    )
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
