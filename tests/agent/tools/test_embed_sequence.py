"""Vectors of attached sequences."""

import csv
from io import StringIO

import pytest
from langchain_core.tools import ToolException

from agent.tools.embed_sequence import embed_sequence


def test_vectors_are_kept_and_sequences_compared(bench):
    bench.upload("three.fa", ">a\nAAAAAAAAAACCCCCCCCCC\n>b\nAAAAAAAAAACCCCCCCCCA\n>c\nGGGGGGGGGGTTTTTTTTTT\n")
    result = bench.use(embed_sequence, sequences=["file1"])
    rows = list(csv.reader(StringIO(bench.file(result, ".csv"))))
    assert [row[0] for row in rows] == ["name", "a", "b", "c"]
    assert rows[1][1:] == ["11", "11", "1", "1"]
    assert result["rows"][0][:2] == ["a", "b"]
    assert result["total"] == 3


def test_proteins_are_read_by_a_protein_model(bench):
    bench.upload("p.fa", ">p\nMKVLAWQDERTYHHGFDSAPLMNVCWQKRTE\n")
    result = bench.use(embed_sequence, sequences=["file1"])
    assert result["says"][0]["en"].startswith("esm2 made 1 vectors of 4 numbers")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [({"model": "dnabert2"}, "protein sequence"), ({"model": "gpt"}, "There are dnabert2, hyenadna")],
)
def test_what_does_not_fit_is_refused(bench, arguments, found):
    bench.upload("p.fa", ">p\nMKVLAWQDERTYHHGFDSAPLMNVCWQKRTE\n")
    with pytest.raises(ToolException) as refused:
        bench.use(embed_sequence, sequences=["file1"], **arguments)
    assert found in str(refused.value)
