"""Scanned windows as files that genome browsers and spreadsheets read."""

import csv
from collections.abc import Iterable, Iterator
from typing import Literal, TextIO

from seqmodels.predictors.promoter import Places, best_places

Format = Literal["csv", "bed"]
COLUMNS = ("name", "start", "end", "strand", "score", "label", "best")


def write_places(
    file: TextIO, scanned: Iterable[Places], window: int, threshold: float = 0.5, format_: Format = "csv"
) -> int:
    """Write scanned sequences, one `Places` each; gives how many promoters are called.

    CSV holds every window (`start` and `end` counted from 1, both included), `best` being 1 for those called that no
    better one overlaps; BED holds these alone.
    """
    called = 0
    if format_ == "csv":
        csv.writer(file, lineterminator="\n").writerow(COLUMNS)
    for places in scanned:
        best = best_places(places, window, threshold)
        called += len(best.begins)
        if format_ == "csv":
            csv.writer(file, lineterminator="\n").writerows(_rows(places, best, window, threshold))
        else:
            file.writelines(_bed_lines(best, window))
    return called


def _rows(places: Places, best: Places, window: int, threshold: float) -> Iterator[tuple[object, ...]]:
    chosen = set(best.begins.tolist())
    for begin, strand, probability in _columns(places):
        label = int(probability >= threshold)
        yield places.name, begin + 1, begin + window, strand, f"{probability:.6g}", label, int(begin in chosen)


def _bed_lines(best: Places, window: int) -> Iterator[str]:
    for begin, strand, probability in _columns(best):
        yield f"{best.name}\t{begin}\t{begin + window}\tpromoter\t{round(1000 * probability)}\t{strand}\n"


def _columns(places: Places) -> Iterator[tuple[int, str, float]]:
    columns = (places.begins, places.strands, places.probabilities)
    yield from zip(*(column.tolist() for column in columns), strict=True)
