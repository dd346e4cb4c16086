import zipfile
from html import escape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.test_web_page import written
from tests.corpora.written import CHAPTERS, Chapter, add, expected, only_failure, only_paper, sections

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
METADATA = """<dc:title>Epigenetics</dc:title><dc:creator>Yi, Joo Mi</dc:creator><dc:creator>Bo Li</dc:creator>
<dc:language>zh-CN</dc:language><dc:date>2011-10-07</dc:date><dc:identifier>urn:isbn:1</dc:identifier>
<dc:identifier>https://doi.org/10.1000/Own.1</dc:identifier><dc:subject>ctDNA</dc:subject>"""


def outcomes(
    folder: Path,
    chapters: dict[str, str],
    metadata: str = METADATA,
    spine: list[str] | None = None,
    **more: Any,
) -> list[Paper | Failure | Withdrawn]:
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml" properties="{Path(name).stem}"/>'
        for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in (spine or chapters))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": package,
    }
    for name, body in chapters.items():
        parts[f"OEBPS/{name}"] = (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">'
            "<head><title>t</title>"
            f"</head><body>{body}</body></html>"
        )
    parts |= {name.replace("__", "/"): content for name, content in more.items()}
    with zipfile.ZipFile(folder / "book.epub", "w", 8) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return list(read(folder / "book.epub"))


def test_a_book_becomes_a_paper_with_its_chapters_in_the_order_of_the_spine(tmp_path: Path) -> None:
    chapters = {
        "nav.xhtml": "<nav><ol><li>Contents</li></ol></nav><p>Contents</p>",
        "b.xhtml": "<h1>Second</h1><p>Two.</p>",
        "a.xhtml": "<h1>First</h1><p>One.</p><h2>Part</h2><table><tr><td>x</td><td>1</td></tr></table>",
    }
    paper = only_paper(outcomes(tmp_path, chapters, spine=["nav.xhtml", "a.xhtml", "b.xhtml"]))
    assert sections(paper) == [
        ("title", "prose", "Epigenetics"),
        ("First", "prose", "One."),
        ("First / Part", "table", "x\t1"),
        ("Second", "prose", "Two."),
    ]
    assert (paper.title, paper.authors, paper.language) == ("Epigenetics", ("Yi JM", "Bo Li"), "zh")
    assert (paper.doi, paper.year, paper.published, paper.keywords) == ("10.1000/own.1", 2011, "2011-10-07", ("ctDNA",))


@settings(max_examples=20, deadline=None)
@given(chapters=CHAPTERS.filter(expected))
def test_every_paragraph_and_cell_comes_back_in_its_place(
    chapters: list[Chapter], tmp_path_factory: pytest.TempPathFactory
) -> None:
    files = {f"c{number}.xhtml": written([chapter]) for number, chapter in enumerate(chapters)}
    found = outcomes(tmp_path_factory.getbasetemp(), files, "<dc:title>T</dc:title>")
    wanted: list[tuple[str, str, str]] = []
    for section in (section for chapter in chapters for section in expected([chapter])):
        add(wanted, *section)
    assert sections(only_paper(found)) == [("title", "prose", "T"), *wanted]


def test_a_chapter_that_is_missing_is_named(tmp_path: Path) -> None:
    item = "<item id='x' href='gone.xhtml' media-type='application/xhtml+xml'/>"
    rest = f"</metadata><manifest>{item}</manifest><spine><itemref idref='x'/></spine><metadata>"
    failure = only_failure(outcomes(tmp_path, {}, rest))
    assert failure.reason == "is damaged: it names 'OEBPS/gone.xhtml' and does not hold it"


def test_a_book_that_is_protected_is_named(tmp_path: Path) -> None:
    locked = (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
        'xmlns="http://www.w3.org/2001/04/xmlenc#">'
        '<CipherData><CipherReference URI="OEBPS/{}"/></CipherData></EncryptedData></encryption>'
    )
    chapters = {"a.xhtml": "<p>One.</p>"}
    more: dict[str, Any] = {"META-INF__encryption.xml": locked.format("a.xhtml")}
    assert "is encrypted" in only_failure(outcomes(tmp_path, chapters, **more)).reason
    more = {"META-INF__encryption.xml": locked.format("font.otf")}
    assert only_paper(outcomes(tmp_path, chapters, **more)).text == "Epigenetics\nOne."


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"META-INF__container.xml": "<container/>"}, "is no EPUB"),
        ({"META-INF__container.xml": '<!DOCTYPE a [<!ENTITY a "ha">]><container>&a;</container>'}, "declares entities"),
        ({"OEBPS__book.opf": "<package"}, "is damaged"),
        ({"OEBPS__bomb.bin": bytes(20 << 20)}, "is a zip bomb"),
    ],
)
def test_what_is_damaged_or_hostile_is_one_failure(tmp_path: Path, more: dict[str, Any], reason: str) -> None:
    assert only_failure(outcomes(tmp_path, {"a.xhtml": "<p>One.</p>"}, **more)).reason.startswith(reason)


def test_a_book_of_pictures_is_one_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, {"a.xhtml": "<img src='p1.png'/>"})).reason == "has no text"


def test_a_zip_file_that_is_no_book_is_one_failure(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.epub", "w") as odd:
        odd.writestr("a.txt", escape("a"))
    assert only_failure(list(read(tmp_path / "odd.epub"))).reason == "is no EPUB (it has no META-INF/container.xml)"
