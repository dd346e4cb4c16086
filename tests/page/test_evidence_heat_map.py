"""Genes by diseases: what is counted, what is left out, and how a cell tells it."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from page.heat_drawing import drawing
from page.heat_map import MOST_DISEASES, MOST_GENES, Cell, Tally, heat_map
from retrieval.evidence_row import EvidenceRow
from tests.page.conftest import make_row


def told(gene: str, disease: str | None, paper: int = 1, sign: str | None = "+", **changes: Any) -> EvidenceRow:
    """A row of a gene in a disease, by the paper of a number."""
    named = {"gene": gene, "symbols": (gene,), "disease": disease, "disease_text": disease}
    return make_row(sha256=f"{paper:064}", sign=sign, **{**named, **changes})


def test_a_cell_counts_papers_and_not_rows():
    rows = [told("MLH1", "colon cancer"), told("MLH1", "colon cancer"), told("MLH1", "colon cancer", paper=2)]
    assert heat_map(rows).cells == {Cell("MLH1", "colon cancer"): Tally(2, 2, 0, False)}


def test_the_same_paper_in_two_libraries_is_one_paper():
    rows = [told("MLH1", "colon cancer"), told("MLH1", "colon cancer", library="mine", paper=1)]
    assert heat_map(rows).cells[Cell("MLH1", "colon cancer")].papers == 1


def test_papers_disagree_where_some_tell_more_and_others_less():
    both = heat_map([told("MLH1", "colon cancer"), told("MLH1", "colon cancer", paper=2, sign="-")])
    cell = both.cells[Cell("MLH1", "colon cancer")]
    assert cell.disagree
    assert cell.balance == 0.5


def test_one_paper_that_tells_both_of_the_same_sample_is_no_disagreement():
    one = heat_map([told("MLH1", "colon cancer"), told("MLH1", "colon cancer", sign="-")])
    assert not one.cells[Cell("MLH1", "colon cancer")].disagree


def test_what_only_may_be_gives_no_direction_and_contradicts_nobody():
    rows = [told("MLH1", "colon cancer"), told("MLH1", "colon cancer", paper=2, sign="-", speculated=True)]
    assert heat_map(rows).cells[Cell("MLH1", "colon cancer")] == Tally(2, 1, 0, False)


def test_an_unmethylated_gene_in_normal_tissue_is_no_disagreement():
    rows = [told("MLH1", "colon cancer"), told("MLH1", "colon cancer", paper=2, sign="-", sample="normal")]
    assert heat_map(rows).cells[Cell("MLH1", "colon cancer")] == Tally(2, 1, 0, False)


def test_what_gives_no_direction_has_no_balance():
    tally = heat_map([told("MLH1", "colon cancer", sign=None)]).cells[Cell("MLH1", "colon cancer")]
    assert (tally.papers, tally.balance) == (1, None)


def test_an_ambiguous_gene_is_called_by_all_its_symbols_and_an_unknown_one_as_it_is_written():
    rows = [told("p16", "colon cancer", symbols=("CDKN2A", "CDK2AP2")), told("xyz9", "colon cancer", symbols=())]
    assert set(heat_map(rows).genes) == {"CDKN2A/CDK2AP2", "xyz9"}


def test_a_disease_that_the_tree_does_not_have_is_called_as_it_is_written():
    assert heat_map([told("MLH1", None, disease_text="some sarcoid")]).diseases == ["some sarcoid"]


def test_rejected_rows_are_not_on_the_map():
    assert heat_map([told("MLH1", "colon cancer", verdict="rejected")]).cells == {}


def test_rows_that_name_no_disease_are_counted_as_left_out():
    heat = heat_map([told("MLH1", None), told("MLH1", "colon cancer")])
    assert heat.without_disease == 1
    assert "Rows that name no disease: 1." in drawing(heat, None, "en")


def test_no_row_is_no_map():
    assert drawing(heat_map([]), None, "en") == ""


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            told,
            st.integers(0, 45).map("GENE{}".format),
            st.integers(0, 20).map("cancer {}".format),
            st.integers(0, 9),
            st.sampled_from(["+", "-", None]),
        )
    )
)
def test_the_map_has_at_most_30_genes_and_15_diseases_and_says_how_many_more_there_are(rows):
    heat = heat_map(rows)
    assert len(heat.genes) <= MOST_GENES
    assert len(heat.diseases) <= MOST_DISEASES
    assert len(heat.genes) + heat.more_genes == len({row.gene for row in rows})
    assert len(heat.diseases) + heat.more_diseases == len({row.disease for row in rows})
    assert {cell.gene for cell in heat.cells} == set(heat.genes)
    assert {cell.disease for cell in heat.cells} == set(heat.diseases)
    assert all(tally.more <= tally.papers and tally.less <= tally.papers for tally in heat.cells.values())


def test_those_of_most_papers_come_first():
    rows = [told("LESS", "rare cancer")] + [told("MOST", "common cancer", paper=paper) for paper in (1, 2)]
    assert heat_map(rows).genes == ["MOST", "LESS"]
    assert heat_map(rows).diseases == ["common cancer", "rare cancer"]


def test_a_cell_is_a_button_that_tells_its_papers_and_their_disagreement():
    heat = heat_map([told("MLH1", "colon cancer"), told("MLH1", "colon cancer", paper=2, sign="-")])
    button = re.search(r"<button.*?</button>", drawing(heat, Cell("MLH1", "colon cancer"), "en"))
    assert button is not None
    for part in (
        'class="disagree"',
        "--balance: 50%",
        'aria-pressed="true"',
        'data-gene="MLH1"',
        'data-disease="colon cancer"',
        'aria-label="MLH1, colon cancer: papers 2 (more 1, less 1; findings disagree)"',
        ">2<small>1+ 1−</small>",
    ):
        assert part in button[0]


def test_the_map_speaks_chinese_and_names_diseases_so():
    shown = drawing(heat_map([told("MLH1", "gastric cancer")]), None, "zh")
    assert "胃癌" in shown
    assert 'data-disease="gastric cancer"' in shown
    assert "甲基化升高" in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_names_are_never_read_as_markup(language):
    hostile = '"><img src=x onerror=alert(1)>'
    shown = drawing(heat_map([told(hostile, hostile)]), None, language)
    assert "<img" not in shown
    assert set(re.findall(r"<(\w+)", shown)) <= set(
        "h2 p ul li i div table caption thead tbody tr th td span button small".split()
    )
