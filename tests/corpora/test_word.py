import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from hypothesis import given, settings

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import CHAPTERS, Chapter, expected, only_failure, only_paper, sections

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def outcomes(folder: Path, document: Any) -> list[Paper | Failure | Withdrawn]:
    document.save(str(folder / "paper.docx"))
    return list(read(folder / "paper.docx"))


def document() -> Any:
    made = docx.Document()
    for name in ("title", "author", "keywords", "language"):
        setattr(made.core_properties, name, "")
    return made


def test_a_document_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    made = docx.Document()
    made.core_properties.title = "draft_final_2"
    made.core_properties.author = "Yi JM; Li B"
    made.core_properties.keywords = "ctDNA, BNC1"
    made.core_properties.language = "en-GB"
    made.add_heading("Methylation of BNC1", 0)
    made.add_heading("Methods", 1)
    made.add_paragraph("Cells grew.")
    made.add_heading("Culture", 2)
    made.add_paragraph("In a dish.")
    made.add_paragraph("Table 1. Rates", style="Caption")
    table = made.add_table(2, 2)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), ("", "A", "x", "1"), strict=True):
        cell.text = text
    made.add_paragraph("And more.")
    paper = only_paper(outcomes(tmp_path, made))
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1"),
        ("Methods", "prose", "Cells grew."),
        ("Methods / Culture", "prose", "In a dish."),
        ("Methods / Culture", "caption", "Table 1. Rates"),
        ("Methods / Culture", "table", "\tA\nx\t1"),
        ("Methods / Culture", "prose", "And more."),
    ]
    assert (paper.authors, paper.keywords, paper.language) == (("Yi JM", "Li B"), ("ctDNA", "BNC1"), "en")
    assert paper.kind == "full text"


def test_the_title_of_the_properties_stands_in_where_none_is_printed(tmp_path: Path) -> None:
    made = document()
    made.core_properties.title = "胰腺癌中的甲基化"
    made.add_paragraph("我们检测了甲基化。")
    assert only_paper(outcomes(tmp_path, made)).text == "胰腺癌中的甲基化\n我们检测了甲基化。"


