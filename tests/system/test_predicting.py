"""A sequence pasted into the chat: the prediction with its table and picture, and a file to take away."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from seqmodels.predictors import methylation, promoter
from tests.system.visit import CONTRAST, Visit, save_screenshot

pytestmark = pytest.mark.system

# Any DNA is scanned; this is nobody's.
SEQUENCE = (
    "TTGGAACAAGTCTTACAAGCTATGGATCCTAACGTTAGCATTACCGATGAATCAAGGCTTAACCATGATCAAGTTGACATTTGGCAATCTGAACATGATTAC"
    "GGATCTCAAGATTCAATGAACTGGCTTAGATCAAGTCCAGATTTCAAGGAACTCATTGATGAAGTTGAGAAGCATAACATCGATTTAGCTGAACAAGGACTT"
)


class Case(NamedTuple):
    """A request, what it is answered with, and the file that it makes."""

    request: str
    said: str
    count: str
    file: str
    weights: Path


SITES = Case(
    "用拟南芥模型预测这条序列的6mA位点：",
    "seq1 的 .* 个候选碱基中，预测有",
    r"(\d+) 个候选碱基中",
    "6mA_A.thaliana_seq1.csv",
    methylation.BUNDLED,
)
PROMOTERS = Case(
    "这条序列里哪里可能有启动子？",
    "沿 seq1 判断了",
    r"判断了 (\d+) 个",
    "promoter_core_seq1.csv",
    promoter.BUNDLED / "core",
)


@pytest.mark.parametrize(
    ("case", "appearance"), [(SITES, "light"), (PROMOTERS, "dark")], ids=["methylated bases", "promoters"]
)
def test_a_pasted_sequence_is_predicted_in_chinese_with_table_picture_and_file(
    visit: Callable[..., Visit], case: Case, appearance: str
) -> None:
    if not (case.weights / "card.json").is_file():
        pytest.skip(f"the predictor {case.weights.name} is not installed")
    there = visit(locale="zh-CN", color_scheme=appearance, accept_downloads=True)
    answer = there.ask(f"{case.request}{SEQUENCE}")
    expect(answer).to_contain_text("以下是模型的预测，并非文献")
    expect(answer.locator(".predicted").first).to_contain_text(re.compile(case.said))
    expect(answer.locator("a.cite")).to_have_count(0)
    rows = answer.locator(".prediction tbody tr")
    shown = rows.count()
    assert 0 < shown <= 8
    expect(answer.locator(".prediction .plot")).to_be_visible()
    there.page.wait_for_function("document.querySelector('.chat .plot').naturalWidth > 0")
    for text in answer.locator(".prediction :is(td, caption, .model, a)").all()[:6]:
        assert text.evaluate(CONTRAST) >= 4.5
    save_screenshot(there.page, f"predicted-{appearance}")
    with there.page.expect_download() as taking:
        answer.locator(".prediction a.file").first.click()
    table = list(csv.DictReader(Path(taking.value.path()).read_text().splitlines()))
    assert taking.value.suggested_filename == case.file
    assert {row["name"] for row in table} == {"seq1"}
    counted = re.search(case.count, answer.inner_text())
    assert counted is not None
    assert int(counted[1]) == len(table)
    there.reload()
    expect(there.page.locator(".chat .prediction tbody tr")).to_have_count(shown)
