from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from agent.attachments.attachment import Attached
from agent.attachments.handles import mark
from page.chips import question
from tests.page.test_cards import HOSTILE


def attached(**changes: Any) -> Attached:
    """A pasted sequence."""
    told: dict[str, Any] = {
        "handle": "seq1",
        "kind": "dna",
        "name": None,
        "size": 1_234_567,
        "length": 1_234_567,
        "parts": 1,
        "alphabet": "ACGT",
        "preview": "ACGTTGCAAGCTTAGCCATGACGATCGATT",
        "sha256": "0" * 64,
    }
    return Attached(**{**told, **changes})


UPLOADED = {"handle": "file2", "name": "genome.fa", "kind": "fasta", "parts": 2, "length": 94, "size": 106}


class Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.items: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.items += [""] if tag == "li" else []

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.items:
            self.items[-1] += data


def test_what_was_pasted_is_a_handle_in_its_place_and_told_below() -> None:
    sequence = attached()
    shown = Reader(question(f"is {mark(sequence)} a promoter?", [sequence], "en"))
    assert shown.text.startswith("is seq1 a promoter?")
    (told,) = shown.items
    assert told == "seq1 DNA · letters: 1,234,567 · alphabet: ACGT · 1.2 MB ACGTTGCAAGCTTAGCCATGACGATCGATT…"


def test_what_was_uploaded_is_told_below_only() -> None:
    upload = attached(**UPLOADED)
    shown = Reader(question(f"is it one?\n{mark(upload)}", [upload], "zh"))
    assert shown.text.startswith("is it one?file2")
    assert "br" not in shown.tags
    (told,) = shown.items
    for said in ("genome.fa", "FASTA 文件", "序列数：2", "字母数：94", "字母表：ACGT", "106 B"):
        assert said in told


def test_a_table_has_rows_and_a_file_that_is_nothing_known_says_so() -> None:
    table = attached(handle="table1", kind="table", length=3, alphabet="", preview="line,m1,m2")
    file = attached(handle="file1", kind="file", name="x.fa", length=None, alphabet="", preview="", size=9)
    told = Reader(question("", [table, file], "en")).items
    assert told == ["table1 Table · rows: 3 · 1.2 MB line,m1,m2", "file1 x.fa Neither a sequence nor a table · 9 B"]


def test_a_file_of_a_format_that_papers_have_is_a_paper() -> None:
    paper = attached(handle="file1", kind="file", name="Yi 2013.PDF", length=None, alphabet="", preview="", size=9)
    assert Reader(question("", [paper], "en")).items == ["file1 Yi 2013.PDF Paper · 9 B"]


def test_a_mark_of_no_attachment_is_text() -> None:
    typed = "is [seq1: DNA, 47 letters] one?"
    assert Reader(question(typed, [], "en")).text == typed


def test_lines_stay_lines_and_leave_no_empty_one_at_which_a_block_of_html_would_end() -> None:
    shown = question("\n\nfirst <b>\n\n\nsecond\n", [attached()], "en")
    assert "\n" not in shown
    assert Reader(shown).tags[:5] == ["div", "br", "br", "br", "ul"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_question_name_or_preview_is_text(text: str) -> None:
    hostile = attached(**{**UPLOADED, "name": text, "preview": text, "alphabet": text})
    shown = question(f"{text}\n{mark(hostile)} {text}", [hostile], "en")
    harmless = question("x\n[file2: genome.fa, FASTA, 2 sequences, 94 letters (ACGT)] x", [attached(**UPLOADED)], "en")
    assert shown.count("<") == harmless.count("<")
    assert unescape(shown).count(text) >= 4
