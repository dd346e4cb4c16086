import gzip
from pathlib import Path

import numpy as np
import pytest

from seqmodels.data.errors import DataError, EmptyData, MalformedLine, RepeatedName, UnreadableFile, WrongValue
from seqmodels.data.fasta import Reference
from seqmodels.data.variants import check_variant, read_genotypes, read_variants

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=100>\n##contig=<ID=2,length=50>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
)
SITES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
SAMPLES = SITES.rstrip("\n") + "\tFORMAT\twheat_a\twheat_b\twheat_c\n"
ROWS = (
    "chr1\t5\trs1\tA\tG\t50\tPASS\tDP=3\tGT:DP\t0/1:3\t1|1:9\t./.:.\n"
    "chr1\t9\t.\tc\tT,CAA\t.\tPASS\t.\tGT\t1/2\t0|2\t0/0\n"
    "2\t7\trs3\tAT\tA\t.\tq10\t.\tGT:DP\t.|1:1\t1\t0\n"
)


def write(folder: Path, content: str, name: str = "in.vcf") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith("gz") else content.encode())
    return path


@pytest.mark.parametrize("name", ["in.vcf", "in.vcf.gz"])
def test_genotypes_become_copies_of_the_alternative_allele(tmp_path: Path, name: str) -> None:
    markers = read_genotypes(write(tmp_path, HEADER + SAMPLES + ROWS, name))
    assert markers.lines == ("wheat_a", "wheat_b", "wheat_c")
    assert markers.markers == ("rs1", "chr1:9:C:T,CAA", "rs3")
    assert markers.counted == ("G", "T,CAA", "A")
    assert markers.dosages.dtype == np.float32
    expected = np.float32([[1, 2, np.nan], [2, 1, 1], [np.nan, 0, 0]])
    assert np.array_equal(markers.dosages, expected, equal_nan=True)


def test_diploid_genotypes_are_those_that_htslib_reads(tmp_path: Path) -> None:
    cyvcf2 = pytest.importorskip("cyvcf2")
    rng = np.random.default_rng(4)
    calls = np.array(["0/0", "0/1", "1|0", "1/1", "./.", "0/2", "2|2", "1/2"])
    body = "".join(
        f"chr1\t{5 + i}\trs{i}\tA\tG,T\t.\tPASS\t.\tGT\t" + "\t".join(rng.choice(calls, 3)) + "\n" for i in range(40)
    )
    path = write(tmp_path, HEADER + SAMPLES + body)
    ours = read_genotypes(path)
    theirs = np.array([variant.genotype.array()[:, :2] for variant in cyvcf2.VCF(str(path))], dtype=np.float32)
    dosages = np.where((theirs < 0).any(axis=2), np.nan, (theirs > 0).sum(axis=2))
    assert np.array_equal(ours.dosages, dosages.T, equal_nan=True)
    assert [variant.POS for variant in cyvcf2.VCF(str(path))] == [variant.position for variant in read_variants(path)]


def test_a_file_of_sites_alone_gives_variants_and_says_that_it_has_no_samples(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + SITES + "chr1\t5\trs1\tA\tG,<DEL>,*\t.\t.\t.\n2\t7\t.\tA\t.\t.\t.\t.\n")
    first, second = read_variants(path)
    assert (first.contig, first.position, first.identifier, first.ref, first.alts, first.line) == (
        "chr1", 5, "rs1", "A", ("G", "<DEL>", "*"), 7
    )  # fmt: skip
    assert (second.alts, second.name) == ((), "2:7:A:")
    with pytest.raises(EmptyData, match="the file has no samples"):
        read_genotypes(path)


def test_variants_are_checked_against_their_reference(tmp_path: Path) -> None:
    fasta = tmp_path / "ref.fa"
    fasta.write_text(">1\nACGTACGTAC\n>2\nGGNN\n")
    rows = (
        "chr1\t2\tfits\tCG\tC\nchr1\t2\texchanged\tT\tC\n2\t3\tunknown\tA\tC\n1\t10\tlong\tCA\tC\n7\t1\tabsent\tA\tC\n"
    )
    path = write(tmp_path, "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n" + rows)
    with Reference(fasta) as reference:
        checks = {variant.identifier: check_variant(variant, reference) for variant in read_variants(path)}
    assert {name: check.status for name, check in checks.items()} == {
        "fits": "match",
        "exchanged": "mismatch",
        "unknown": "match",
        "long": "beyond the end",
        "absent": "no contig",
    }
    assert (checks["exchanged"].found, checks["fits"].contig) == ("C", "1")


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("", EmptyData, "no line #CHROM"),
        (HEADER, EmptyData, "no line #CHROM"),
        ("chr1\t5\trs1\tA\tG\t.\t.\t.\n", MalformedLine, "line 1: there is no line #CHROM above"),
        (HEADER + "#CHROM POS ID REF ALT\n", MalformedLine, "line 6: the line #CHROM does not name"),
        (HEADER + SAMPLES + ROWS + "chr1\tx\trs9\tA\tG\t.\t.\t.\tGT\t0\t0\t0\n", MalformedLine,
         "line 10, record 'rs9': the position 'x'"),
        (HEADER + SAMPLES + "chr1\t5\trs1\tA\tG\t.\t.\t.\tGT\t0/0\n", MalformedLine,
         "line 7: the line has 10 columns, the header 12"),
        (HEADER + SAMPLES + "chr1\t5\trs1\tA\tG\t.\t.\t.\tDP:GT\t3:0/0\t3:0/0\t1:0/0\n", MalformedLine, "GT"),
        (HEADER + SAMPLES + "chr1\t5\trs1\tA\tG\t.\t.\t.\tGT\t0/0\t0/x\t0/0\n", WrongValue,
         "line 7, record 'rs1': '0/x' is no genotype (sample 'wheat_b')"),
        (HEADER + SAMPLES + "chr1\t5\trs1\t5\tG\t.\t.\t.\tGT\t0/0\t0/0\t0/0\n", WrongValue, "REF '5' is not DNA"),
        (HEADER + SAMPLES + "chr1\t5\trs1\tA\tG,,T\t.\t.\t.\tGT\t0/0\t0/0\t0/0\n", WrongValue, "ALT ''"),
        (HEADER + SAMPLES.replace("wheat_b", "wheat_a") + ROWS, RepeatedName, "the sample 'wheat_a' is there twice"),
        (HEADER + SAMPLES + ROWS.splitlines(keepends=True)[0] * 2, RepeatedName, "the variant 'rs1' is there twice"),
        (HEADER + SAMPLES, EmptyData, "there are no variants"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, content: str, error: type[DataError], said: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(error) as caught:
        read_genotypes(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_compressed_file_that_was_cut_short_is_no_shorter_list_of_variants(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + SAMPLES + ROWS, "in.vcf.gz")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(UnreadableFile, match="cut short"):
        list(read_variants(path))


def test_binary_bcf_is_named_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "in.bcf"
    path.write_bytes(gzip.compress(b"BCF\x02\x02rest"))
    with pytest.raises(UnreadableFile, match="bcftools view"):
        list(read_variants(path))
