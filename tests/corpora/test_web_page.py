from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import CHAPTERS, Chapter, expected, only_failure, only_paper, sections


def outcomes(folder: Path, page: str | bytes, name: str = "page.html") -> list[Paper | Failure | Withdrawn]:
    (folder / name).write_bytes(page if isinstance(page, bytes) else page.encode())
    return list(read(folder / name))


def page(body: str, head: str = "", language: str = "en") -> str:
    return f"<!DOCTYPE html><html lang='{language}'><head><meta charset='utf-8'>{head}</head><body>{body}</body></html>"


METAS = """<title>Site | Methylation</title>
<meta name="citation_title" content="Methylation of BNC1"><meta name="citation_author" content="Yi, Joo Mi">
<meta name="citation_author" content="Li, Bo"><meta name="citation_journal_title" content="Epigenome J">
<meta name="citation_publication_date" content="2011/10/07"><meta name="citation_doi" content="doi:10.1000/Own.1">
<meta name="citation_pmid" content="21000001"><meta name="citation_keywords" content="ctDNA; BNC1">
<meta name="citation_language" content="en"><link rel="canonical" href="https://example.org/a">"""


def test_a_page_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    body = (
        "<header>Site</header><nav><p>Menu</p></nav><div class='sidebar'><p>Read this too</p></div><main>"
        "<h1>Methylation of BNC1</h1><h2>Methods</h2><p>Cells <b>grew</b>.</p><h3>Culture</h3><p>In a&nbsp;dish.</p>"
        "<script>var a = 1;</script><style>p {}</style><p hidden>Secret</p></main><footer>Imprint</footer>"
    )
    paper = only_paper(outcomes(tmp_path, page(body, METAS)))
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1"),
        ("Methods", "prose", "Cells grew."),
        ("Methods / Culture", "prose", "In a dish."),
    ]
    assert (paper.pmid, paper.doi, paper.journal) == ("21000001", "10.1000/own.1", "Epigenome J")
    assert (paper.year, paper.published, paper.language) == (2011, "2011-10-07", "en")
    assert (paper.authors, paper.keywords) == (("Yi JM", "Li B"), ("ctDNA", "BNC1"))
    assert (paper.url, paper.kind) == ("https://example.org/a", "full text")


def test_dublin_core_stands_in(tmp_path: Path) -> None:
    head = (
        "<meta name='DC.Title' content='T'><meta name='dc.creator' content='Yi, J'><meta name='DCTERMS.issued' "
        "content='2011-10'>"
        "<meta name='dc.identifier' content='10.1000/a'><meta name='dc.language' content='zh-CN'>"
    )
    paper = only_paper(outcomes(tmp_path, page("<p>Text.</p>", head)))
    assert (paper.title, paper.authors, paper.published, paper.doi, paper.language) == (
        "T",
        ("Yi J",),
        "2011-10",
        "10.1000/a",
        "zh",
    )


def written(chapters: list[Chapter], level: int = 1) -> str:
    def block(content: str | list[list[str]]) -> str:
        if isinstance(content, str):
            return f"<p>{escape(content)}</p>"
        rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in content)
        return f"<table>{rows}</table>"

    return "".join(
        f"<h{level}>{escape(chapter.heading)}</h{level}>{''.join(map(block, chapter.blocks))}"
        f"{written(chapter.below, level + 1)}"
        for chapter in chapters
    )


@settings(max_examples=40, deadline=None)
@given(chapters=CHAPTERS.filter(expected))
def test_every_paragraph_and_cell_comes_back_in_its_place(
    chapters: list[Chapter], tmp_path_factory: pytest.TempPathFactory
) -> None:
    head = "<meta name='citation_title' content='A title'>"
    found = outcomes(tmp_path_factory.getbasetemp(), page(f"<main>{written(chapters)}</main>", head))
    assert sections(only_paper(found)) == [("title", "prose", "A title"), *expected(chapters)]


def test_tables_and_captions_are_sections_of_their_own_and_tables_of_layout_are_not(tmp_path: Path) -> None:
    body = (
        "<table role='presentation'><tr><td><p>Laid out.</p></td></tr></table>"
        "<table><caption>Rates</caption><tr><th></th><th colspan=2>A</th></tr><tr><td>x</td><td>1</td><td>2</td>"
        "</tr></table>"
        "<figure><img src=a><figcaption>Figure 1. Silence.</figcaption></figure>"
    )
    assert sections(only_paper(outcomes(tmp_path, page(body)))) == [
        (None, "prose", "Laid out."),
        (None, "caption", "Rates"),
        (None, "table", "\tA\tA\nx\t1\t2"),
        (None, "caption", "Figure 1. Silence."),
    ]


def test_text_outside_paragraphs_is_kept_and_lines_are_not_run_together(tmp_path: Path) -> None:
    body = "Loose<br>text <div>in <span>a</span> div</div><ul><li>one<li>two</ul>"
    assert only_paper(outcomes(tmp_path, page(body))).text == "Loose text\n\nin a div\n\none\n\ntwo"


def test_a_small_article_does_not_hide_the_rest_of_the_page(tmp_path: Path) -> None:
    body = f"<article><p>Teaser.</p></article><p>{'The text of the page. ' * 20}</p>"
    assert "The text of the page." in only_paper(outcomes(tmp_path, page(body))).text


def test_broken_html_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    assert (
        only_paper(outcomes(tmp_path, "<p>One<p>Two <b>three</p></div><table><tr><td>a")).text == "One\n\nTwo three\na"
    )


CHINESE = "我们检测了胰腺癌患者血清中基因的甲基化水平，结果显示差异有统计学意义。"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("", "gb18030"),
        ("utf-8", "utf-8"),
        ("", "utf-16"),
        ("iso-8859-1", "latin-1"),
    ],
)
def test_pages_are_read_in_the_encoding_that_they_declare_or_plainly_have(
    tmp_path: Path, declared: str, encoding: str
) -> None:
    text = "naïve café" if encoding == "latin-1" else CHINESE
    meta = f"<meta http-equiv='Content-Type' content='text/html; charset={declared}'>" if declared else ""
    content = f"<html><head>{meta}</head><body><p>{text}</p></body></html>".encode(encoding)
    assert only_paper(outcomes(tmp_path, content)).text == text


def test_a_page_in_xml_is_read(tmp_path: Path) -> None:
    content = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>'
        "Text.</p></body></html>"
    )
    assert only_paper(outcomes(tmp_path, content, "page.xhtml")).text == "Text."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (page("<script>draw()</script>").encode(), "has no text"),
        (page("").encode("utf-8") + b"\xff\xfe\xfa", "is not UTF-8"),
        (b"<p>a\0b</p>", "is not text"),
    ],
)
def test_a_page_without_text_is_one_failure(tmp_path: Path, content: bytes, reason: str) -> None:
    assert only_failure(outcomes(tmp_path, content)).reason.startswith(reason)


def test_nesting_without_end_and_declared_entities_do_no_harm(tmp_path: Path) -> None:
    deep = "<div>" * 50_000 + "<p>Text.</p>"
    found = outcomes(tmp_path, page(deep))
    assert isinstance(found[0], Paper | Failure)
    hostile = (
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b SYSTEM "file:///etc/passwd">]><html><body><p>T &a; '
        "&b;</p></body></html>"
    )
    assert "root:" not in str(outcomes(tmp_path, hostile))


def test_a_page_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    assert "16 MiB, the limit for one page" in only_failure(outcomes(tmp_path, b"<p>" + b"x" * (17 << 20))).reason
