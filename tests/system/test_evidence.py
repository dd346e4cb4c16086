"""The evidence view as people see it: the real program in a real browser, over the evidence of the starter corpus."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from corpora.cancers import is_a
from tests.system.visit import CONTRAST, Visit, save_screenshot

pytestmark = pytest.mark.system

PARTS = [
    ".evidence-head .summary",
    ".evidence-head .files a",
    ".heat-map h2",
    ".heat-map .legend li",
    ".heat thead th span",
    ".heat tbody th",
    ".heat button.agree",
    ".evidence-rows .of-cell button",
    ".evidence-rows th button",
    ".evidence-rows td.gene b",
    ".evidence-rows span.status.more",
    ".evidence-rows td.disease",
    ".evidence-rows .tag.source",
    ".evidence-rows td.paper a",
    ".evidence-rows button[name=open] span",
    ".evidence-rows .citation mark",
    ".judging > p:first-child",
    ".judging button[name=reject]",
    ".judging label",
    ".judging .store",
]


def test_a_chinese_disease_is_filtered_for_a_cell_opens_its_quotes_and_a_rejected_row_stays_rejected(
    visit: Callable[..., Visit],
) -> None:
    there = visit(locale="zh-CN")
    rows, page = there.turn_to_evidence(), there.page
    everything = page.locator(".evidence-head .summary").inner_text()
    page.get_by_label("疾病", exact=True).fill("胃癌")
    page.get_by_label("疾病", exact=True).press("Enter")
    expect(page.locator(".evidence-head .summary")).not_to_have_text(everything)
    assert rows.count() > 0
    for disease in rows.locator(".disease").all_inner_texts():
        assert is_a(disease, "gastric cancer")

    page.locator(".heat button[data-gene=MLH1][data-disease='gastric cancer']").click()
    expect(page.locator(".of-cell")).to_contain_text("胃癌中的 MLH1")
    expect(page.locator(".of-cell")).to_be_focused()
    of_cell = rows.count()
    quotes = page.locator(".evidence-rows .citation")
    expect(quotes).to_have_count(of_cell)
    for number in range(of_cell):
        quoted = " ".join(quotes.nth(number).locator("mark").inner_text().split())
        assert quoted == " ".join(rows.nth(number).locator("[name=open]").text_content().split())  # type: ignore[union-attr]
        assert len(quotes.nth(number).locator(".passage").inner_text()) > len(quoted)
        expect(quotes.nth(number)).to_contain_text("已核对")

    key = rows.first.get_attribute("data-key")
    rejected = page.locator(f'tr.row.rejected[data-key="{key}"]')
    page.locator(".judging [name=reject]").first.click()
    expect(rejected).to_contain_text("已驳回")
    save_screenshot(page, "evidence-rejected")

    there.reload()
    expect(there.turn_to_evidence().first).to_be_visible()
    expect(page.locator(".evidence-head .summary")).to_contain_text("另有 1 条已驳回")
    expect(page.locator(f'tr.row[data-key="{key}"]')).to_have_count(0)
    page.get_by_label("显示已驳回的记录").check()
    page.get_by_label("疾病", exact=True).fill("胃癌")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(rejected).to_be_visible()
    rejected.locator("[name=open]").click()
    page.locator(".judging [name=back]").click()
    expect(rejected).to_have_count(0)
    expect(page.locator(f'tr.row[data-key="{key}"]')).to_be_visible()


def test_a_row_is_corrected_in_its_form_and_taken_back(visit: Callable[..., Visit]) -> None:
    there = visit()
    row, page = there.turn_to_evidence().first, there.page
    key = row.get_attribute("data-key")
    of_row = page.locator(f'tr.row[data-key="{key}"]')
    was = of_row.locator("span.status").inner_text()
    row.locator("[name=open]").click()
    page.locator(".judging [name=correct]").click()
    other = "unmethylated" if was == "demethylated" else "demethylated"
    page.locator(".judging [name=status]").select_option(other)
    page.locator(".judging .store").click()
    expect(of_row.locator("span.status")).to_have_text(other)
    expect(of_row).to_contain_text("corrected")
    page.locator(".judging [name=back]").click()
    expect(of_row.locator("span.status")).to_have_text(was)


def test_the_table_is_sorted_by_a_click_on_its_head_and_back_to_front_by_another(visit: Callable[..., Visit]) -> None:
    there = visit()
    rows = there.turn_to_evidence()
    head = there.page.locator(".evidence-rows th.gene")
    for direction in ("ascending", "descending"):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", direction)
        expect(head.get_by_role("button")).to_be_focused()
        genes = [gene.casefold() for gene in rows.locator(".gene b").all_inner_texts()]
        assert genes == sorted(genes, reverse=direction == "descending")


def test_rows_are_taken_away_corrected_and_given_back(visit: Callable[..., Visit], tmp_path: Path) -> None:
    there = visit(accept_downloads=True)
    rows, page = there.turn_to_evidence(), there.page
    everything = page.locator(".evidence-head .summary").inner_text()
    page.get_by_label("Gene, by any name").fill("hMLH1")
    page.get_by_label("Gene, by any name").press("Enter")
    expect(page.locator(".evidence-head .summary")).not_to_have_text(everything)
    for name in rows.locator(".gene b").all():
        expect(name).to_contain_text("MLH1")
    with page.expect_download() as table:
        page.get_by_role("link", name="Download as CSV").click()
    told = list(csv.DictReader(Path(table.value.path()).read_text(encoding="utf-8").splitlines()))
    assert len(told) == rows.count()
    assert all("MLH1" in row["symbols"].split("|") for row in told)

    with page.expect_download() as exported:
        page.get_by_role("link", name="Export for correction").click()
    lines = [json.loads(line) for line in Path(exported.value.path()).read_text(encoding="utf-8").splitlines()]
    edited, rubbish = tmp_path / "edited.jsonl", tmp_path / "rubbish.jsonl"
    rubbish.write_text("<img src=x onerror=alert(1)>\n")
    edited.write_text(json.dumps({**lines[0], "verdict": "accepted"}) + "\n")
    given = page.locator("input[type=file][accept='.jsonl']")
    given.set_input_files(rubbish)
    expect(page.locator(".evidence-head .failed")).to_contain_text("rubbish.jsonl, line 1")
    given.set_input_files(edited)
    expect(page.locator(".evidence-head .message")).to_contain_text("Corrections taken in: 1")
    accepted = page.locator("tr.row.accepted")
    expect(accepted).to_have_count(1)
    accepted.locator("[name=open]").click()
    page.locator(".judging [name=back]").click()
    expect(accepted).to_have_count(0)


def test_what_is_not_there_is_said_with_what_to_do(visit: Callable[..., Visit]) -> None:
    there = visit()
    there.turn_to_evidence()
    page = there.page
    page.get_by_label("Gene, by any name").fill("no such gene")
    page.get_by_label("Gene, by any name").press("Enter")
    expect(page.locator(".evidence-head .message")).to_contain_text("Clear some of them")
    expect(page.locator(".heat")).to_have_count(0)
    for library in page.locator(".libraries input").all():
        library.uncheck()
    expect(page.locator(".evidence-head .message")).to_contain_text("Tick a library")


def test_the_switch_changes_every_word_of_the_view(visit: Callable[..., Visit]) -> None:
    there = visit()
    there.turn_to_evidence()
    page = there.page
    page.get_by_label("中文").check()
    expect(page.locator(".evidence-head .summary")).to_contain_text("条记录")
    expect(page.locator(".evidence-rows span.status").first).to_contain_text("甲基化")
    own_words = " ".join(page.locator(".asked-evidence, .evidence-head, .heat-map > *").all_inner_texts())
    assert not re.search("methyl|gene|disease|paper|row", own_words, re.IGNORECASE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_legible_on_phone_and_desktop_by_day_and_night(
    visit: Callable[..., Visit], width: int, scheme: str
) -> None:
    there = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    there.turn_to_evidence()
    page = there.page
    save_screenshot(page, f"evidence-{scheme}-{width}")
    page.locator(".heat button.disagree").first.click()
    page.locator(".judging [name=correct]").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for part in PARTS:
        assert page.locator(part).first.evaluate(CONTRAST) >= 4.5, part
    save_screenshot(page, f"evidence-quotes-{scheme}-{width}")
