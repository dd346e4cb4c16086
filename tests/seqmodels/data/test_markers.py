from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.errors import (
    DataError,
    EmptyData,
    MalformedLine,
    RepeatedName,
    UnknownName,
    UnsuitableData,
    WrongColumns,
    WrongValue,
)
from seqmodels.data.markers import Markers, Phenotypes, join, read_markers, read_phenotypes

nan = np.nan


def write(folder: Path, content: str, name: str = "markers.csv") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def assert_dosages(markers: Markers, expected: list[list[float]]) -> None:
    assert markers.dosages.dtype == np.float32
    assert np.array_equal(markers.dosages, np.float32(expected), equal_nan=True)


def test_numbers_are_read_with_their_gaps(tmp_path: Path) -> None:
    markers = read_markers(write(tmp_path, "line,m1,m2,m3\nCIM-1,0,2,\nCIM-2,1.0,NA,-9\nCIM-3,2,0,1\n"))
    assert markers.lines == ("CIM-1", "CIM-2", "CIM-3")
    assert markers.markers == ("m1", "m2", "m3")
    assert_dosages(markers, [[0, 2, nan], [1, nan, nan], [2, 0, 1]])


def test_the_column_of_names_may_stand_anywhere(tmp_path: Path) -> None:
    markers = read_markers(write(tmp_path, "m1\tplot\tm2\n0\ta\t1\n1\tb\t0\n"), id_column="Plot")
    assert (markers.lines, markers.markers) == (("a", "b"), ("m1", "m2"))


def test_a_file_of_r_with_row_names_is_read(tmp_path: Path) -> None:
    assert read_markers(write(tmp_path, '"","m1","m2"\n"a",0,1\n"b",NA,1\n')).lines == ("a", "b")
    with pytest.raises(MalformedLine, match="col.names=NA"):  # noqa: RUF043
        read_markers(write(tmp_path, "m1\tm2\na\t0\t1\nb\t0\t1\n"))


def test_letters_become_copies_of_the_rarer_allele(tmp_path: Path) -> None:
    path = write(tmp_path, "line,m1,m2,m3,m4\na,AA,C/T,NN,G\nb,ag,C|C,TT,R\nc,AA,--,CC,A\nd,AA,CC,,G\n")
    markers = read_markers(path)
    assert markers.counted == ("G", "T", "T", "A")
    assert_dosages(markers, [[0, 1, nan, 0], [1, 0, 2, 1], [0, nan, 0, 2], [0, 0, nan, 0]])


def test_other_lines_are_counted_by_the_training_lines_alleles(tmp_path: Path) -> None:
    path = write(tmp_path, "line,m1,m2\nx,GG,CC\ny,GG,CT\n")
    assert_dosages(read_markers(path, counted={"m1": "G", "m2": "C"}), [[2, 2], [2, 1]])
    assert_dosages(read_markers(path, counted={"m1": "A", "m2": "T"}), [[0, 0], [0, 1]])
    with pytest.raises(UnsuitableData, match="single letters"):
        read_markers(path, counted={"m1": "GA"})
    with pytest.raises(WrongValue, match="line 3, column 'm2': the marker has alleles C, T where"):
        read_markers(path, counted={"m1": "G", "m2": "A"})


def test_letters_are_recognised_behind_lines_of_missing_genotypes(tmp_path: Path) -> None:
    markers = read_markers(write(tmp_path, "line,m1,m2\na,NA,\nb,NN,--\nc,AA,AB\n"))
    assert_dosages(markers, [[nan, nan], [nan, nan], [2, 1]])


def test_minus_one_is_read_as_it_is_said_to_mean(tmp_path: Path) -> None:
    path = write(tmp_path, "line,m1,m2\na,-1,0\nb,1,-1\n")
    with pytest.raises(WrongValue, match="line 2, column 'm1': '-1' is not 0, 1 or 2. Say what -1 means"):  # noqa: RUF043
        read_markers(path)
    assert_dosages(read_markers(path, coding="centred"), [[0, 1], [2, 0]])
    assert_dosages(read_markers(path, coding="minus_one_missing"), [[nan, 0], [1, nan]])


def test_imputed_genotypes_are_read_when_said_so(tmp_path: Path) -> None:
    path = write(tmp_path, "line,m1\na,0.25\nb,2\n")
    with pytest.raises(WrongValue, match="coding=imputed"):
        read_markers(path)
    assert_dosages(read_markers(path, coding="imputed"), [[0.25], [2]])


