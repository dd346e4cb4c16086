import tarfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from reportlab.pdfgen.canvas import Canvas

from corpora.failure import Failure
from corpora.paper import Paper, Relation
from corpora.reading import read, sources
from corpora.withdrawal import Withdrawn
from tests.corpora.test_jats import article, title

Given = Callable[[Path], list[Paper | Failure | Withdrawn]]
META = (
    '<article-id pub-id-type="pmid">7</article-id><article-id pub-id-type="doi">10.1000/a</article-id>'
    f"{title('Methylation')}<pub-date pub-type='epub'><year>2011</year><month>10</month></pub-date>"
    '<self-uri content-type="pdf" xlink:href="main.pdf"/>'
)
BODY = """<p>Text.</p><fig><label>Figure 1</label><graphic xlink:href="main-1"/></fig>
<supplementary-material xlink:href="S1.pdf"><label>S1</label></supplementary-material>
<supplementary-material><media xlink:href="Table%20S2.xlsx"/></supplementary-material>
<p>See <inline-supplementary-material xlink:href="./S3.csv">S3</inline-supplementary-material>.</p>"""


def package(folder: Path) -> Path:
    """A folder as PubMed Central packs it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.nxml").write_text(article(BODY, META), encoding="utf-8")
    for name, text in (("main.pdf", "The article again"), ("S1.pdf", "A supplement of words")):
        canvas = Canvas(str(folder / name))
        canvas.drawString(72, 700, text)
        canvas.save()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["gene", "rate"])
    book.worksheets[0].append(["BNC1", 0.92])
    book.save(folder / "Table S2.xlsx")
    (folder / "S3.csv").write_text("sample,beta\nA,0.1\n")
    (folder / "main-1.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "license.txt").write_text("CC BY")
    (folder / "other.txt").write_text("Another text")
    return folder


def in_folder(folder: Path) -> list[Paper | Failure | Withdrawn]:
    found: list[Paper | Failure | Withdrawn] = []
    for source in sources([package(folder / "PMC1")]):
        found += [source] if isinstance(source, Failure) else read(source)
    return found


def in_archive(folder: Path) -> list[Paper | Failure | Withdrawn]:
    package(folder / "made" / "PMC1")
    with tarfile.open(folder / "PMC1.tar.gz", "w:gz") as tar:
        tar.add(folder / "made" / "PMC1", "PMC1")
    return list(read(folder / "PMC1.tar.gz"))


@pytest.mark.parametrize("given", [in_folder, in_archive])
def test_supplements_are_papers_of_their_own_that_belong_to_the_article(tmp_path: Path, given: Given) -> None:
    found = given(tmp_path)
    assert not [one for one in found if isinstance(one, Failure)]
    papers = {paper.title: paper for paper in found if isinstance(paper, Paper)}
    names = ("S1.pdf", "S3.csv", "Table S2.xlsx")
    assert set(papers) == {"Methylation", None, *(f"Methylation: supplement {name}" for name in names)}
    assert papers[None].text == "Another text"
    for name in names:
        paper = papers[f"Methylation: supplement {name}"]
        assert paper.relations == (Relation(kind="supplement to", pmid="7", doi="10.1000/a", title="Methylation"),)
        assert (paper.pmid, paper.doi, paper.pmcid) == (None, None, None)
        assert (paper.journal, paper.year, paper.published) == ("Epigenome J", 2011, "2011-10")
    assert "A supplement of words" in papers["Methylation: supplement S1.pdf"].text
    assert papers["Methylation: supplement Table S2.xlsx"].text == "gene\trate\nBNC1\t0.92"
    table = papers["Methylation: supplement S3.csv"]
    assert table.text == "sample\tbeta\nA\t0.1"
    assert [section.kind for section in table.sections] == ["table"]


def test_the_pdf_of_the_article_itself_its_pictures_and_its_licence_are_passed_over(tmp_path: Path) -> None:
    names = [path.name for path in sources([package(tmp_path / "PMC1")]) if isinstance(path, Path)]
    assert names == ["S1.pdf", "S3.csv", "Table S2.xlsx", "main.nxml", "other.txt"]


def test_what_is_named_by_hand_is_read_even_where_the_article_lies_beside_it(tmp_path: Path) -> None:
    folder = package(tmp_path / "PMC1")
    assert list(sources([folder / "main.pdf"])) == [folder / "main.pdf"]
    (paper,) = read(folder / "main.pdf")
    assert isinstance(paper, Paper)
    assert paper.relations == ()


def test_a_supplement_that_is_damaged_is_named(tmp_path: Path) -> None:
    folder = package(tmp_path / "PMC1")
    (folder / "S1.pdf").write_bytes(b"%PDF-1.4 rubbish")
    (failure,) = read(folder / "S1.pdf")
    assert isinstance(failure, Failure)
    assert failure.source.path == folder / "S1.pdf"


def test_a_jats_file_that_is_damaged_claims_nothing(tmp_path: Path) -> None:
    folder = package(tmp_path / "PMC1")
    text = (folder / "main.nxml").read_text()
    (folder / "main.nxml").write_text(text[: len(text) - 20])
    (paper,) = read(folder / "S1.pdf")
    assert isinstance(paper, Paper)
    assert paper.relations == ()


def test_an_article_without_supplements_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    (tmp_path / "main.nxml").write_text(article("<p>Text.</p>", title("A")))
    (tmp_path / "S1.txt").write_text("Words")
    (paper,) = read(tmp_path / "S1.txt")
    assert isinstance(paper, Paper)
    assert (paper.text, paper.relations) == ("Words", ())


def test_a_file_in_a_folder_that_may_not_be_listed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def iterdir(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").write_text("Words")
    monkeypatch.setattr(Path, "iterdir", iterdir)
    (paper,) = read(tmp_path / "a.txt")
    assert isinstance(paper, Paper)
