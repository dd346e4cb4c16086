"""Rows to predict from, which have no targets: as models read them, in the order of their file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqmodels.data.fasta import starts_like_fasta
from seqmodels.data.markers import Markers, read_markers
from seqmodels.data.tables import LabelledSequences, read_sequences
from seqmodels.data.variants import read_genotypes
from seqmodels.families import Reads
from seqmodels.train.letters import read_letters, read_proteins


def read_inputs(path: Path, reads: Reads, column: str = "sequence") -> LabelledSequences:
    """Sequences of a FASTA file or a table.

    Args:
        path: the file.
        reads: what the model reads.
        column: of a table, where the sequences stand.

    Raises:
        DataError: with file and line; DNA where a protein is needed, and the reverse.
    """
    if reads == "dna":
        return read_sequences(path, sequence=column)
    if reads == "protein" and starts_like_fasta(path):
        return read_proteins(path)
    return read_letters(path, reads, None, column, ())


def read_lines(path: Path, notes: Mapping[str, Any], *, vcf: bool, id_column: str | None = None) -> Markers:
    """Genotypes of breeding lines.

    Args:
        path: the file.
        notes: of a trained model: its markers, and which alleles they count; empty for training.
        vcf: whether the file is a VCF, or a table.
        id_column: of a table, where the lines' names stand.

    Raises:
        DataError: the file cannot be read, or has none of the markers.
    """
    if vcf:
        markers = read_genotypes(path)
    else:
        alleles = zip(notes.get("markers", ()), notes.get("counted", ()), strict=True)
        counted = {marker: allele for marker, allele in alleles if allele}
        markers = read_markers(path, id_column=id_column, counted=counted or None)
    return markers.select(notes["markers"]) if notes else markers
