import gzip
import json
from pathlib import Path

import pytest

from corpora.paper import Paper
from corpora.reading import read

GOLD = Path(__file__).parents[3] / "shared" / "data" / "bionlp_epi_2011" / "train.jsonl.gz"
RECORD = {
    "pmid": "10190553",
    "text": "  DNA methylation of Cx32. \nThe Cx32 promoter is methylated.\n",
    "a1": "T1\tProtein 21 25\tCx32\nT2\tProtein 32 36\tCx32\n",
    "a2": "",
}


def papers(path: Path) -> list[Paper]:
    found = list(read(path))
    assert all(isinstance(paper, Paper) for paper in found)
    return [paper for paper in found if isinstance(paper, Paper)]


def assert_offsets_hold(text: str, annotations: str) -> None:
    for line in filter(None, annotations.split("\n")):
        _, span, words = line.split("\t")
        _, start, end = span.split(" ")
        assert text[int(start) : int(end)] == words


def test_the_text_is_kept_to_the_character_so_that_annotations_point_at_their_words(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(RECORD))
    (paper,) = papers(path)
    assert paper.text == RECORD["text"]
    assert_offsets_hold(paper.text, RECORD["a1"])


def test_the_first_line_is_the_title(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(RECORD))
    (paper,) = papers(path)
    assert (paper.title, paper.pmid, paper.kind) == ("DNA methylation of Cx32.", "10190553", "abstract")
    title, body = paper.sections
    assert paper.text[title.start : title.end] == paper.title
    assert (body.name, paper.text[body.start : body.end]) == (None, "The Cx32 promoter is methylated.\n")


def test_a_text_that_begins_with_an_empty_line_has_no_title(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(RECORD | {"text": "\nThe Cx32 promoter."}))
    (paper,) = papers(path)
    assert (paper.text, paper.title, paper.sections) == ("\nThe Cx32 promoter.", None, ())


@pytest.mark.skipif(not GOLD.exists(), reason="the BioNLP 2011 corpus does not lie beside the project")
def test_every_gold_annotation_points_at_its_words() -> None:
    with gzip.open(GOLD, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    read_papers = papers(GOLD)
    assert [paper.pmid for paper in read_papers] == [record["pmid"] for record in records]
    for paper, record in zip(read_papers, records, strict=True):
        assert_offsets_hold(paper.text, record["a1"])
