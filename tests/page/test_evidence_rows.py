"""The table of evidence: its columns, its order, and the quotes that open in it."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from page.evidence_rows import table
from page.heat_map import Cell
from page.looking import ORDERS, Evidence, Looking, Order, identity
from retrieval.evidence_row import EvidenceQuestion
from tests.page.conftest import FIRST, make_row


def looking(*rows, asked: EvidenceQuestion | None = None) -> Looking:  # type: ignore[no-untyped-def]
    seen = Looking()
    seen.take(Evidence(asked or EvidenceQuestion(), ("starter",), rows))
    return seen


def shown(seen: Looking, language: str = "en") -> str:
    return table(seen, lambda number, row: f"<p>quote {number}</p>", language)  # type: ignore[arg-type]


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", " ", html)).split())


def named(*genes: str, **changes) -> list:  # type: ignore[no-untyped-def, type-arg]
    return [make_row(gene=gene, symbols=(gene,), **changes) for gene in genes]


def test_a_row_tells_gene_status_disease_sample_frequency_paper_and_quote():
    told = words_of(shown(looking(make_row(gene="bnc-1", some=131, all=143, percent=None, site="exon 1"))))
    for part in (
        "BNC1 bnc-1 methylated pancreatic cancer tumour 131 of 143 (91.6%) exon 1",
        "2013 PubMed 24088737",
        FIRST,
    ):
        assert part in told


def test_the_paper_is_linked_elsewhere():
    link = 'href="https://pubmed.ncbi.nlm.nih.gov/24088737/" target="_blank" rel="noopener noreferrer"'
    assert link in shown(looking(make_row()))


def test_what_the_text_takes_back_or_supposes_is_said_and_so_is_who_read_and_judged_it():
    told = words_of(shown(looking(make_row(negated=True, speculated=True, source="curated", verdict="accepted"))))
    assert "negated speculated curated accepted" in told


def test_a_retracted_paper_is_marked():
    assert "Retracted" in words_of(shown(looking(make_row(retracted=True))))


def test_a_chinese_page_says_the_disease_the_status_and_the_sample_in_chinese():
    told = words_of(shown(looking(make_row(status="hypermethylated")), "zh"))
    for part in ("胰腺癌", "高甲基化", "肿瘤", "基因", "原文"):
        assert part in told


@pytest.mark.parametrize("column", ORDERS)
def test_a_click_on_a_head_sorts_and_another_turns_it_round(column):
    seen = looking(*named("B", "A"))
    seen.sort(column)
    assert f'class="{column}" aria-sort="ascending"' in shown(seen)
    seen.sort(column)
    assert f'class="{column}" aria-sort="descending"' in shown(seen)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.one_of(st.none(), st.floats(0, 100))), st.booleans())
def test_sorting_keeps_every_row_and_those_that_say_nothing_come_last(percents, descending):
    rows = [make_row(all=None, percent=percent) for percent in percents]
    ordered = [row.percent for row in Order("frequency", descending).sorted(rows)]
    told = [percent for percent in ordered if percent is not None]
    assert told == sorted((percent for percent in percents if percent is not None), reverse=descending)
    assert ordered == told + [None] * percents.count(None)


def test_an_unheard_of_column_sorts_nothing():
    assert Order().by("quote") == Order()


def test_genes_are_sorted_by_symbol_and_not_by_how_they_are_written():
    rows = [make_row(gene="p16", symbols=("CDKN2A",)), make_row(gene="BNC1"), make_row(gene="apc", symbols=("APC",))]
    assert [row.gene for row in Order("gene").sorted(rows)] == ["apc", "BNC1", "p16"]


def test_a_count_and_a_percentage_are_sorted_as_the_same_measure():
    rows = [make_row(some=9, all=10, percent=None), make_row(some=None, all=None, percent=50.0)]
    assert [row.percent for row in Order("frequency").sorted(rows)] == [50.0, None]


def test_a_quote_opens_below_its_row_with_what_a_person_may_say_and_closes_again():
    seen = looking(make_row())
    assert "quote 1" not in shown(seen)
    seen.turn(identity(seen.rows()[0]))
    opened = shown(seen)
    assert "quote 1" in opened
    assert 'aria-expanded="true"' in opened
    assert {"accept", "reject"} <= set(re.findall(r'name="(\w+)"', opened))
    seen.turn(identity(seen.rows()[0]))
    assert "quote 1" not in shown(seen)


def test_a_cell_of_the_map_shows_its_rows_with_their_quotes_open_and_the_way_back():
    seen = looking(*named("BNC1", "ADAMTS1"))
    seen.enter(Cell("BNC1", "pancreatic cancer"))
    told = words_of(shown(seen))
    assert "BNC1 in pancreatic cancer Show all rows" in told
    assert "quote 1" in told
    assert "ADAMTS1" not in told
    seen.enter(None)
    assert "ADAMTS1" in words_of(shown(seen))
    assert "quote 1" not in words_of(shown(seen))


def test_long_tables_are_shown_bit_by_bit():
    seen = looking(*named(*(f"GENE{number:03}" for number in range(120))))
    assert shown(seen).count('<tr class="row"') == 50
    assert "The first 50 of 120" in words_of(shown(seen))
    seen.go_on()
    seen.go_on()
    assert shown(seen).count('<tr class="row"') == 120
    assert 'name="more"' not in shown(seen)


def test_the_same_paper_in_two_libraries_has_two_rows_that_open_each_by_itself():
    seen = looking(make_row(), make_row(library="mine"))
    seen.turn(identity(seen.rows()[1]))
    assert len(re.findall(r"<p>quote \d</p>", shown(seen))) == 1


def test_a_rejected_row_is_out_of_sight_unless_it_is_asked_for():
    rows = [make_row(verdict="rejected"), *named("ADAMTS1")]
    seen = looking(*rows)
    assert (len(seen.rows()), seen.hidden()) == (1, 1)
    asked = looking(*rows, asked=EvidenceQuestion(with_rejected=True))
    assert (len(asked.rows()), asked.hidden()) == (2, 0)


def test_what_is_rejected_now_stays_in_sight_until_something_else_is_asked():
    row = make_row()
    seen = looking(row)
    seen.judged.add(identity(row))
    rejected = make_row(verdict="rejected")
    seen.take(Evidence(EvidenceQuestion(), ("starter",), (rejected,)))
    assert seen.rows() == [rejected]
    seen.take(Evidence(EvidenceQuestion(gene="BNC1"), ("starter",), (rejected,)))
    assert seen.rows() == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_that_a_paper_says_is_read_as_markup(language):
    hostile = '"><img src=x onerror=alert(1)><script>'
    changes = dict.fromkeys(("gene", "disease_text", "site", "title", "library", "pmid", "doi", "key"), hostile)
    seen = looking(make_row(symbols=(), disease=None, **changes))
    seen.turn(identity(seen.rows()[0]))
    html = table(seen, lambda number, row: "", language)
    assert "<img" not in html
    assert "<script" not in html
    assert set(re.findall(r"<(\w+)", html)) <= set(
        "table thead tbody tr th td b small span button a p h2 div form label input select option strong".split()
    )