def write(made: Any, chapters: list[Chapter], level: int = 1) -> None:
    for chapter in chapters:
        made.add_heading(chapter.heading, level)
        for block in chapter.blocks:
            if isinstance(block, str):
                made.add_paragraph(block)
                continue
            table = made.add_table(len(block), len(block[0]))
            for row, cells in zip(table.rows, block, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        write(made, chapter.below, level + 1)


@settings(max_examples=15, deadline=None)
@given(chapters=CHAPTERS.filter(expected))
def test_every_paragraph_and_cell_comes_back_in_its_place(
    chapters: list[Chapter], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = document()
    write(made, chapters)
    assert sections(only_paper(outcomes(tmp_path_factory.getbasetemp(), made))) == expected(chapters)


def test_a_text_reads_as_it_stands_now(tmp_path: Path) -> None:
    made = document()
    made.add_paragraph("Before. ")._p.extend(
        parse_xml(f"<w:p {W}>{inner}</w:p>")[0]
        for inner in (
            "<w:ins w:id='1'><w:r><w:t>Inserted</w:t><w:noBreakHyphen/><w:t>now</w:t></w:r></w:ins>",
            "<w:del w:id='2'><w:r><w:delText>deleted</w:delText></w:r></w:del>",
            "<w:hyperlink><w:r><w:tab/><w:t>linked</w:t></w:r></w:hyperlink>",
            "<w:sdt><w:sdtContent><w:r><w:t>, chosen.</w:t></w:r></w:sdtContent></w:sdt>",
        )
    )
    made.element.body.insert(
        1, parse_xml(f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>")
    )
    assert only_paper(outcomes(tmp_path, made)).text == "Before. Inserted-now linked, chosen.\n\nIn a control."


def test_merged_cells_stand_in_every_place_that_they_span(tmp_path: Path) -> None:
    made = document()
    table = made.add_table(3, 3)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = str(number)
    table.cell(0, 1).merge(table.cell(0, 2)).text = "wide"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
    assert only_paper(outcomes(tmp_path, made)).text == "0\twide\twide\ntall\t4\t5\ntall\t7\t8"


def test_headings_are_told_by_outline_level_whatever_their_style_is_called(tmp_path: Path) -> None:
    made = document()
    style = made.styles.add_style("Überblick", 1)
    style.base_style = None
    style.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {W} w:val="0"/>'))
    made.add_paragraph("方法", style="Überblick")
    made.add_paragraph("我们检测了甲基化。")
    assert sections(only_paper(outcomes(tmp_path, made))) == [("方法", "prose", "我们检测了甲基化。")]


def test_styles_based_on_each_other_in_a_circle_do_no_harm(tmp_path: Path) -> None:
    made = document()
    one, two = made.styles.add_style("One", 1), made.styles.add_style("Two", 1)
    one.base_style, two.base_style = two, one
    made.add_paragraph("Text.", style="One")
    assert only_paper(outcomes(tmp_path, made)).text == "Text."


def test_a_document_without_text_is_one_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, document())).reason == "has no text"


def test_every_cut_of_a_document_is_one_failure(tmp_path: Path) -> None:
    made = document()
    made.add_paragraph("Text.")
    made.save(str(tmp_path / "whole.docx"))
    content = (tmp_path / "whole.docx").read_bytes()
    for cut in range(1, len(content), len(content) // 20):
        (tmp_path / "cut.docx").write_bytes(content[:cut])
        assert only_failure(list(read(tmp_path / "cut.docx"))).reason.startswith("is damaged")


def repacked(folder: Path, changes: dict[str, bytes | None]) -> list[Paper | Failure | Withdrawn]:
    """A sound document with these parts in the place of its own; None leaves a part out."""
    made = document()
    made.add_paragraph("Text.")
    made.save(str(folder / "sound.docx"))
    with zipfile.ZipFile(folder / "sound.docx") as sound, zipfile.ZipFile(folder / "odd.docx", "w", 8) as odd:
        for name in sound.namelist():
            content = changes.get(name, sound.read(name))
            if content is not None:
                odd.writestr(name, content)
        for name in changes.keys() - set(sound.namelist()):
            odd.writestr(name, changes[name] or b"")
    return list(read(folder / "odd.docx"))


LAUGHS = b'<!DOCTYPE a [<!ENTITY a0 "ha"><!ENTITY a1 "&a0;&a0;">]><a>&a1;</a>'


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"word/document.xml": None}, "is an office document of another kind (it has no word/document.xml)"),
        ({"word/document.xml": b"<w:document"}, "is damaged or no XML"),
        ({"word/document.xml": b"<a/>"}, "is damaged or no Word document"),
        ({"word/document.xml": LAUGHS}, "declares entities"),
        ({"word/styles.xml": LAUGHS}, "declares entities"),
        ({"word/styles.xml": LAUGHS.decode().encode("utf-16")}, "declares entities"),
        ({"docProps/core.xml": LAUGHS}, "declares entities"),
        ({"[Content_Types].xml": None}, "is damaged or no Word document"),
        ({"word/media/bomb.bin": b"\0" * (20 << 20)}, "is a zip bomb"),
    ],
)  # fmt: skip
def test_what_is_damaged_or_hostile_is_one_failure(
    tmp_path: Path, changes: dict[str, bytes | None], reason: str
) -> None:
    failure = only_failure(repacked(tmp_path, changes))
    assert failure.reason.startswith(reason)
    assert failure.remedy


def test_a_document_with_a_password_is_named(tmp_path: Path) -> None:
    # Such a file is no zip file but a compound file, of which this is the mark.
    (tmp_path / "locked.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert "password" in str(only_failure(list(read(tmp_path / "locked.docx"))))
