"""`epicite predict phenotype`: a marker table or VCF in, yields with intervals out."""

import numpy as np
import pytest

from seqmodels.predictors.phenotype import bundled
from tests.command.conftest import rows_of

_LINES = ("Sonalika", "Bobwhite", "Kauz", "Pavon")


@pytest.fixture(scope="module")
def markers():
    return bundled().markers


@pytest.fixture
def genotypes(markers):
    return np.random.default_rng(0).integers(0, 2, (len(_LINES), len(markers)))


def written(path, markers, genotypes, lines=_LINES):
    rows = [",".join(map(str, row)) for row in genotypes]
    text = [f"line,{','.join(markers)}", *(f"{line},{row}" for line, row in zip(lines, rows, strict=True))]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path, markers, genotypes):
    return written(tmp_path / "markers.csv", markers, genotypes)


def test_each_line_gets_values_intervals_and_reliabilities_in_its_order(epicite, table):
    outcome = epicite("predict", "phenotype", table)
    assert outcome.code == 0
    rows = rows_of(outcome.out)
    assert [row["line"] for row in rows] == list(_LINES)
    for row in rows:
        for trait in ("env1", "env2", "env3", "env4"):
            assert float(row[f"{trait}_low"]) < float(row[trait]) < float(row[f"{trait}_high"])
            assert 0 <= float(row[f"{trait}_reliability"]) <= 1
    assert "Correlation with the yield of held-out lines: env1 0." in outcome.err


def test_lines_of_no_family_are_flagged(epicite, table):
    outcome = epicite("predict", "phenotype", table)
    assert {row["flag"] for row in rows_of(outcome.out)} == {"unlike the training lines"}
    assert "4 of 4 lines are flagged" in outcome.err


def test_a_vcf_says_the_same_as_a_table(epicite, tmp_path, table, markers, genotypes):
    head = ["##fileformat=VCFv4.2", '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *_LINES])
    calls = [
        "\t".join(["1", str(at + 1), marker, "A", "T", ".", ".", ".", "GT", *(("0/0", "1/1")[g] for g in column)])
        for at, (marker, column) in enumerate(zip(markers, genotypes.T, strict=True))
    ]
    path = tmp_path / "lines.vcf"
    path.write_text("\n".join([*head, columns, *calls]) + "\n", encoding="utf-8")
    outcome = epicite("predict", "phenotype", path)
    assert outcome.out == epicite("predict", "phenotype", table).out
    assert "two copies are 1" in outcome.err


def test_kinship_to_ones_own_lines_is_shown(epicite, tmp_path, table, markers, genotypes):
    changed = genotypes.copy()
    changed[:, :100] = 1 - changed[:, :100]
    own = written(tmp_path / "own.csv", markers, changed, [f"mine {line}" for line in _LINES])
    rows = rows_of(epicite("predict", "phenotype", table, "--training", own).out)
    assert [row["nearest_line"] for row in rows] == [f"mine {line}" for line in _LINES]
    assert {row["identical"] for row in rows} == {f"{1 - 100 / len(markers):.3f}"}


def test_the_wrong_columns_are_named(epicite, tmp_path, genotypes, markers):
    path = written(tmp_path / "other.csv", [f"rs{at}" for at in range(len(markers))], genotypes)
    outcome = epicite("predict", "phenotype", path)
    assert outcome.code != 0
    assert "0 of the model's 1,279 markers are there" in outcome.err
    assert f"named as in training: {markers[0]}" in outcome.err


def test_a_file_is_written_whole(epicite, tmp_path, table):
    path = tmp_path / "out.csv"
    outcome = epicite("predict", "phenotype", table, "-o", path)
    assert outcome.out == ""
    assert len(rows_of(path.read_text(encoding="utf-8"))) == len(_LINES)
