from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import read
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper, sections

WHOLE = r"""
% exported by hand
@string{ccr = "Clinical Cancer Research"}
@article{yi2011,
  title = {Methylation of {BNC1} and $\beta$-catenin: 5\% \& more},
  author = {Yi, Joo Mi and M{\"u}ller, Karl-Heinz and Anna B. Smith and {Pancreas Study Group} and others},
  journal = ccr,
  year = 2011, month = oct,
  doi = {10.1000/Own\_1},
  pmid = {21000001},
  pmcid = {PMC3000001},
  abstract = "Pancreatic cancer is found late~{--} \textit{very} late.",
  keywords = {ctDNA, BNC1},
  langid = {english},
  url = {https://example.org/a\_b}
}
"""


def outcomes(folder: Path, text: str, encoding: str = "utf-8") -> list[Paper | Failure | Withdrawn]:
    (folder / "library.bib").write_bytes(text.encode(encoding))
    return list(read(folder / "library.bib"))


def test_an_entry_becomes_a_paper_with_all_its_fields(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, WHOLE))
    assert sections(paper) == [
        ("title", "prose", "Methylation of BNC1 and β-catenin: 5% & more"),
        (None, "prose", "Pancreatic cancer is found late – very late."),
    ]
    assert (paper.pmid, paper.pmcid, paper.doi, paper.id) == ("21000001", "PMC3000001", "10.1000/own_1", "yi2011")
    assert (paper.journal, paper.year, paper.published) == ("Clinical Cancer Research", 2011, "2011-10")
    assert paper.authors == ("Yi JM", "Müller KH", "Smith AB", "Pancreas Study Group")
    assert (paper.keywords, paper.language, paper.url) == (("ctDNA", "BNC1"), "en", "https://example.org/a_b")
    assert str(paper.source) == f"{tmp_path / 'library.bib'}, line 4"


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"{\"O}stergren and na{\"\i}ve", "Östergren and naïve"),
        (r"\'e \c{c} {\ss} {\v{S}}", "é ç ß Š"),
        (r"\alpha-synuclein", "α-synuclein"),
        (r"10\textsuperscript{5} cells of \emph{E. coli}", "105 cells of E. coli"),
        (r"R\&D at 5\%", "R&D at 5%"),
        ("pages 1--5", "pages 1–5"),
    ],
)
def test_tex_becomes_characters(tmp_path: Path, tex: str, text: str) -> None:
    assert only_paper(outcomes(tmp_path, f"@misc{{a, title = {{{tex}}}}}")).title == text


@settings(max_examples=20, deadline=None)
@given(papers=st.lists(st.tuples(PROSE, PROSE), min_size=1, max_size=3))
def test_every_entry_comes_back_whole_and_in_order(
    papers: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    def quoted(text: str) -> str:
        return "".join(f"\\{sign}" if sign in "%&#_" else sign for sign in text)

    papers = [(title.replace("@", "a"), body.replace("@", "a")) for title, body in papers]
    text = "".join(
        f"@article{{k{n}, title = {{{quoted(t)}}}, abstract = {{{quoted(b)}}}}}\n" for n, (t, b) in enumerate(papers)
    )
    found = outcomes(tmp_path_factory.getbasetemp(), text)
    # Where there are TeX commands, characters come composed (Unicode NFC).
    texts = [normalize("NFC", paper.text) for paper in found if isinstance(paper, Paper)]
    dashes = ("---", "—"), ("--", "–")
    wanted = [f"{title}\n{body}" for title, body in papers]
    for tex, sign in dashes:
        wanted = [text.replace(tex, sign) for text in wanted]
    assert texts == [normalize("NFC", text) for text in wanted]


def test_kinds_of_entries_that_are_new_or_unknown_are_read(tmp_path: Path) -> None:
    found = outcomes(
        tmp_path, '@online{a, title={A}}\n@dataset(b, title={B})\n@comment{c}\n@preamble{"d"}\n@misc{e, title={E}}'
    )
    assert [paper.text for paper in found if isinstance(paper, Paper)] == ["A", "B", "E"]


@pytest.mark.parametrize(
    "bad",
    [
        "@article{b, title = {B}",
        "@article{b title = {B}}",
        "@article{b, title = {B} year = 2}",
        "@article{b, journal = nowhere}",
    ],
)
def test_an_entry_that_is_damaged_is_named_and_the_others_are_read(tmp_path: Path, bad: str) -> None:
    first, failure, last = outcomes(tmp_path, f"@article{{a, title = {{A}}}}\n{bad}\n@article{{c, title = {{C}}}}\n")
    assert isinstance(first, Paper)
    assert isinstance(failure, Failure)
    assert failure.source.place == "line 2"
    assert failure.remedy.endswith(".")
    assert isinstance(last, Paper)
    assert last.text == "C"


def test_a_truncated_file_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    paper, failure = outcomes(tmp_path, "@article{a, title = {A}}\n@article{b, title = {B")
    assert isinstance(paper, Paper)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is no whole BibTeX entry")


def test_braces_without_end_are_a_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, "@article{a, title = " + "{" * 5000 + "x" + "}" * 5000 + "}")).reason


def test_a_huge_entry_is_given_up(tmp_path: Path) -> None:
    failure, paper = outcomes(
        tmp_path, "@article{a, abstract = {" + "word\n" * 250_000 + "}}\n@article{b, title = {B}}"
    )
    assert isinstance(failure, Failure)
    assert isinstance(paper, Paper)


def test_an_entry_without_text_and_a_file_without_entry_are_named(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, "@misc{a, year = 2011}")).reason == "has no text"
    assert only_failure(outcomes(tmp_path, "only words")).reason == "holds no BibTeX entry"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_chinese_entries_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    text = "@article{a, title = {胰腺癌患者血清中基因甲基化的研究}, author = {张三 and 李四}}"
    paper = only_paper(outcomes(tmp_path, text, encoding))
    assert (paper.title, paper.authors) == ("胰腺癌患者血清中基因甲基化的研究", ("张三", "李四"))
