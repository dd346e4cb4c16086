"""DNA with a label for every base: as a table, or as FASTA with intervals in BED or GFF3 (gene annotation)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.data.alphabet import as_dna
from seqmodels.data.errors import EmptyData, MalformedLine, Place, UnknownName, UnsuitableData, WrongValue
from seqmodels.data.fasta import Record, read_fasta
from seqmodels.data.streams import read_lines
from seqmodels.data.tables import read_rows
from seqmodels.data.windows import starts

GENE_FEATURES = ("gene", "mRNA", "exon", "CDS")
"""Features of gene annotation from the outer to the inner: a base of a CDS is also one of an exon, mRNA and gene."""


@dataclass(frozen=True)
class LabelledBases:
    """DNA with a class for every base: `labels[i]` int16 (bases of sequence i,), -100 where it is not known."""

    names: tuple[str, ...]
    sequences: tuple[str, ...]
    labels: tuple[NDArray[np.int16], ...]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sequences)

    def take(self, rows: ArrayLike) -> Self:
        """These sequences, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return replace(
            self,
            names=tuple(self.names[i] for i in chosen),
            sequences=tuple(self.sequences[i] for i in chosen),
            labels=tuple(self.labels[i] for i in chosen),
        )

    def cut(self, length: int, stride: int | None = None) -> Self:
        """Windows of at most `length` bases, one every `stride` (default: side by side), named `name:start-end`."""
        names, sequences, labels = [], [], []
        for name, sequence, label in zip(self.names, self.sequences, self.labels, strict=True):
            for start in starts(len(sequence), length, stride):
                names.append(f"{name}:{start}-{min(len(sequence), start + length)}")
                sequences.append(sequence[start : start + length])
                labels.append(label[start : start + length])
        return replace(self, names=tuple(names), sequences=tuple(sequences), labels=tuple(labels))


@dataclass(frozen=True)
class Interval:
    """A labelled stretch of a contig: `start` counts from 0, `end` is not included, `strand` is +, - or `.`."""

    contig: str
    start: int
    end: int
    label: str
    strand: str
    line: int


def read_labelled_bases(
    path: Path | str,
    *,
    sequence: str = "sequence",
    labels: str = "labels",
    name: str | None = None,
    classes: Sequence[str] | None = None,
) -> LabelledBases:
    """Read a table with one label for each base (CSV, TSV, .gz).

    Args:
        path: the file.
        sequence: column of the DNA.
        labels: column of the labels: one letter or digit a base (`00011100`), or words apart by blanks; `?` is unknown.
        name: column of names; by default the row's number, from 1.
        classes: the training file's classes, which a validation file must use.

    Raises:
        DataError: of any kind, with file and line: another number of labels than bases, an unknown class.
    """
    table = read_rows(path)
    dna_at, labels_at = table.column(sequence), table.column(labels)
    name_at = None if name is None else table.column(name)
    names, sequences, words, lines = [], [], [], []
    for number, row in enumerate(table.rows, 1):
        place = Place(table.path, row.line)
        dna = as_dna(row.values[dna_at], place)
        cell = row.values[labels_at].strip()
        found = cell.split() if " " in cell else list(cell)
        if len(found) != len(dna):
            reason = f"there are {len(found)} labels for {len(dna)} bases"
            remedy = "Give one letter a base, or words with blanks between them."
            raise WrongValue(reason, remedy, Place(table.path, row.line, column=table.header[labels_at]))
        names.append(str(number) if name_at is None else row.values[name_at])
        sequences.append(dna)
        words.append(found)
        lines.append(row.line)
    if not sequences:
        raise EmptyData("there are no rows", "Give at least one row below the header.", Place(table.path))
    if classes is None:
        present = {word for row_words in words for word in row_words} - {"?"}
        classes = sorted(present, key=int) if all(word.isdecimal() for word in present) else sorted(present)
    index = {word: number for number, word in enumerate(classes)} | {"?": -100}
    for row_words, line in zip(words, lines, strict=True):
        unknown = next((word for word in row_words if word not in index), None)
        if unknown is not None:
            reason = f"the class {unknown!r} is none of {', '.join(classes)}"
            raise WrongValue(reason, "Use the training file's classes.", Place(table.path, line))
    arrays = tuple(np.array([index[word] for word in row_words], dtype=np.int16) for row_words in words)
    return LabelledBases(tuple(names), tuple(sequences), arrays, tuple(classes))


