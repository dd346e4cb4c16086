"""Promoters, predicted in attached sequences."""

import csv
from io import StringIO
from itertools import pairwise

import pytest
from langchain_core.tools import ToolException

from agent.tools.places import HUMAN, WINDOWS
from agent.tools.predict_promoter import model_asked, predict_promoter
from tests.agent.bench import dna
from tests.agent.tools.test_asked import request_of


def rows_of(content: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content)))


def test_a_sequence_of_one_window_is_a_promoter_or_not_by_the_model_that_fits_its_length(bench, tiny):
    for number, (model, window) in enumerate(WINDOWS.items(), start=1):
        sequence = dna(window, number)
        bench.paste(sequence)
        result = bench.use(predict_promoter, sequences=[f"seq{number}"])
        [probability] = tiny.promoter(model).windows([sequence]).probabilities
        assert [each["name"] for each in result["models"]] == [model]
        assert result["rows"][0][5] == round(float(probability), 3)
        said = "is predicted to be a promoter" if probability >= 0.5 else "is not predicted to be a promoter"
        assert said in result["says"][0]["en"]
        assert any("No model was named" in notice for notice in result["notices"])
        assert HUMAN in result["notices"]


def test_a_longer_sequence_is_scanned_and_its_best_places_do_not_overlap(bench, tiny):
    bench.paste(dna(600))
    result = bench.use(predict_promoter, sequences=["seq1"], model="core")
    table = rows_of(bench.file(result, ".csv"))
    assert len(table) == 600 - 70 + 1
    assert {int(row["end"]) - int(row["start"]) for row in table} == {69}
    starts = sorted(int(line.split("\t")[1]) for line in bench.file(result, ".bed").splitlines())
    assert all(later - earlier >= 70 for earlier, later in pairwise(starts))
    assert "<line" in bench.turn.attachments.read(result["plot"]).text()


def test_many_sequences_are_counted_and_stay_in_order(bench):
    bench.upload("many.csv", "sequence\n" + "\n".join(dna(70, seed) for seed in range(5)) + "\n")
    result = bench.use(predict_promoter, sequences=["file1"])
    table = rows_of(bench.file(result, ".csv"))
    assert [row["name"] for row in table] == ["1", "2", "3", "4", "5"]
    called = sum(row["label"] == "1" for row in table)
    assert f"{called} of 5 sequences" in result["says"][0]["en"]


@pytest.mark.parametrize(
    ("arguments", "content", "found"),
    [
        ({}, dna(60), "60 bases, and 70 are needed by core"),
        ({"model": "tata300"}, dna(200), "200 bases, and 300 are needed by tata300"),
        ({"model": "tata"}, dna(200), "There are core (70 bases) and tata300 (300 bases)."),
        ({}, "N" * 35 + dna(5) + "N" * 35, "Every window of file1 has unknown bases"),
        ({}, "MKVLAWQDERTYHHGFDSAPLMNVCWQKRTE", "protein sequence"),
    ],
)
def test_what_cannot_be_judged_says_what_is_needed(bench, arguments, content, found):
    bench.upload("x.fa", f">x\n{content}\n")
    with pytest.raises(ToolException) as refused:
        bench.use(predict_promoter, sequences=["file1"], **arguments)
    assert found in str(refused.value)


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("is it a promoter?", None),
        ("is it a TATA promoter?", "tata300"),
        ("用TATA模型", "tata300"),
        ("is it a core promoter?", "core"),
        ("核心启动子", "core"),
        ("use the 300 bp model", "tata300"),
    ],
)
def test_the_model_is_read_from_words(text, model):
    assert model_asked(request_of(text)) == model
