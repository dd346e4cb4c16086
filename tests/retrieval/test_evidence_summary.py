"""The evidence by gene: counts of papers, ranges, conflicts and warnings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evidence_row import EvidenceRow
from retrieval.evidence_summary import share, summarise
from seqmodels.tagger.status import SIGNS

ROW = EvidenceRow(
    key="a:1-2:3-4", library="L", paper=1, sha256="a", pmid=None, doi=None, title=None, journal=None, year=None,
    retracted=False, gene="p16", symbols=("CDKN2A",), status="hypermethylated", sign="+", disease="gastric cancer",
    disease_text="gastric cancer", sample="tumour", some=None, all=None, percent=None, site=None, negated=False,
    speculated=False, quote="Q", start=0, end=1, source="tagger", score=0.9, verdict=None,
)  # fmt: skip


def row(sha256="a", status="hypermethylated", **fields):
    return replace(ROW, sha256=sha256, status=status, sign=SIGNS.get(status), **fields)


def only(*rows):
    (summary,) = summarise(rows)
    return summary


def test_names_of_one_gene_come_together_and_papers_are_counted_by_status():
    summary = only(row("a"), row("a", gene="INK4a"), row("b"), row("c", "unmethylated"))
    assert (summary.symbol, summary.names) == ("CDKN2A", ("p16", "INK4a"))
    assert summary.papers == {"hypermethylated": {"a", "b"}, "unmethylated": {"c"}}
    assert len(summary.all_papers) == 3
    assert len(summary.rows) == 4


def test_the_same_paper_in_two_libraries_counts_once():
    assert len(only(row("a", library="one", paper=1), row("a", library="two", paper=9)).all_papers) == 1


def test_the_gene_of_most_papers_comes_first():
    rows = [row("a", symbols=("MLH1",)), row("a"), row("b"), row("a", symbols=("APC",))]
    assert [summary.symbol for summary in summarise(rows)] == ["CDKN2A", "APC", "MLH1"]


def test_an_ambiguous_name_stays_so_and_an_unknown_one_stands_for_itself():
    rows = [row(symbols=("A", "B")), row(symbols=(), gene="xyz-1"), row(symbols=(), gene="XYZ-1"), row(symbols=("A",))]
    assert [(each.symbol, each.names) for each in summarise(rows)] == [
        ("A", ("p16",)), ("A/B", ("p16",)), ("xyz-1", ("xyz-1", "XYZ-1")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "percent"),
    [
        ([row(percent=30.0), row(some=1, all=4), row()], (25, 30)),
        ([row(percent=30.0), row("b", "unmethylated", some=0, all=14)], (30, 30)),
        ([row("b", "unmethylated", some=0, all=14)], (0, 0)),
        ([row(some=1, all=0)], None),
        ([row()], None),
    ],
)
def test_frequencies_are_a_range_of_what_was_found_methylated(rows, percent):
    assert only(*rows).percent == percent


def test_a_percentage_that_is_told_counts_more_than_one_that_is_worked_out():
    assert share(row(percent=8.1, some=5, all=61)) == 8.1


@pytest.mark.parametrize(
    ("rows", "conflict"),
    [
        ([row("a"), row("b", "unmethylated")], True),
        ([row("a"), row("a", "unmethylated", sample="cell line")], True),
        ([row("a"), row("a", "unmethylated")], False),
        ([row("a"), row("b", "unmethylated", sample="normal")], False),
        ([row("a"), row("b", "differentially methylated")], False),
        ([row("a"), row("b", "methylated")], False),
    ],
)
def test_papers_or_samples_that_say_the_opposite_are_in_conflict(rows, conflict):
    assert only(*rows).conflict is conflict


@pytest.mark.parametrize(
    ("rows", "warning"),
    [
        ([row("a", sample="cell line"), row("b", sample="cell line")], "cell line"),
        ([row("a", sample="animal")], "animal"),
        ([row("a", sample="cell line"), row("a")], "single paper"),
        ([row("a", sample="cell line"), row("b", sample=None)], None),
    ],
)
def test_it_warns_where_all_is_of_cell_lines_animals_or_one_paper(rows, warning):
    assert only(*rows).only == warning


def test_no_rows_have_no_summary():
    assert summarise([]) == []


ROWS = st.builds(
    row,
    st.sampled_from("abc"),
    st.sampled_from(sorted(SIGNS)),
    symbols=st.sampled_from([("A",), ("B",), ("A", "B"), ()]),
)


@given(st.lists(ROWS))
def test_every_row_is_in_one_summary_and_no_paper_is_lost(rows):
    summaries = summarise(rows)
    assert sum(len(summary.rows) for summary in summaries) == len(rows)
    for summary in summaries:
        assert summary.all_papers == {each.sha256 for each in summary.rows}
        assert not summary.conflict or len(summary.papers) > 1
