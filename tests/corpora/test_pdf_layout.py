import io
from itertools import pairwise
from pathlib import Path

import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.pdf import program, read_pdf
from corpora.pdf.hyphens import Words
from corpora.unreadable import Unreadable
from tests.corpora.typeset import Layout, Typeset, typeset
from tests.corpora.typeset_layouts import DEVELOPMENT, KEPT_ASIDE
from tests.corpora.typeset_recovery import recovery

SOME = (DEVELOPMENT[0], DEVELOPMENT[3], DEVELOPMENT[4], DEVELOPMENT[5], DEVELOPMENT[6], *KEPT_ASIDE[1:3])


def read(folder: Path, content: bytes) -> list[Paper | Failure]:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return list(read_pdf(path))


def paper(folder: Path, content: bytes) -> Paper:
    (found,) = read(folder, content)
    assert isinstance(found, Paper)
    return found


def drawn(draw: dict[int, list[tuple[float, float, str, str, float]]], title: str = "") -> bytes:
    """A PDF of words at places (left, height above the bottom, text, font, size), by page."""
    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(595, 842))
    canvas.setTitle(title)
    for page in sorted(draw):
        for left, height, text, font, size in draw[page]:
            canvas.setFont(font, size)
            canvas.drawString(left, height, text)
        canvas.showPage()
    canvas.save()
    return content.getvalue()


@pytest.mark.parametrize("layout", SOME, ids=lambda layout: f"layout{layout.seed}")
def test_sentences_come_back_whole_and_in_order(layout: Layout, tmp_path: Path) -> None:
    made = typeset(layout)
    found = paper(tmp_path, made.content)
    result = recovery(made, found.text, found)
    assert result.share >= 0.99
    assert result.furniture == 0
    assert found.title == made.title
    assert result.found_headings == result.headings


@pytest.fixture(scope="module")
def made() -> Typeset:
    return typeset(DEVELOPMENT[0])


@pytest.fixture(scope="module")
def typeset_paper(made: Typeset, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return paper(tmp_path_factory.mktemp("typeset"), made.content)


def test_tables_are_rows_of_cells_under_their_captions(made: Typeset, typeset_paper: Paper) -> None:
    tables = [section for section in typeset_paper.sections if section.kind == "table"]
    texts = [typeset_paper.text[section.start : section.end] for section in tables]
    assert sorted(texts) == sorted("\n".join("\t".join(row) for row in table) for table in made.tables)
    for section in tables:
        before = typeset_paper.sections[typeset_paper.sections.index(section) - 1]
        assert (before.kind, before.name) == ("caption", section.name)


def test_references_stand_in_a_section_of_their_own(made: Typeset, typeset_paper: Paper) -> None:
    (section,) = [section for section in typeset_paper.sections if section.name == "References"]
    assert all(entry in typeset_paper.text[section.start : section.end] for entry in made.references)


def test_boxes_are_the_printed_lines_in_the_order_of_the_text(typeset_paper: Paper) -> None:
    boxes = typeset_paper.boxes
    assert all(before.end <= box.start for before, box in pairwise(boxes))
    assert {typeset_paper.page_at(box.start) == box.page for box in boxes} == {True}
    assert all(0 <= box.left < box.right <= 596 and 0 <= box.top < box.bottom <= 842 for box in boxes)
    (title,) = [box for box in boxes if typeset_paper.text[box.start : box.end] == typeset_paper.title][:1] or [
        boxes[0]
    ]
    assert title.page == 1
    assert title.top < 120


def test_rotated_text_and_labels_in_figures_are_left_out(typeset_paper: Paper) -> None:
    assert "Downloaded" not in typeset_paper.text
    assert "20 40 60" not in typeset_paper.text


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("methy-", "lation", "methylation"),
        ("DNA-", "methylation", "DNA-methylation"),
        ("IL-", "6 levels", "IL-6 levels"),
        ("5-", "aza", "5-aza"),
        ("TGF-", "β", "TGF-β"),
        ("cell-", "free DNA", "cell-free DNA"),
        ("genome-", "wide scan", "genome-wide scan"),
        ("reduced-", "representation", "reduced-representation"),
        ("with-", "out", "without"),
        ("a range of 2–", "5 days", "a range of 2–5 days"),
        ("https://doi.org/10.1000/", "abc.1", "https://doi.org/10.1000/abc.1"),
        ("甲基", "化", "甲基化"),
        ("two", "words", "two words"),
    ],
)
def test_words_divided_at_line_ends_are_joined_as_the_document_writes_them(
    first: str, second: str, joined: str
) -> None:
    words = Words(["A cell in a whole genome is free of it.", "The wide methylation of a cell and of a genome."])
    before, between = words.joint(first, second)
    assert before + between + second == joined


