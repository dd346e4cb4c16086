from pathlib import Path

import numpy as np
import pytest

from seqmodels.data.annotations import label_bases, read_intervals, read_labelled_bases
from seqmodels.data.errors import DataError, EmptyData, MalformedLine, UnknownName, UnsuitableData, WrongValue

FASTA = ">chr1 tiny\nACGTACGTACGT\n>chr2\nGGGG\n"
GFF = (
    "##gff-version 3\n"
    "chr1\tx\tgene\t2\t11\t.\t+\t.\tID=g\n"
    "chr1\tx\tCDS\t4\t6\t.\t+\t0\tParent=m\n"
    "chr1\tx\texon\t3\t8\t.\t+\t.\tParent=m\n"
    "chr1\tx\tregion\t1\t12\t.\t.\t.\tID=r\n"
    "##FASTA\n>ignored\nACGT\n"
)
BED = "track name=peaks\nchr1\t0\t3\tpeak\t0\t-\nchr2\t1\t2\tpeak\t0\t+\n"


def write(folder: Path, content: str, name: str) -> Path:
    path = folder / name
    path.write_text(content)
    return path


def test_a_table_gives_one_label_a_base(tmp_path: Path) -> None:
    path = write(tmp_path, "gene,sequence,labels\ng1,acgt,0110\ng2,NNA,?10\n", "in.csv")
    data = read_labelled_bases(path, name="gene")
    assert (data.names, data.sequences, data.classes) == (("g1", "g2"), ("ACGT", "NNA"), ("0", "1"))
    assert [labels.tolist() for labels in data.labels] == [[0, 1, 1, 0], [-100, 1, 0]]
    assert data.labels[0].dtype == np.int16


def test_labels_may_be_words(tmp_path: Path) -> None:
    data = read_labelled_bases(write(tmp_path, "sequence\tlabels\nACG\tintron exon exon\n", "in.tsv"))
    assert (data.classes, data.labels[0].tolist()) == (("exon", "intron"), [1, 0, 0])


def test_labels_that_do_not_fit_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "sequence,labels\nACGT,0110\nACGT,011\n", "in.csv")
    with pytest.raises(WrongValue, match="line 3, column 'labels': there are 3 labels for 4 bases"):
        read_labelled_bases(path)
    path = write(tmp_path, "sequence,labels\nACGT,0120\n", "in.csv")
    with pytest.raises(WrongValue, match="line 2: the class '2' is none of 0, 1"):
        read_labelled_bases(path, classes=("0", "1"))


def test_gene_annotation_labels_bases_by_the_innermost_feature(tmp_path: Path) -> None:
    data = label_bases(write(tmp_path, FASTA, "g.fa"), write(tmp_path, GFF, "g.gff3"))
    assert data.classes == ("none", "gene", "exon", "CDS")
    assert data.labels[0].tolist() == [0, 1, 2, 3, 3, 3, 2, 2, 1, 1, 1, 0]
    assert data.labels[1].tolist() == [0, 0, 0, 0]


def test_bed_counts_from_zero_and_strands_may_be_classes(tmp_path: Path) -> None:
    fasta, bed = write(tmp_path, FASTA, "g.fa"), write(tmp_path, BED, "g.bed")
    data = label_bases(fasta, bed, stranded=True)
    assert data.classes == ("none", "peak+", "peak-")
    assert data.labels[0].tolist() == [2, 2, 2] + [0] * 9
    assert data.labels[1].tolist() == [0, 1, 0, 0]
    assert label_bases(fasta, bed).classes == ("none", "peak")


@pytest.mark.parametrize(
    ("intervals", "features", "error", "said"),
    [
        ("chr1\t0\t13\n", None, WrongValue, "line 1, record 'chr1': the interval ends at 13"),
        ("Chr1\t0\t3\n", None, UnknownName, "the sequences are chr1, chr2, ..., the intervals are on Chr1"),
        ("chr1 here\n", None, MalformedLine, "line 1: the line is neither BED nor GFF3"),
        ("chr1\t5\t5\n", None, MalformedLine, "the interval 5-5 has no bases"),
        (GFF, ("utr",), UnsuitableData, "no interval is labelled utr; the labels are CDS, exon, gene, region"),
        ("# nothing\n", None, EmptyData, "there are no intervals"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, intervals: str, features: tuple[str, ...] | None, error: type[DataError], said: str
) -> None:
    fasta, path = write(tmp_path, FASTA, "g.fa"), write(tmp_path, intervals, "g.bed")
    with pytest.raises(error) as caught:
        label_bases(fasta, path, features=features)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_intervals_without_strand_are_no_stranded_labels(tmp_path: Path) -> None:
    with pytest.raises(WrongValue, match="the interval has no strand"):
        label_bases(write(tmp_path, FASTA, "g.fa"), write(tmp_path, "chr1\t0\t3\n", "g.bed"), stranded=True)


def test_gff_and_bed_name_the_same_bases(tmp_path: Path) -> None:
    (gff,) = read_intervals(write(tmp_path, "chr1\tx\tpeak\t3\t8\t.\t-\t.\tID=p\n", "a.gff"))
    (bed,) = read_intervals(write(tmp_path, "chr1 2 8 peak 0 -\n", "a.bed"))
    assert gff == bed


def test_windows_keep_every_label_with_its_base(tmp_path: Path) -> None:
    data = label_bases(write(tmp_path, FASTA, "g.fa"), write(tmp_path, GFF, "g.gff3")).cut(5, 4)
    assert data.names == ("chr1:0-5", "chr1:4-9", "chr1:8-12", "chr2:0-4")
    assert [labels.tolist() for labels in data.labels[:3]] == [[0, 1, 2, 3, 3], [3, 3, 2, 2, 1], [1, 1, 1, 0]]
    assert all(len(labels) == len(sequence) for labels, sequence in zip(data.labels, data.sequences, strict=True))
