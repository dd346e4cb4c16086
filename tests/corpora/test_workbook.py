import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import ROWS, only_failure, only_paper, sections


def outcomes(folder: Path, sheets: dict[str, Any], title: str | None = None) -> list[Paper | Failure | Withdrawn]:
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.title = title
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column).value = value or None
                if isinstance(value, str) and value:
                    sheet.cell(number, column).data_type = "s"
    book.save(folder / "book.xlsx")
    return list(read(folder / "book.xlsx"))


def test_each_sheet_is_a_table_by_its_name(tmp_path: Path) -> None:
    sheets = {"Rates": [["gene", "rate"], ["BNC1", 0.92]], "空": [], "Table S2": [[None, "A"], ["x", 7]]}
    paper = only_paper(outcomes(tmp_path, sheets, "Supplement 1"))
    assert sections(paper) == [
        ("title", "prose", "Supplement 1"),
        ("Rates", "table", "gene\trate\nBNC1\t0.92"),
        ("Table S2", "table", "\tA\nx\t7"),
    ]
    assert (paper.title, paper.kind) == ("Supplement 1", "full text")


@settings(max_examples=20, deadline=None)
@given(rows=ROWS)
def test_every_cell_comes_back_in_its_place(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    (section,) = sections(only_paper(outcomes(tmp_path_factory.getbasetemp(), {"S": rows})))
    width = max(len(row) for row in rows)
    read_back = [(line.split("\t") + [""] * width)[:width] for line in section[2].split("\n")]
    assert read_back == [(row + [""] * width)[:width] for row in rows]


def test_values_are_written_as_a_person_would(tmp_path: Path) -> None:
    row = [3.0, 0.1, 1e-7, True, date(2011, 10, 7), datetime(2011, 10, 7, 12, 30), "胰腺癌", "two\nlines\tand a tab"]
    assert only_paper(outcomes(tmp_path, {"S": [row]})).text == (
        "3\t0.1\t1e-07\tTRUE\t2011-10-07\t2011-10-07 12:30:00\t胰腺癌\ttwo lines and a tab"
    )


def test_a_workbook_without_values_is_one_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, {"S": []})).reason == "has no cell with a value"


def repacked(folder: Path, part: str, change: Any) -> list[Paper | Failure | Withdrawn]:
    outcomes(folder, {"S": [["a", "b"]]})
    with zipfile.ZipFile(folder / "book.xlsx") as sound, zipfile.ZipFile(folder / "odd.xlsx", "w", 8) as odd:
        for name in sound.namelist():
            content = sound.read(name)
            odd.writestr(name, change(content) if name == part else content)
    return list(read(folder / "odd.xlsx"))


SHEET = "xl/worksheets/sheet1.xml"


def test_what_a_sheet_says_of_its_extent_is_not_believed(tmp_path: Path) -> None:
    found = repacked(tmp_path, SHEET, lambda xml: xml.replace(b'ref="A1:B1"', b'ref="A1"'))
    assert only_paper(found).text == "a\tb"


@pytest.mark.parametrize(
    ("part", "content", "reason"),
    [
        (SHEET, b'<!DOCTYPE a [<!ENTITY a "ha">]><worksheet>&a;</worksheet>', "declares entities"),
        (SHEET, b"<worksheet><sheetData><row", "is damaged"),
        ("xl/workbook.xml", b"<a/>", "has no cell with a value"),
        ("xl/styles.xml", b"<styleSheet", "is damaged"),
    ],
)
def test_what_is_damaged_or_hostile_is_one_failure(tmp_path: Path, part: str, content: bytes, reason: str) -> None:
    assert only_failure(repacked(tmp_path, part, lambda _: content)).reason.startswith(reason)


def test_cells_far_apart_do_not_fill_the_memory(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(1, 2000))
    found = repacked(tmp_path, SHEET, lambda xml: xml[: xml.index(b"<row")] + rows + xml[xml.index(b"</sheetData>") :])
    assert "the limit for one workbook" in only_failure(found).reason


def test_every_cut_of_a_workbook_is_one_failure(tmp_path: Path) -> None:
    outcomes(tmp_path, {"S": [["a"]]})
    content = (tmp_path / "book.xlsx").read_bytes()
    for cut in range(1, len(content), len(content) // 20):
        (tmp_path / "cut.xlsx").write_bytes(content[:cut])
        assert only_failure(list(read(tmp_path / "cut.xlsx"))).reason.startswith("is damaged")
