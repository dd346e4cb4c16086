"""Yields of breeding lines, predicted from attached tables of markers."""

import csv
from io import StringIO

import numpy as np
import pytest
from langchain_core.tools import ToolException

from agent.tools.declaration import declaration_of, read_arguments
from agent.tools.predict_phenotype import predict_phenotype
from tests.agent.tools.test_asked import request_of


def table(lines: int, markers: int = 40, seed: int = 1) -> str:
    genotypes = np.random.default_rng(seed).integers(0, 2, (lines, markers))
    head = ",".join(["line", *(f"m{number}" for number in range(markers))])
    return "\n".join([head, *(f"L{row},{','.join(map(str, cells))}" for row, cells in enumerate(genotypes)), ""])


def test_lines_are_ranked_with_interval_and_reliability_in_each_environment_asked_for(bench):
    bench.upload("lines.csv", table(6))
    result = bench.use(predict_phenotype, markers="file1", environments=[2])
    rows = list(csv.DictReader(StringIO(bench.file(result, ".csv"))))
    assert [row["line"] for row in rows] == [f"L{number}" for number in range(6)]
    best = max(rows, key=lambda row: float(row["env2"]))
    line, environment, value, low, high, reliability = result["rows"][0]
    assert (line, environment, value) == (best["line"], "env2", float(best["env2"]))
    assert low < value < high
    assert 0 <= reliability <= 1
    assert result["total"] == 6
    assert all(said["en"].startswith("env2") for said in result["says"])


def test_kinship_to_the_users_own_table_is_shown(bench):
    bench.upload("lines.csv", table(4))
    bench.upload("own.csv", table(8, seed=2))
    result = bench.use(predict_phenotype, markers="file1", training="file2")
    assert "nearest_line" in bench.file(result, ".csv").splitlines()[0]
    assert any("is nearest to" in said["en"] and "of file2" in said["en"] for said in result["says"])


@pytest.mark.parametrize(
    ("name", "content", "arguments", "found"),
    [
        ("lines.csv", table(4, markers=10), {}, "10 of the model's 40 markers are there"),
        ("lines.csv", table(4), {"environments": [7]}, "There is no environment 7. There are environments 1 to 2."),
        ("x.fa", ">x\nACGTACGTACGTACGTACGTACGT\n", {}, "file1 is no table of markers"),
    ],
)
def test_what_cannot_be_predicted_says_what_is_needed(bench, name, content, arguments, found):
    bench.upload(name, content)
    with pytest.raises(ToolException) as refused:
        bench.use(predict_phenotype, markers="file1", **arguments)
    assert found in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("predict the yield in file1", {"markers": "file1"}),
        ("yield in environment 2 of file1", {"markers": "file1", "environments": [2]}),
        ("环境1和环境3的产量 file1", {"markers": "file1", "environments": [1, 3]}),
        ("yield of file1 with kinship to my training lines in file2", {"markers": "file1", "training": "file2"}),
        ("my training lines are file1, predict file2", {"markers": "file2", "training": "file1"}),
    ],
)
def test_arguments_are_read_from_words(text, expected):
    handles = tuple(handle for handle in ("file1", "file2") if handle in text)
    request = request_of(text, handles=handles, kinds=dict.fromkeys(handles, "table"))
    assert read_arguments(predict_phenotype, declaration_of(predict_phenotype), request) == expected
