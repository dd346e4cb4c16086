import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from corpora.paper import Paper, Section
from corpora.reading import read
from corpora.starter import observations, prose, starter_papers

BUNDLED = Path(str(files("corpora") / "data" / "starter.jsonl"))
ORIGINAL = Path(__file__).parents[3] / "shared" / "data" / "starter" / "papers.jsonl"
RECORDS = [json.loads(line) for line in BUNDLED.read_text(encoding="utf-8").splitlines()]


def section(paper: Paper, name: str) -> str:
    (found,) = (part for part in paper.sections if part.name == name)
    return paper.text[found.start : found.end]


def test_all_199_papers_are_there_as_digests() -> None:
    papers = list(starter_papers())
    assert len(papers) == 199
    assert {paper.kind for paper in papers} == {"digest"}


@pytest.mark.skipif(not ORIGINAL.exists(), reason="the original starter corpus does not lie beside the project")
def test_the_bundled_file_is_the_original_byte_for_byte() -> None:
    assert BUNDLED.read_bytes() == ORIGINAL.read_bytes()


def test_findings_and_methylation_rows_become_plain_sentences() -> None:
    first = next(starter_papers())
    title = "High frequency of promoter hypermethylation of RASSF1A in nasopharyngeal carcinoma."
    assert first.title == section(first, "title") == title
    assert first.text.startswith(f"{title}\nXenografts (4 of 4), cell lines (3 of 4, 75%)")
    assert section(first, "findings").split("\n")[1] == (
        "Normal epithelium of the nasopharynx showed no RASSF1A promoter methylation."
    )
    assert section(first, "methylation") == (
        "RASSF1A is hypermethylated in nasopharyngeal carcinoma: 5' CpG island of the promoter; "
        "14 of 21 primary tumours (66.7%), absent from normal nasopharyngeal epithelium."
    )


def test_every_sentence_ends() -> None:
    for paper in starter_papers():
        for line in paper.text.split("\n")[1:]:
            assert re.search(r"[.!?]$", line), line


def test_nothing_of_a_record_is_lost() -> None:
    for paper, record in zip(starter_papers(), RECORDS, strict=True):
        words = [record["title"], *record["findings"]]
        words += [value for row in record["methylation"] for value in row.values()]
        assert all(word in paper.text for word in words)
        assert paper.genes == tuple(record["genes"])
        assert paper.keywords == tuple(record["keywords"])
        assert (paper.journal, paper.year, paper.url) == (record["journal"], record["year"], record["url"])
        assert paper.authors == ((record["first_author"],) if record["first_author"] else ())
        assert paper.pmid == record["pmid"]
        assert paper.doi == (record["doi"] and record["doi"].lower())


def test_a_record_without_pmid_and_doi_is_known_by_its_line() -> None:
    papers = list(starter_papers())
    assert papers[120].id == "starter-121"
    for paper in papers:
        assert (paper.id is None) == bool(paper.pmid or paper.doi)


def test_the_bundled_corpus_and_the_same_file_read_by_a_user_are_the_same_papers() -> None:
    ingested = [paper for paper in read(BUNDLED) if isinstance(paper, Paper)]
    bundled = list(starter_papers())
    assert [paper.model_copy(update={"source": None}) for paper in ingested] == [
        paper.model_copy(update={"source": None}) for paper in bundled
    ]


def test_the_source_of_a_bundled_paper_names_no_folder_of_the_machine() -> None:
    assert str(next(starter_papers()).source) == "starter.jsonl, line 1"


def test_a_row_without_figures_or_disease_is_still_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "digests.jsonl"
    rows = [
        {"gene": "TP53", "status": "unmethylated"},
        {"gene": "GSTP1", "status": "hypermethylated", "detail": "5 of 6"},
    ]
    path.write_text(json.dumps({"title": "Genes", "findings": ["Is it so?"], "methylation": rows}))
    (paper,) = read(path)
    assert isinstance(paper, Paper)
    assert paper.text == "Genes\nIs it so?\nTP53 is unmethylated.\nGSTP1 is hypermethylated: 5 of 6."


def test_every_methylation_row_is_read_back_from_the_text_of_its_digest() -> None:
    for record, paper in zip(RECORDS, starter_papers(), strict=True):
        read = observations(paper)
        assert [
            (paper.text[slice(*row.gene)], row.status, row.place and paper.text[slice(*row.place)]) for row in read
        ] == [(row["gene"], row["status"], row["disease_or_tissue"]) for row in record["methylation"]]
        for row, told in zip(read, record["methylation"], strict=True):
            assert paper.text[slice(*row.sentence)].startswith(f"{told['gene']} is {told['status']} in ")
            assert row.detail is not None
            assert paper.text[slice(*row.detail)] == told["detail"].rstrip(".")


def test_only_a_digest_has_rows_to_read_and_the_rest_of_it_is_prose() -> None:
    first = next(starter_papers())
    assert prose(first) == first.text[: first.text.index("RASSF1A is hypermethylated in ")]
    abstract = first.model_copy(update={"kind": "abstract"})
    assert observations(abstract) == []
    assert prose(abstract) == first.text


def test_a_row_of_another_status_is_left_out() -> None:
    text = "T.\nA is silenced in B.\nC is methylated.\nD is"
    paper = Paper(text=text, kind="digest", sections=(Section(name="methylation", start=3, end=len(text)),))
    (row,) = observations(paper)
    assert (text[slice(*row.sentence)], row.place, row.detail) == ("C is methylated.", None, None)
