import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.errors import (
    DataError,
    EmptyData,
    MalformedLine,
    UnsuitableData,
    WrongAlphabet,
    WrongColumns,
    WrongValue,
)
from seqmodels.data.tables import (
    LabelledSequences,
    Targets,
    read_labelled,
    read_rows,
    read_sequences,
    write_labelled,
)


def write(folder: Path, content: str | bytes, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"sequence,label\nACGT,1\nGGTT,0\n",
        b"\xef\xbb\xbfsequence,label\r\nACGT,1\r\nGGTT,0\r\n",
        b"label\tSequence\n1\tacgu\n\n0\tggtt\n",
        b'"sequence";"label"\n"ACGT";"1"\n"GGTT";"0"\n',
        b"sequence label\nACGT 1\nGGTT 0\n",
        gzip.compress(b"sequence,label\nACGT,1\nGGTT,0\n"),
    ],
    ids=["CSV", "of Excel", "TSV", "semicolons", "blanks", "gzip"],
)
def test_sequences_and_classes_are_read_however_the_table_was_saved(tmp_path: Path, content: bytes) -> None:
    data = read_labelled(write(tmp_path, content))
    assert data.sequences == ("ACGT", "GGTT")
    assert data.targets is not None
    assert data.targets.classes == ("0", "1")
    assert data.targets.values.tolist() == [1, 0]
    assert data.names == ("1", "2")


def test_integers_are_classes_in_their_order_and_names_in_the_alphabets(tmp_path: Path) -> None:
    numbers = read_labelled(write(tmp_path, "sequence,label\nA,10\nC,9\nG,-1\n"))
    assert numbers.targets is not None
    assert numbers.targets.classes == ("-1", "9", "10")
    named = read_labelled(write(tmp_path, "sequence,label\nA,promoter\nC,none\nG,enhancer\n"))
    assert named.targets is not None
    assert named.targets.classes == ("enhancer", "none", "promoter")
    assert named.targets.values.tolist() == [2, 1, 0]


def test_a_validation_file_keeps_the_training_files_classes(tmp_path: Path) -> None:
    path = write(tmp_path, "sequence,label\nA,b\nC,b\n")
    data = read_labelled(path, classes=("a", "b"))
    assert data.targets is not None
    assert data.targets.values.tolist() == [1, 1]
    with pytest.raises(WrongValue, match="line 2, column 'label': the class 'b' is none of a, c"):
        read_labelled(path, classes=("a", "c"))


def test_numbers_with_decimals_are_measurements(tmp_path: Path) -> None:
    data = read_labelled(write(tmp_path, "sequence,label\nA,0.5\nC,-2\n"))
    assert data.targets is not None
    assert (data.targets.kind, data.targets.values.tolist()) == ("values", [[0.5], [-2.0]])


def test_several_columns_are_measurements_or_flags_and_may_have_gaps(tmp_path: Path) -> None:
    path = write(tmp_path, "sequence,x,y\nA,1.5,NA\nC,,2\n")
    data = read_labelled(path, targets=("y", "x"))
    assert data.targets is not None
    assert data.targets.columns == ("y", "x")
    assert np.array_equal(data.targets.values, np.float32([[np.nan, 1.5], [2, np.nan]]), equal_nan=True)
    flags = read_labelled(write(tmp_path, "sequence,x,y\nA,1,0\nC,,1\n"), targets=("x", "y"))
    assert flags.targets is not None
    assert flags.targets.kind == "flags"
    assert np.array_equal(flags.targets.values, np.float32([[1, 0], [np.nan, 1]]), equal_nan=True)


def test_rows_without_a_target_are_refused_skipped_or_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "sequence,label\nA,1\nC,NA\nG,0\n")
    with pytest.raises(WrongValue, match="line 3, column 'label': the row has no target"):
        read_labelled(path)
    skipped = read_labelled(path, missing="skip")
    assert (skipped.sequences, skipped.names, skipped.lines.tolist()) == (("A", "G"), ("1", "3"), [2, 4])
    kept = read_labelled(path, missing="keep")
    assert kept.targets is not None
    assert kept.targets.values.tolist() == [1, -100, 0]


