"""HGNC's complete set, where the user has it."""

import pytest

from corpora.hgnc import read_hgnc
from corpora.unreadable import Unreadable

COLUMNS = ("hgnc_id", "symbol", "name", "status", "alias_symbol", "alias_name", "prev_symbol", "prev_name")
ROWS = [
    ("HGNC:1", "CDKN2A", "cyclin dependent kinase inhibitor 2A", "Approved", "p16|INK4a|ARF", "", "CDKN2", ""),
    ("HGNC:2", "ARF1", "ADP ribosylation factor 1", "Approved", "", "", "ARF", ""),
    ("HGNC:3", "OLD1", "withdrawn thing", "Entry Withdrawn", "p16", "", "", ""),
    ("HGNC:4", "PRB", "a gene of that symbol", "Approved", "β-thing", "", "", ""),
    ("HGNC:5", "RB1", "RB transcriptional corepressor 1", "Approved", "pRb", "", "", ""),
]


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_text("".join("\t".join(row) + "\n" for row in (COLUMNS, *ROWS)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("CDKN2A", ("CDKN2A",)),
        ("cdkn-2a", ("CDKN2A",)),
        ("Cyclin-dependent kinase inhibitor 2A", ("CDKN2A",)),
        ("ARF", ("CDKN2A", "ARF1")),
        ("p16", ("CDKN2A",)),
        ("beta thing", ("PRB",)),
        ("PRB", ("PRB", "RB1")),
        ("withdrawn thing", ()),
        ("nothing", ()),
        ("", ()),
    ],
)
def test_a_name_means_the_approved_symbols_that_bear_it(table, name, symbols):
    assert read_hgnc(table).symbols(name) == symbols


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", b"\xff\xfe\x00symbol", b"symbol\tname\n\xff\n"])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as refusal:
        read_hgnc(path)
    assert "genenames.org" in refusal.value.remedy
