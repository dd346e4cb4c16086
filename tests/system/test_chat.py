"""The chat as people see it: the real program in a real browser, over the starter library."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.system.visit import CHINESE, CONTRAST, ENGLISH, HOST, PANEL, Visit, save_screenshot

pytestmark = pytest.mark.system

PAPER = """Promoter methylation of axoreg1 in axolotl limb regeneration

Promoter methylation of axoreg1 fell from 81% to 12% in the axolotl limb blastema within nine days.
Tail tissue showed no such change.
"""
HOSTILE_PAPER = """Zebrafish fin regrowth and msxb methylation

Methylation of the msxb promoter in zebrafish fin regrowth was p<0.01 <img src=http://evil.example/x onerror=alert(1)> \
and x<y>z ![y](http://evil.example/y.png) [z](javascript:alert(2)) **stars** $x^2$ {{constructor}} \
${alert(3)} www.evil.example.
"""
SEQUENCE = "ACGTTGCAAGCTTAGCCATGACGATCGATTAGCCAGTCATGGCATTA"
PARTS = [
    ".tagline p",
    ".views [role=tab]:not(.selected)",
    ".views [role=tab].selected",
    ".libraries > span",
    ".new",
    ".history [aria-current] span",
    ".history [aria-current] time",
    ".history [name=ask]",
    ".chat .asked",
    ".chat .title .md",
    ".chat .own-words span",
    ".chat .quoted",
    ".chat a.cite",
    ".chat .sources p",
    ".chat .sources li",
    ".chat .sources cite",
    ".chat .sources a:not(.cite)",
    ".box textarea",
    ".how-to-read p",
    ".citation .card-head span",
    ".citation .byline",
    ".citation mark",
    ".citation .kind",
    ".citation .facts a",
    ".citation .verified",
]


def fits(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.mark.parametrize("question", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_an_answer_cites_the_panel_and_each_citation_opens_its_quote(
    visit: Callable[..., Visit], question: str
) -> None:
    asked = visit()
    answer = asked.ask(question)
    expect(answer).to_contain_text("ADAMTS1")
    expect(answer).to_contain_text("BNC1")
    expect(answer).to_contain_text("以下逐字引用论文原文" if question == CHINESE else "I quote the papers")
    assert answer.locator("ul").first.locator("li").count() > 1
    of_panel = answer.locator(".sources li", has_text=PANEL)
    expect(of_panel).to_have_count(1)
    numbers = [int(text) for text in answer.locator(".quoted ~ a.cite").all_inner_texts()]
    assert numbers == list(range(1, len(numbers) + 1))

    number = int(of_panel.locator("a.cite").first.inner_text())
    said = answer.locator("li", has=asked.page.locator(f"a.cite:text-is('{number}')")).first.locator(".quoted")
    card = asked.open_citation(answer, number)
    assert " ".join(card.locator("mark").inner_text().split()) == said.inner_text()
    surroundings = card.locator(".passage").inner_text()
    assert len(surroundings) > len(said.inner_text()) + 40
    expect(card.locator(f'a[href="https://pubmed.ncbi.nlm.nih.gov/{PANEL}/"]').last).to_contain_text(PANEL)
    for told in ("Yi JM", "Clin Cancer Res", "2013", "Digest: written for Epicite, not the abstract", "Checked"):
        expect(card).to_contain_text(told)
    assert asked.page.url == asked.address
    assert len(asked.context.pages) == 1
    save_screenshot(asked.page, "chat-english" if question == ENGLISH else "chat-chinese")


def test_a_citation_opens_and_closes_with_the_keyboard_and_gives_the_focus_back(visit: Callable[..., Visit]) -> None:
    asked = visit()
    link = asked.ask(ENGLISH).locator("a.cite").first
    link.focus()
    asked.page.keyboard.press("Enter")
    card = asked.page.locator(".citation")
    expect(card).to_be_focused()
    expect(card.locator("mark")).to_be_visible()
    asked.page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(link).to_be_focused()


def test_a_question_that_no_paper_answers_is_declined_and_a_follow_up_goes_on(visit: Callable[..., Visit]) -> None:
    asked = visit()
    declined = asked.ask("What is the boiling point of nitrogen?")
    expect(declined).to_contain_text("The library does not say")
    expect(declined.locator("a.cite")).to_have_count(0)
    asked.ask(ENGLISH)
    follow_up = asked.ask("what was the sensitivity?")
    expect(follow_up).to_contain_text("sensitivity")
    expect(follow_up.locator(".sources")).to_contain_text("Pancreatic Cancer", ignore_case=True)
    asked.open_citation(follow_up, 1)


def test_what_is_asked_while_an_answer_is_coming_is_answered_after_it(visit: Callable[..., Visit]) -> None:
    asked = visit()
    box, answers = asked.page.locator(".box textarea"), asked.page.locator(".chat .answer")
    for question in ("Is MLH1 methylated in colorectal cancer?", "What is the boiling point of nitrogen?"):
        expect(box).to_have_value("")
        box.fill(question)
        box.press("Enter")
        expect(asked.page.locator(".chat .asked").last).to_be_visible()
    expect(answers).to_have_count(2, timeout=30_000)
    expect(asked.finished(answers.last)).to_contain_text("does not say")


def test_the_search_for_an_answer_is_shown_folded_with_name_and_arguments(visit: Callable[..., Visit]) -> None:
    asked = visit()
    asked.ask(ENGLISH)
    step = asked.page.locator(".chat .step")
    expect(step).to_be_hidden()
    expect(asked.page.locator(".chat [aria-label*='<div']")).to_have_count(0)
    asked.page.locator(".chat .thought-group .title").click()
    expect(step).to_be_visible()
    for told in ("search_literature", "query", ENGLISH, "papers"):
        expect(step).to_contain_text(told)


def test_uploaded_papers_answer_at_once_and_what_fails_is_named(visit: Callable[..., Visit], tmp_path: Path) -> None:
    asked = visit()
    good, bad = tmp_path / "axolotl.txt", tmp_path / "broken.pdf"
    good.write_text(PAPER, encoding="utf-8")
    bad.write_bytes(b"%PDF-1.7 nothing")
    told = asked.upload(good, bad)
    expect(told).to_contain_text(re.compile("My papers.* 1 added, .* 1 failed"))
    expect(told.locator(".failures li")).to_contain_text("broken.pdf")
    expect(asked.page.get_by_role("checkbox", name="My papers")).to_be_checked()
    answer = asked.ask("How did promoter methylation of axoreg1 change in axolotl limb regeneration?")
    expect(answer).to_contain_text("81% to 12%")
    card = asked.open_citation(answer, 1)
    expect(card).to_contain_text("year not given")
    expect(card).to_contain_text("library “My papers”")


def test_a_file_of_another_type_is_refused_with_the_types_that_are_read(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    asked = visit()
    slides = tmp_path / "slides.pptx"
    slides.write_bytes(b"PK")
    asked.page.locator(".box input[type=file]").set_input_files(slides)
    expect(asked.page.locator(".toast-body")).to_contain_text(".pdf")
    expect(asked.page.locator(".box .thumbnail-item")).to_have_count(0)


def test_a_pasted_sequence_becomes_a_chip_and_what_a_tool_needs_is_said(visit: Callable[..., Visit]) -> None:
    asked = visit()
    told = asked.ask(f"is this a promoter? {SEQUENCE}")
    expect(told).to_contain_text("seq1 has 47 bases, and 70 are needed by core")
    expect(told.locator("a.cite")).to_have_count(0)
    question = asked.page.locator(".chat .asked")
    expect(question).to_contain_text("is this a promoter? seq1")
    chip = question.locator(".attachments li")
    for part in ("seq1", "DNA", "letters: 47", "alphabet: ACGT", "47 B", f"{SEQUENCE[:30]}…"):
        expect(chip).to_contain_text(part)
    expect(question).not_to_contain_text(SEQUENCE)
    asked.reload()
    expect(chip).to_contain_text("letters: 47")
    asked.page.get_by_label("中文").check()
    expect(chip).to_contain_text("字母数：47")


def test_data_goes_with_the_question_and_papers_into_the_library(visit: Callable[..., Visit], tmp_path: Path) -> None:
    asked = visit()
    papers = [tmp_path / "newt.txt", tmp_path / "toad.txt"]
    for paper in papers:
        paper.write_text(PAPER.replace("axolotl", paper.stem), encoding="utf-8")
    genome, table = tmp_path / "genome.fna", tmp_path / "lines.csv"
    genome.write_text(f">s1 <b>bold</b>\n{SEQUENCE}\n", encoding="utf-8")
    table.write_text("line,m1,m2\nL1,0,1\nL2,1,-1\n", encoding="utf-8")
    taken, told = asked.ask_with("what is in these?", *papers, genome, table)
    expect(taken).to_contain_text("2 added")
    expect(told).to_contain_text("the chat fetches nothing")
    chips = asked.page.locator(".chat .attachments li")
    expect(chips).to_have_count(2)
    for chip, parts in zip(
        chips.all(), (("file1", "genome.fna", "sequences: 1"), ("file2", "lines.csv", "rows: 2")), strict=True
    ):
        for part in parts:
            expect(chip).to_contain_text(part)


def test_what_is_asked_beside_one_paper_is_answered_from_it(visit: Callable[..., Visit], tmp_path: Path) -> None:
    asked = visit()
    paper = tmp_path / "frog.md"
    paper.write_text(PAPER.replace("axolotl", "frog"), encoding="utf-8")
    taken, told = asked.ask_with("summarise this file", paper)
    expect(taken).to_contain_text("1 added")
    expect(told).to_contain_text("81% to 12% in the frog limb")
    expect(told.locator(".sources li")).to_have_count(1)
    expect(asked.page.locator(".chat .attachments li")).to_contain_text("frog.md Paper")


def test_a_paper_near_a_question_that_none_answers_opens_beside_it(visit: Callable[..., Visit]) -> None:
    asked = visit()
    declined = asked.ask("What is the boiling point of nitrogen?")
    title = declined.locator("a.paper").nth(1)
    title.click()
    card = asked.page.locator(".citation")
    expect(card.locator("h2")).to_have_text(title.inner_text())
    expect(card).to_contain_text("nothing is cited from it")
    expect(card.locator("mark")).to_have_count(0)
    assert len(asked.context.pages) == 1
    asked.page.keyboard.press("Escape")
    expect(title).to_be_focused()


def test_a_hostile_upload_is_quoted_as_text_and_does_nothing(visit: Callable[..., Visit], tmp_path: Path) -> None:
    asked = visit()
    hostile = tmp_path / "hostile <b>paper.txt"
    hostile.write_text(HOSTILE_PAPER, encoding="utf-8")
    expect(asked.upload(hostile)).to_contain_text("1 added")
    answer = asked.ask(
        "Is methylation of the msxb promoter part of zebrafish fin regrowth? <img src=http://evil.example/q>"
    )
    expect(asked.page.locator(".chat .asked").last).to_contain_text("<img src=http://evil.example/q>")
    literal = (
        "p<0.01 <img src=http://evil.example/x onerror=alert(1)> and x<y>z ![y](http://evil.example/y.png) "
        "[z](javascript:alert(2)) **stars** $x^2$ {{constructor}} ${alert(3)} www.evil.example."
    )
    expect(answer.locator(".quoted", has_text="msxb promoter").first).to_contain_text(literal)
    quoting = int(answer.locator("li", has_text="p<0.01").first.locator("a.cite").first.inner_text())
    expect(asked.open_citation(answer, quoting).locator("mark")).to_contain_text("<img src=http://evil.example/x")
    shown = asked.page.locator(".chat .message, .citation, .history")
    expect(shown.locator("img, script, iframe, .katex, strong:not(.failed strong)")).to_have_count(0)
    elsewhere = [link.get_attribute("href") or "" for link in shown.locator("a").all()]
    assert not [address for address in elsewhere if "evil" in address or address.startswith("javascript")]


def test_a_conversation_outlives_a_reload_and_can_be_left_and_opened_and_deleted(visit: Callable[..., Visit]) -> None:
    asked = visit()
    page = asked.page
    question = "RASSF1A methylation in nasopharyngeal carcinoma?"
    before = asked.ask(question).inner_text()
    asked.reload()
    expect(page.locator(".chat .answer")).to_have_count(1)
    assert page.locator(".chat .answer").inner_text() == before
    asked.open_citation(page.locator(".chat .answer"), 1)

    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".chat .answer")).to_have_count(0)
    expect(page.locator(".citation")).to_have_count(0)
    entry = page.locator(".history li", has_text=question)
    entry.get_by_role("button", name=question, exact=False).first.click()
    expect(page.locator(".chat .answer")).to_have_count(1)

    entry.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep").click()
    expect(entry).to_have_count(1)
    entry.get_by_role("button", name="Delete").click()
    page.locator(".deleting").get_by_role("button", name="Delete", exact=True).click()
    expect(entry).to_have_count(0)
    expect(page.locator(".chat .answer")).to_have_count(0)
    asked.reload()
    expect(page.locator(".examples").first).to_be_visible()
    expect(entry).to_have_count(0)


def test_two_visitors_have_two_conversations(visit: Callable[..., Visit]) -> None:
    first, second = visit(), visit()
    for each, question in ((first, ENGLISH), (second, "6mA in plants?")):
        each.page.locator(".box textarea").fill(question)
    for each in (first, second):
        each.page.locator(".box textarea").press("Enter")
    for each in (first, second):
        expect(each.page.locator(".chat .answer")).to_have_count(1)
        each.finished(each.page.locator(".chat .answer"))
    expect(first.page.locator(".chat .asked")).to_have_text(ENGLISH)
    expect(second.page.locator(".chat .asked")).to_have_text("6mA in plants?")
    expect(first.page.locator(".chat .answer")).to_contain_text("ADAMTS1")
    expect(second.page.locator(".chat .answer")).not_to_contain_text("ADAMTS1")


def test_an_example_is_asked_with_one_click_and_the_switch_retells_what_was_answered(
    visit: Callable[..., Visit],
) -> None:
    asked = visit()
    page = asked.page
    page.get_by_role("button", name=CHINESE).first.click()
    answer = page.locator(".chat .answer")
    expect(answer).to_have_count(1)
    asked.finished(answer)
    asked.open_citation(answer, 1)
    expect(answer).to_contain_text("Sources")
    page.get_by_label("中文").check()
    expect(answer).to_contain_text("出处")
    expect(page.locator(".citation")).to_contain_text("已核对")
    expect(page.locator(".new")).to_have_text("新对话")
    own_words = " ".join(page.locator(".tagline p, .views [role=tab], .new, .how-to-read p").all_inner_texts())
    assert not re.search("[a-z]{4}", own_words.replace("My papers", ""))


def test_no_ticked_library_is_told_in_the_answer(visit: Callable[..., Visit]) -> None:
    asked = visit()
    for library in asked.page.locator(".libraries input").all():
        library.uncheck()
    expect(asked.ask(ENGLISH)).to_contain_text("Tick at least one library")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_legible_on_phone_and_desktop_by_day_and_night(
    visit: Callable[..., Visit], width: int, scheme: str
) -> None:
    asked = visit(viewport={"width": width, "height": 844}, color_scheme=scheme)
    answer = asked.ask(ENGLISH)
    assert fits(asked.page, width)
    asked.open_citation(answer, 1)
    assert fits(asked.page, width)
    for part in PARTS:
        assert asked.page.locator(part).first.evaluate(CONTRAST) >= 4.5, part
    save_screenshot(asked.page, f"chat-{scheme}-{width}")


def test_everything_comes_from_this_machine(visit: Callable[..., Visit]) -> None:
    asked = visit()
    asked.ask(ENGLISH)
    assert asked.hosts == {HOST}