def test_many_integers_are_not_taken_for_classes_silently(tmp_path: Path) -> None:
    path = write(tmp_path, "sequence,label\n" + "".join(f"ACGT,{4000 + i}\n" for i in range(60)))
    with pytest.raises(UnsuitableData, match="60 different integers"):
        read_labelled(path)
    data = read_labelled(path, kind="values")
    assert data.targets is not None
    assert data.targets.values.shape == (60, 1)


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", EmptyData, "the file is empty"),
        (">a\nACGT\n", MalformedLine, "line 1: this is FASTA, not a table"),
        ("##fileformat=VCFv4.2\n", MalformedLine, "line 1: this is VCF, not a table"),
        ("ACGTACGTACGT,1\n", WrongColumns, "line 1: the first line holds data (ACGTACGTACGT, 1)"),
        ("sequence,label\n", EmptyData, "there are no rows"),
        ("sequense,label\nA,1\n", WrongColumns, "no column 'sequence'; the columns are sequense, label. Did you mean"),
        ("sequence,label,label\nA,1,1\n", WrongColumns, "'label' is there 2 times"),
        ("sequence,label\nA,1\nC\n", MalformedLine, "line 3: the row has 1 cells, the header 2"),
        ("sequence,label\nx,A,1\n", MalformedLine, "col.names=NA"),
        ('sequence,label\n"A,1\n', MalformedLine, "Close the quotes"),
        ("sequence,label\nA,1\nMEEPQSDPSV,1\n", WrongAlphabet, "line 3, column 'sequence': this is a protein"),
        ("sequence,label\n,1\n", EmptyData, "line 2, column 'sequence': the sequence is empty"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: str, error: type[DataError], said: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(error) as caught:
        read_labelled(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_decimal_comma_and_infinity_are_no_numbers(tmp_path: Path) -> None:
    with pytest.raises(WrongValue, match="'3,5' is not a number"):
        read_labelled(write(tmp_path, "sequence;label\nA;3,5\n"), kind="values")
    with pytest.raises(WrongValue, match="not a finite number"):
        read_labelled(write(tmp_path, "sequence,label\nA,inf\n"), kind="values")


def test_flags_hold_nothing_but_0_and_1(tmp_path: Path) -> None:
    with pytest.raises(WrongValue, match="line 2, column 'y': '2' is neither 0 nor 1"):
        read_labelled(write(tmp_path, "sequence,x,y\nA,1,2\n"), targets=("x", "y"), kind="flags")


def test_windows_of_another_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongValue, match="line 3: the sequence has 3 bases, 4 are needed"):
        read_labelled(write(tmp_path, "sequence,label\nACGT,1\nACG,0\n"), length=4)
    with pytest.raises(WrongValue, match="record 'b': the sequence has 3 bases, 4 are needed"):
        read_sequences(write(tmp_path, ">a\nACGT\n>b\nACG\n"), length=4)


def test_a_sequence_of_a_million_bases_fits_into_a_cell(tmp_path: Path) -> None:
    data = read_labelled(write(tmp_path, f"sequence,label\n{'ACGT' * 250_000},1\nA,0\n"))
    assert len(data.sequences[0]) == 1_000_000


def test_unlabelled_sequences_come_from_fasta_or_a_table_alike(tmp_path: Path) -> None:
    fasta = read_sequences(write(tmp_path, "\n>a x\nAC\nGT\n>b\nGG\n", "in.txt"))
    table = read_sequences(write(tmp_path, "id,sequence\na,ACGT\nb,GG\n"))
    assert fasta.sequences == table.sequences == ("ACGT", "GG")
    assert (fasta.names, table.names) == (("a", "b"), ("1", "2"))
    assert fasta.targets is None


def test_rows_pass_as_they_stand_so_that_predictions_can_be_added(tmp_path: Path) -> None:
    table = read_rows(write(tmp_path, 'id,note,sequence\n7,"a, ""b""\nc",AC\n8,,GT\n'))
    assert table.header == ("id", "note", "sequence")
    assert [row.values for row in table.rows] == [("7", 'a, "b"\nc', "AC"), ("8", "", "GT")]


SEQUENCES = st.lists(st.text("ACGTN", min_size=1, max_size=30), min_size=1, max_size=8)


@given(SEQUENCES, st.data())
def test_what_was_written_is_read_back(tmp_path_factory, sequences: list[str], data: st.DataObject) -> None:
    count = len(sequences)
    classes = ("no", "yes, or so", 'a "third"')
    measured = st.floats(-1e6, 1e6, width=32) | st.just(float("nan"))
    if data.draw(st.booleans()):
        numbers = data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
        targets = Targets("classes", ("label",), classes, np.array(numbers, dtype=np.int64))
    else:
        rows = data.draw(st.lists(st.lists(measured, min_size=2, max_size=2), min_size=count, max_size=count))
        targets = Targets("values", ("x", "y"), (), np.array(rows, dtype=np.float32))
    names = tuple(str(i) for i in range(1, count + 1))
    path = tmp_path_factory.mktemp("tables") / "out.csv"
    written = LabelledSequences(names, tuple(sequences), targets, np.arange(2, count + 2), path)
    write_labelled(path, written)
    read = read_labelled(
        path, targets=targets.columns, kind=targets.kind, classes=targets.classes or None, missing="keep"
    )
    assert read.sequences == written.sequences
    assert read.targets is not None
    assert np.array_equal(read.targets.values, targets.values, equal_nan=targets.kind == "values")
    assert read.lines.tolist() == written.lines.tolist()


def test_rows_are_taken_in_the_order_asked_for(tmp_path: Path) -> None:
    data = read_labelled(write(tmp_path, "sequence,label\nA,x\nC,y\nG,z\n")).take([2, 0])
    assert data.targets is not None
    assert (data.sequences, data.names, data.targets.values.tolist()) == (("G", "A"), ("3", "1"), [2, 0])
    assert data.lines.tolist() == [4, 2]