def test_hapmap_has_its_markers_in_rows(tmp_path: Path) -> None:
    first = "rs#\talleles\tchrom\tpos\tstrand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanelLSID\tQCcode"
    row = "\t1\t5\t+" + "\tNA" * 6
    path = write(tmp_path, f"{first}\tB73\tMo17\tW22\nS1\tA/G{row}\tA\tR\tG\nS2\tC/T{row}\tCC\tNN\tCC\n", "in.hmp.txt")
    markers = read_markers(path)
    assert (markers.lines, markers.markers, markers.counted) == (("B73", "Mo17", "W22"), ("S1", "S2"), ("G", "C"))
    assert_dosages(markers, [[0, 2], [1, nan], [2, 2]])


@pytest.mark.parametrize("separator", [" ", "\t"])
def test_plink_raw_files_are_read(tmp_path: Path, separator: str) -> None:
    rows = [
        "FID IID PAT MAT SEX PHENOTYPE rs1_A snp_2_T snp_2_HET",
        "f a 0 0 1 -9 2 NA NA",
        "f b 0 0 2 1.5 0 1 1",
    ]
    path = write(tmp_path, "\n".join(row.replace(" ", separator) for row in rows), "geno.raw")
    markers = read_markers(path)
    assert (markers.lines, markers.markers, markers.counted) == (("a", "b"), ("rs1", "snp_2"), ("A", "T"))
    assert_dosages(markers, [[2, nan], [0, 1]])


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("line,m1\n", EmptyData, "there are no lines"),
        ("line\na\n", WrongColumns, "there are no markers"),
        ("line,m1,m2\na,0,1\nb,0,3\n", WrongValue, "line 3, column 'm2': '3' is not 0, 1 or 2"),
        ("line,m1,m2\na,0,1\nb,0,x\n", WrongValue, "line 3, column 'm2': 'x' is not 0, 1 or 2"),
        ("line,m1,m2\na,AA,AG\nb,AA,AGG\n", WrongValue, "line 3, column 'm2': 'AGG' is no genotype in letters"),
        ("line,m1\na,AA\nb,GG\nc,AT\n", WrongValue, "line 4, column 'm1': the marker has alleles A, G, T"),
        ("line,m1\na,0\na,1\n", RepeatedName, "line 3: the line 'a' is there twice"),
        ("line,m1,m1\na,0,1\n", RepeatedName, "line 1: the marker 'm1' is there twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: str, error: type[DataError], said: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(error) as caught:
        read_markers(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_traits_are_read_and_joined_by_the_lines_names(tmp_path: Path) -> None:
    markers = read_markers(write(tmp_path, "line,m1\na,0\nb,1\nc,2\n"))
    path = write(tmp_path, "entry,site,yield,height\nc,Toluca,3.5,NA\nd,Toluca,1,90\na,Obregon,,85.5\n", "traits.csv")
    phenotypes = read_phenotypes(path, traits=("yield", "height"))
    assert phenotypes.traits == ("yield", "height")
    joined = join(markers, phenotypes)
    assert joined.markers.lines == joined.phenotypes.lines == ("a", "c")
    assert np.array_equal(joined.phenotypes.values, np.float32([[nan, 85.5], [3.5, nan]]), equal_nan=True)
    assert (joined.without_phenotype, joined.without_markers) == (("b",), ("d",))
    with pytest.raises(WrongValue, match="line 2, column 'site': 'Toluca' is not a number"):
        read_phenotypes(path)


def test_tables_of_other_lines_do_not_join() -> None:
    markers = Markers(("a",), ("m",), np.zeros((1, 1), dtype=np.float32), ("",))
    phenotypes = Phenotypes(("A1",), ("t",), np.zeros((1, 1), dtype=np.float32))
    with pytest.raises(UnknownName, match="the markers are of a, ..., the phenotypes of A1"):  # noqa: RUF043
        join(markers, phenotypes)


def test_the_training_files_markers_are_picked_out_and_absent_ones_are_missing() -> None:
    markers = Markers(("a", "b"), ("m1", "m2"), np.float32([[0, 1], [2, 0]]), ("A", "G"))
    picked = markers.select(("m2", "m9"))
    assert_dosages(picked, [[1, nan], [0, nan]])
    assert (picked.markers, picked.counted) == (("m2", "m9"), ("G", ""))
    with pytest.raises(UnsuitableData, match="none of the 1 markers is there"):
        markers.select(("m9",))


@given(st.integers(1, 6), st.integers(1, 5), st.data())
def test_what_was_written_is_read_back(tmp_path_factory, lines: int, markers: int, data: st.DataObject) -> None:
    cells = st.sampled_from(["0", "1", "2", ""])
    rows = data.draw(st.lists(st.lists(cells, min_size=markers, max_size=markers), min_size=lines, max_size=lines))
    path = tmp_path_factory.mktemp("markers") / "out.csv"
    header = ["line", *(f"m{j}" for j in range(markers))]
    path.write_text("\n".join(",".join(row) for row in [header, *([f"l{i}", *row] for i, row in enumerate(rows))]))
    assert_dosages(read_markers(path), [[float(cell) if cell else nan for cell in row] for row in rows])