def read_intervals(path: Path | str) -> Iterator[Interval]:
    """Read BED (from 0, half open) or GFF3/GTF (from 1, closed), whichever the lines are (.gz too).

    The label is BED's fourth column (`interval` where there is none) or GFF's feature type.

    Raises:
        UnreadableFile, MalformedLine: with file and line.
    """
    path = Path(path)
    for number, line in enumerate(read_lines(path), 1):
        if line.startswith("##FASTA"):
            return
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        yield _interval(line, Place(path, number))


def label_bases(
    fasta: Path | str,
    intervals: Path | str,
    *,
    features: Sequence[str] | None = None,
    background: str = "none",
    stranded: bool = False,
) -> LabelledBases:
    """Label every base of a FASTA file by the intervals of a BED or GFF3 file.

    Args:
        fasta: the sequences.
        intervals: their annotation.
        features: labels to use, from the outer to the inner: where several cover a base, the last one counts. By
            default gene, mRNA, exon, CDS as far as the file has them; of other files all labels, in alphabetical order.
        background: the class of bases that no interval covers.
        stranded: make classes of label and strand (`CDS+`, `CDS-`); otherwise strands are one class.

    Raises:
        DataError: as the readers; also an interval beyond its sequence, no interval with the features, and no
            sequence with any interval.
    """
    by_contig: dict[str, list[Interval]] = defaultdict(list)
    for interval in read_intervals(intervals):
        by_contig[interval.contig].append(interval)
    labels = {interval.label for each in by_contig.values() for interval in each}
    if not labels:
        raise EmptyData("there are no intervals", "Give at least one line of BED or GFF3.", Place(intervals))
    order = tuple(features or [name for name in GENE_FEATURES if name in labels] or sorted(labels))
    if not labels.intersection(order):
        reason = f"no interval is labelled {', '.join(order)}; the labels are {', '.join(sorted(labels))}"
        raise UnsuitableData(reason, "Name features that the file has.", Place(intervals))
    kinds = [f"{name}{strand}" for name in order for strand in (("+", "-") if stranded else ("",))]
    classes = (background, *kinds)
    index = {name: number for number, name in enumerate(classes)}
    rank = {name: number for number, name in enumerate(order)}
    records = list(read_fasta(fasta))
    if not {record.name for record in records} & set(by_contig):
        reason = (
            f"no sequence is annotated: the sequences are {', '.join(record.name for record in records[:3])}, ..., "
            f"the intervals are on {', '.join(list(by_contig)[:3])}, ..."
        )
        raise UnknownName(reason, "Name contigs alike in both files.", Place(intervals))
    arrays = tuple(
        _labels_of(record, by_contig.get(record.name, []), rank, index, stranded, intervals) for record in records
    )
    names = tuple(record.name for record in records)
    return LabelledBases(names, tuple(record.sequence for record in records), arrays, classes)


def _labels_of(
    record: Record,
    intervals: list[Interval],
    rank: Mapping[str, int],
    index: Mapping[str, int],
    stranded: bool,
    file: Path | str,
) -> NDArray[np.int16]:
    labels = np.zeros(len(record.sequence), dtype=np.int16)
    used = [interval for interval in intervals if interval.label in rank]
    for interval in sorted(used, key=lambda interval: rank[interval.label]):
        place = Place(file, interval.line, record.name)
        if interval.end > len(record.sequence):
            reason = f"the interval ends at {interval.end}, the sequence has {len(record.sequence)} bases"
            raise WrongValue(reason, "Use the annotation of this very version of the sequence.", place)
        if stranded and interval.strand not in ("+", "-"):
            raise WrongValue("the interval has no strand", "Give one, or label without strands.", place)
        labels[interval.start : interval.end] = index[interval.label + (interval.strand if stranded else "")]
    return labels


def _interval(line: str, place: Place) -> Interval:
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) in (8, 9) and fields[3].isdecimal() and fields[4].isdecimal():
        start, end, label, strand = int(fields[3]) - 1, int(fields[4]), fields[2], fields[6]
    elif len(fields) >= 3 and fields[1].isdecimal() and fields[2].isdecimal():
        start, end = int(fields[1]), int(fields[2])
        label = fields[3] if len(fields) > 3 else "interval"
        strand = fields[5] if len(fields) > 5 else "."
    else:
        remedy = "BED has contig, start, end; GFF3 has nine columns with start and end the fourth and fifth."
        raise MalformedLine("the line is neither BED nor GFF3", remedy, place)
    if not 0 <= start < end:
        raise MalformedLine(f"the interval {start}-{end} has no bases", "Start lies before end.", place)
    return Interval(fields[0], start, end, label, strand, place.line or 0)
