"""What a tool predicted, as the page shows it."""

import re
from typing import Any

import pytest

from agent.citations.claim import Claim
from agent.events import Answer, Done, Stated, ToolCall, ToolResult
from page.prediction import panel
from page.told import Told

RESULT: dict[str, Any] = {
    "predicted": "methylation",
    "of": ["seq1"],
    "says": [{"en": "3 are <b>predicted</b>.", "zh": "预测有 3 个。"}],
    "columns": ["sequence", "position", "strand", "model", "probability", "unheard_of"],
    "rows": [["<img src=x>", 1415, "+", "6mA_A.thaliana", 0.803, None]],
    "total": 1288,
    "models": [
        {
            "name": "6mA_A.thaliana",
            "scores": [{"name": "AUC", "value": 0.934, "low": 0.93, "high": 0.938, "rows": 31873}],
            "sha256": "d4838bde03fb" + "0" * 52,
        }
    ],
    "files": [{"handle": "result1", "name": "6mA_<x>.csv", "size": 10}],
    "plot": "result4",
    "notices": [],
}


def test_a_panel_has_the_picture_the_first_rows_the_model_and_the_files():
    shown = panel(RESULT, "c1", "en")
    assert 'src="results/c1/result4"' in shown
    assert '<a class="file" href="results/c1/result1" download>' in shown
    for text in (
        "Probability",
        "1&#44;415",
        "0&#46;803",
        "The first 1 of 1&#44;288",
        "31&#44;873 rows",
        "d4838bde03fb",
    ):
        assert text in shown


def test_a_panel_speaks_the_language_of_the_page():
    shown = panel(RESULT, "c1", "zh")
    for text in ("概率", "共 1&#44;288 行", "下载", "预测有 3 个"):
        assert text in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_that_came_with_a_file_is_read_as_markup(language):
    shown = panel(RESULT, 'c"><script>', language)
    assert set(re.findall(r"<(\w+)", shown)) <= set("div img table caption thead tbody tr th td p ul li a".split())
    assert "<img src=x>" not in shown
    assert "<script" not in shown


def test_a_result_that_predicts_nothing_has_no_panel():
    assert panel({"papers": []}, "c1", "en") == ""
    assert panel({"papers": [], "files": []}, "c1", "en") == ""


def test_a_file_of_evidence_rows_can_be_taken_away():
    shown = panel({"papers": [], "files": [{"handle": "result1", "name": "evidence.csv", "size": 9}]}, "c1", "en")
    assert '<a class="file" href="results/c1/result1" download>evidence&#46;csv</a>' in shown


def test_the_panel_comes_once_its_files_are_stored_and_before_what_papers_say():
    told = Told("6mA?")
    told.take(ToolCall(id="1", name="predict_methylation_sites", arguments={}))
    told.take(ToolResult(id="1", name="predict_methylation_sites", seconds=0.1, result=RESULT))
    claims = (Claim(text="3 are predicted.", verdict="predicted"), Claim(text="Papers say more.", verdict="own words"))
    for claim in claims:
        told.take(Stated(claim=claim))
    assert 'class="prediction"' not in told.messages("0", "en")[-1]["content"]
    answer = Answer(
        answer="", claims=claims, citations=(), tools=(), notices=(), abstained=False, conversation="c1", model="m"
    )
    told.take(Done(answer=answer))
    shown = told.messages("0", "en")[-1]["content"]
    assert shown.index("3 are predicted") < shown.index('class="prediction"') < shown.index("Papers say more")
