"""Predicted sites as files that genome browsers and spreadsheets read."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Literal

from seqmodels.predictors.domains import Domain
from seqmodels.predictors.methylation import DISAGREEMENT, Sites
from seqmodels.predictors.writing import whole_file

Format = Literal["csv", "bed", "gff3"]
SUFFIXES: dict[str, Format] = {".csv": "csv", ".bed": "bed", ".gff3": "gff3", ".gff": "gff3"}

# Terms of the Sequence Ontology (Eilbeck et al. 2005, doi:10.1186/gb-2005-6-5-r44).
_TERMS = {"6mA": "methylated_adenine", "4mC": "methylated_cytosine", "5hmC": "modified_DNA_base"}
_COLUMNS = ("name", "position", "strand", "mark", "score", "label", "strand_disagreement", "flag")


def write_sites(path: Path, found: Iterable[Sites], domain: Domain, threshold: float = 0.5) -> int:
    """Write sites in the format of the file's suffix; gives their number.

    CSV holds every candidate (positions counted from 1), BED and GFF3 those called methylated: probability at or
    above `threshold`. Nothing is left behind where the scan fails.
    """
    with whole_file(path) as file:
        return write_sites_to(file, found, domain, threshold, SUFFIXES.get(path.suffix.lower(), "csv"))


def write_sites_to(
    file: IO[str], found: Iterable[Sites], domain: Domain, threshold: float = 0.5, format_: Format = "csv"
) -> int:
    """Write sites to an open file as `write_sites` does; gives their number."""
    return _WRITERS[format_](file, found, domain, threshold)


def _rows(found: Iterable[Sites]) -> Iterator[tuple[str, int, str, float, float]]:
    for sites in found:
        columns = (sites.positions, sites.strands, sites.probabilities, sites.disagreements)
        for position, strand, probability, apart in zip(*(column.tolist() for column in columns), strict=True):
            yield sites.name, position, strand, probability, apart


def _write_csv(file: IO[str], found: Iterable[Sites], domain: Domain, threshold: float) -> int:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    number = 0
    for name, position, strand, probability, apart in _rows(found):
        number += 1
        flag = "strands disagree" if apart > DISAGREEMENT else ""
        label = int(probability >= threshold)
        writer.writerow([name, position + 1, strand, domain.mark, f"{probability:.6g}", label, f"{apart:.4f}", flag])
    return number


def _write_bed(file: IO[str], found: Iterable[Sites], domain: Domain, threshold: float) -> int:
    number = 0
    for name, position, strand, probability, _ in _rows(found):
        if probability >= threshold:
            number += 1
            file.write(f"{name}\t{position}\t{position + 1}\t{domain.mark}\t{round(1000 * probability)}\t{strand}\n")
    return number


def _write_gff3(file: IO[str], found: Iterable[Sites], domain: Domain, threshold: float) -> int:
    file.write("##gff-version 3\n")
    number = 0
    for name, position, strand, probability, _ in _rows(found):
        if probability >= threshold:
            number += 1
            place = f"{position + 1}\t{position + 1}\t{probability:.6g}\t{strand}"
            about = f"ID={domain.mark}_{number};mark={domain.mark};model={domain.name}"
            file.write(f"{_escaped(name)}\tepicite\t{_TERMS[domain.mark]}\t{place}\t.\t{about}\n")
    return number


def _escaped(name: str) -> str:
    """A sequence id as GFF3 wants it: what may not stand there is percent-encoded."""
    allowed = set(".:^*$@!+_?-|")
    return "".join(letter if letter.isalnum() or letter in allowed else f"%{ord(letter):02X}" for letter in name)


_WRITERS = {"csv": _write_csv, "bed": _write_bed, "gff3": _write_gff3}
