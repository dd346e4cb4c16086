"""Lists of papers are read as people write them."""

import pytest

from corpora.feeds.errors import BadRequest
from corpora.feeds.identifiers import Identifier, identifier, read_identifiers


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("21000001", "pmid", "21000001"), ("pmid:21000001", "pmid", "21000001"), ("PMID: 21000001", "pmid", "21000001"),
        ("PMC3000001", "pmcid", "PMC3000001"), ("pmc3000001.2", "pmcid", "PMC3000001"),
        ("pmcid:PMC3000001", "pmcid", "PMC3000001"),
        ("10.1000/Own.1", "doi", "10.1000/own.1"), ("doi:10.1000/x", "doi", "10.1000/x"),
        ("https://doi.org/10.1000/X", "doi", "10.1000/x"),
    ],
)  # fmt: skip
def test_an_identifier_is_known_however_it_is_written(text, kind, value):
    assert identifier(f" {text} ") == Identifier(kind, value)


@pytest.mark.parametrize("text", ["", "0", "007", "1234567890", "PMC", "PMC0", "10.1000", "BRCA1", "１２３", "12 13"])
def test_anything_else_is_none(text):
    assert identifier(text) is None


def test_a_file_has_one_a_line_and_says_each_once(tmp_path):
    path = tmp_path / "ids.txt"
    path.write_text('\ufeffpmid\ttitle\n1\tOne\n\n# a remark\nPMC2,Two\n"10.1000/A"\n1\n', encoding="utf-8")
    assert read_identifiers(path) == [
        Identifier("pmid", "1"), Identifier("pmcid", "PMC2"), Identifier("doi", "10.1000/a"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"1\nBRCA1\n", "line 2: 'BRCA1' is no PMID, PMCID or DOI"),
        (b"", "names no paper"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path, content, complaint):
    path = tmp_path / "ids.txt"
    path.write_bytes(content)
    with pytest.raises(BadRequest, match=complaint):
        read_identifiers(path)
