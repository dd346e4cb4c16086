import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.errors import (
    DataError,
    EmptyData,
    MalformedLine,
    RepeatedName,
    UnknownName,
    UnreadableFile,
    WrongAlphabet,
    WrongValue,
)
from seqmodels.data.fasta import Record, Reference, parse_fasta, read_fasta, write_fasta
from seqmodels.data.windows import cut

PLAIN = ">chr1 first contig\nACGTACGTAC\nacgtnnrygg\nAC\n\n>chr2\nTTTT\n"
EXPECTED = [("chr1", "ACGTACGTACACGTNNRYGGAC", 1), ("chr2", "TTTT", 6)]


def write(folder: Path, content: bytes, name: str = "in.fa") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        gzip.compress(PLAIN.encode()),
        PLAIN.rstrip("\n").encode(),
    ],
    ids=["plain", "CRLF", "CR", "byte-order mark", "UTF-16", "gzip", "no last line end"],
)
def test_records_are_the_same_however_the_file_was_written(tmp_path: Path, content: bytes) -> None:
    records = list(read_fasta(write(tmp_path, content)))
    assert [(record.name, record.sequence, record.line) for record in records] == EXPECTED
    assert records[0].description == "first contig"


def test_soft_masking_is_kept_when_asked(tmp_path: Path) -> None:
    first = next(read_fasta(write(tmp_path, PLAIN.encode()), keep_case=True))
    assert first.sequence == "ACGTACGTACacgtnnryggAC"


def test_records_come_one_at_a_time() -> None:
    def lines():
        yield from (">a", "ACGT", ">b", "GG")
        raise AssertionError("the reader ran ahead")

    assert next(parse_fasta(lines())).name == "a"


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (b"", EmptyData, "there are no records"),
        (b"ACGT\n", MalformedLine, "line 1: a FASTA file begins with `>`, found 'ACGT'"),
        (b"@read1\nACGT\n+\nIIII\n", MalformedLine, "this is FASTQ"),
        (b"LOCUS       NM_000546\n", MalformedLine, "this is GenBank"),
        (b">a\n>b\nACGT\n", EmptyData, "line 1, record 'a': the sequence is empty"),
        (b">a\nAC\n>a\nGT\n", RepeatedName, "line 3, record 'a': the name 'a' was used before"),
        (b">\nAC\n", MalformedLine, "line 1: a record has no name"),
        (b">x\nMEEPQSDPSV\n", WrongAlphabet, "record 'x': this is a protein sequence"),
        (b">x\nAC-GT\n", WrongAlphabet, "position 3 is a gap"),
        (b"PK\x03\x04rest", UnreadableFile, "zip or Excel"),
        (b">x\xff\nACGT\n", UnreadableFile, "not UTF-8"),
        (b"\x00\x01\x02", UnreadableFile, "binary"),
        (gzip.compress(b">a\n" + bytes(range(65, 68)) * 9)[:-9], UnreadableFile, "cut short"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, content: bytes, error: type[DataError], said: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(error) as caught:
        list(read_fasta(path))
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert caught.value.remedy


def test_absent_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        list(read_fasta(tmp_path / "absent.fa"))
    with pytest.raises(UnreadableFile, match="folder"):
        list(read_fasta(tmp_path))


def test_empty_records_are_passed_over_when_asked(tmp_path: Path) -> None:
    path = write(tmp_path, b">a\n>b\nACGT\n")
    assert [record.name for record in read_fasta(path, skip_empty=True)] == ["b"]


@given(
    st.lists(
        st.tuples(st.text("abcXYZ019|._", min_size=1, max_size=9), st.text("ACGTNRY", min_size=1, max_size=200)),
        min_size=1,
        max_size=5,
        unique_by=lambda pair: pair[0],
    )
)
def test_what_was_written_is_read_back(tmp_path_factory, pairs: list[tuple[str, str]]) -> None:
    path = tmp_path_factory.mktemp("fasta") / "out.fa"
    records = [Record(name, "described", sequence, 0) for name, sequence in pairs]
    write_fasta(path, records)
    assert [(r.name, r.description, r.sequence) for r in read_fasta(path)] == [(n, "described", s) for n, s in pairs]


@pytest.mark.parametrize(
    "content",
    [
        b">c1 x\nACGTACGTAC\nacg\n>c2\nTTTT\n",
        b">c1 x\r\nACGTACGTAC\r\nacg\r\n>c2\r\nTTTT\r\n",
        b"\xef\xbb\xbf>c1 x\nACGTACGTAC\nacg\n>c2\nTTTT\n",
        b">c1 x\nACG\nTACGTACacg\n\n>c2\nTTTT",
        b">c1 x\nACGT\nACGTACacg\n>c2\nTTTT",
        b">c1 x\nACGTACGTAC\nacg\n\n\n>c2\nTTTT\n",
        gzip.compress(b">c1 x\nACGTACGTAC\nacg\n>c2\nTTTT\n"),
    ],
    ids=["plain", "CRLF", "byte-order mark", "uneven lines", "the last line longest", "blank lines", "gzip"],
)
def test_regions_of_a_reference_are_read_however_it_was_written(tmp_path: Path, content: bytes) -> None:
    with Reference(write(tmp_path, content)) as reference:
        assert reference.lengths == {"c1": 13, "c2": 4}
        assert reference.fetch("c1", 8, 13) == "ACACG"
        assert reference.fetch("c2", 0, 4) == "TTTT"
        assert reference.fetch("c2", 2, 2) == ""


def test_contigs_are_found_with_and_without_chr(tmp_path: Path) -> None:
    with Reference(write(tmp_path, b">chr1\nACGT\n>MT\nGG\n")) as reference:
        assert reference.fetch("1", 0, 2) == "AC"
        assert reference.find("chrM") == "MT"
        assert reference.find("chr2") is None
        with pytest.raises(UnknownName, match="no contig '7'; it has 2: chr1, MT"):
            reference.fetch("7", 0, 1)


def test_a_region_outside_its_contig_is_refused(tmp_path: Path) -> None:
    with Reference(write(tmp_path, b">a\nACGT\n")) as reference:
        for start, end in ((-1, 2), (0, 5), (3, 2)):
            with pytest.raises(WrongValue, match="which has 4 bases"):
                reference.fetch("a", start, end)


def test_a_reference_with_two_contigs_of_one_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepeatedName, match="line 3"):
        Reference(write(tmp_path, b">a\nACGT\n>a\nGG\n"))


def test_an_index_of_another_version_of_the_file_is_made_anew(tmp_path: Path) -> None:
    path = write(tmp_path, b">a\nACGTACGTAC\nACG\n>b\nTTTT\n")
    with Reference(path) as reference:
        assert reference.fetch("b", 0, 4) == "TTTT"
    path.write_bytes(b">a\nACGTACGTACGG\nACG\n>b\nTTTA\n")
    os.utime(path, (1, 1))  # older than its index, as after `cp -p`
    with Reference(path) as reference:
        assert reference.fetch("b", 0, 4) == "TTTA"
        assert reference.lengths["a"] == 15


@given(st.integers(1, 60), st.integers(1, 20), st.data())
def test_windows_cover_every_base_and_none_beyond(bases: int, length: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, length))
    record = Record("r", "", "".join("ACGT"[i % 4] for i in range(bases)), 1)
    windows = list(cut(record, length, stride))
    assert {i for w in windows for i in range(w.start, w.start + len(w.sequence))} == set(range(bases))
    assert all(record.sequence[w.start : w.start + length] == w.sequence for w in windows)
    whole = list(cut(record, length, stride, partial=False))
    assert whole == [w for w in windows if len(w.sequence) == length]