def test_a_word_that_the_document_writes_with_a_hyphen_keeps_it() -> None:
    assert Words(["The co-methylation was seen."]).joint("of co-", "methylation")[0] == "of co-"
    assert Words(["The comethylation was seen."]).joint("of co-", "methylation")[0] == "of co"


def test_ligatures_and_superscripts_are_plain_characters(tmp_path: Path) -> None:
    content = drawn(
        {
            1: [
                (50, 700, "About 10", "Helvetica", 10),
                (90.6, 704, "-5", "Helvetica", 6),
                (50, 688, "of cm", "Helvetica", 10),
            ]
        }
    )
    assert paper(tmp_path, content).text.startswith("About 10⁻⁵ of cm")


def test_scanned_pages_of_a_paper_are_named(tmp_path: Path) -> None:
    from PIL import Image

    content = io.BytesIO()
    canvas = Canvas(content, pagesize=(300, 400))
    picture = ImageReader(Image.new("L", (30, 40), 200))
    canvas.drawString(40, 300, "Printed words of the first page.")
    canvas.showPage()
    canvas.drawImage(picture, 0, 0, 300, 400)
    canvas.showPage()
    canvas.save()
    found, failure = read(tmp_path, content.getvalue())
    assert isinstance(found, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason == "has no text on scanned pages: 2"
    assert "ocrmypdf" in failure.remedy


@pytest.mark.parametrize(
    ("line", "doi"),
    [
        ("https://doi.org/10.1234/Imag.2031.5", "10.1234/imag.2031.5"),
        ("doi: 10.1234/imag.5.", "10.1234/imag.5"),
        ("doi:10.1234/a and doi:10.1234/b", None),
        ("10.1234/imag.5", None),
    ],
)
def test_the_doi_is_taken_where_page_1_prints_one(tmp_path: Path, line: str, doi: str | None) -> None:
    content = drawn({1: [(50, 800, line, "Helvetica", 8), (50, 700, "Words of the paper.", "Helvetica", 10)]})
    assert paper(tmp_path, content).doi == doi


def test_dates_come_from_the_publishers_metadata_only(tmp_path: Path) -> None:
    content = drawn({1: [(50, 700, "Words of 2019.", "Helvetica", 10)]})
    date, doi = b"<prism:publicationDate>2018-03-02</prism:publicationDate>", b"<prism:doi>10.1234/x</prism:doi>"
    packet = b"<x:xmpmeta>" + date + doi + b"</x:xmpmeta>"
    assert paper(tmp_path, content).year is None
    found = paper(tmp_path, content.replace(b"%%EOF", b"% " + packet + b"\n%%EOF"))
    assert (found.published, found.year, found.doi) == ("2018-03-02", 2018, "10.1234/x")


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "SECONDS", 0.0)
    with pytest.raises(Unreadable, match=r"takes longer|nothing can be read"):
        read(tmp_path, drawn({1: [(50, 700, "Words", "Helvetica", 10)]}))


def test_a_crash_of_the_program_that_reads_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing = tmp_path / "crashing.py"
    crashing.write_text(
        'import os, signal; print(\'{"pages":2,"metadata":{}}\', flush=True); os.kill(os.getpid(), signal.SIGSEGV)'
    )
    monkeypatch.setattr(program, "_PROGRAM", crashing)
    with pytest.raises(Unreadable, match="broke off"):
        read(tmp_path, drawn({1: [(50, 700, "Words", "Helvetica", 10)]}))


def test_a_page_with_more_letters_than_can_be_printed_is_refused_rather_than_read_in_part(tmp_path: Path) -> None:
    line = "methylation " * 40
    content = drawn({1: [(50, 20 + 0.7 * row, line, "Helvetica", 0.5) for row in range(1100)]})
    with pytest.raises(Unreadable, match="more letters"):
        read(tmp_path, content)
