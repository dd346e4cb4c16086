"""Filters: every hit passes, and every paper that passes can be found."""

import calendar
import hashlib
import random
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from corpora import genes
from retrieval.filters import Filters
from retrieval.library import Library
from retrieval.titles import title_key

JOURNALS = ["Gut", "Nature Genetics", "Clin. Cancer Res.", None]
OWNERS = ["local", "rosalind"]
SYMBOLS = ["RASSF1A", "MLH1", "CDKN2A", "p16", "RASSF1", "NOSUCHGENE1", "INK4A"]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory, cheap, starter):
    """A library of 60 papers with years, journals, retractions and two owners."""
    choice = random.Random(7)
    with Library.create(tmp_path_factory.mktemp("mixed") / "library", cheap) as library:
        for number, paper in enumerate(starter[:60]):
            told = {
                "year": choice.choice([None, 1999, 2005, 2010, 2020]),
                "journal": choice.choice(JOURNALS),
                "retracted": choice.random() < 0.2,
            }
            library.manifest = library.manifest.model_copy(update={"owner": OWNERS[number % 2]})
            library.add(paper.model_copy(update=told))
        library.derive()
        yield library


def passes(stored, filters, owner):
    paper = stored.paper
    names = set(genes.symbols(filters.gene or "") or {(filters.gene or "").upper()})
    own = {symbol for mention in genes.mentions(paper.text) for symbol in mention.symbols}
    own |= {symbol for gene in paper.genes for symbol in genes.symbols(gene) or (gene.upper(),)}
    return (
        (filters.year_from is None or (paper.year is not None and paper.year >= filters.year_from))
        and (filters.year_to is None or (paper.year is not None and paper.year <= filters.year_to))
        and (filters.journal is None or title_key(paper.journal or "") == title_key(filters.journal))
        and (filters.retracted is None or paper.retracted is filters.retracted)
        and (filters.owner is None or owner == filters.owner)
        and (filters.gene is None or bool(names & own))
        and (filters.papers is None or paper.sha256 in filters.papers)
    )


def maybe(*values):
    return st.none() | st.sampled_from(values)


@settings(max_examples=60)
@given(
    maybe(1990, 1999, 2005), maybe(2005, 2010, 2021), maybe("gut", "NATURE  genetics", "Clin Cancer Res", "Cell"),
    maybe(True, False), maybe(*OWNERS, "nobody"), maybe(*SYMBOLS), st.none() | st.sets(st.integers(0, 59), max_size=9),
)  # fmt: skip
def test_hits_are_exactly_the_papers_that_pass(mixed, first, last, journal, retracted, owner, gene, chosen):
    stored = list(mixed.papers())
    hashes = None if chosen is None else frozenset(stored[number].paper.sha256 for number in chosen)
    filters = Filters(
        year_from=first, year_to=last, journal=journal, retracted=retracted, owner=owner, gene=gene, papers=hashes
    )
    expected = {paper.id for paper in stored if passes(paper, filters, OWNERS[(paper.id - 1) % 2])}
    results = mixed.search("promoter methylation in cancer", k=100, filters=filters)
    assert {hit.paper_id for hit in results.hits} == expected


def test_papers_that_give_no_year_are_told_where_a_year_is_asked_for(mixed):
    stored = [paper.paper for paper in mixed.papers()]
    [notice] = mixed.search("cancer", filters=Filters(year_from=2000)).notices
    assert f"{sum(paper.year is None for paper in stored)} papers give no year" in notice
    [notice] = mixed.search("cancer", filters=Filters(year_to=2000, journal="Gut")).notices
    count = sum(paper.year is None and paper.journal == "Gut" for paper in stored)
    assert f"{count} papers give no year" in notice
    assert mixed.search("cancer", filters=Filters(journal="Gut")).notices == ()


@pytest.mark.parametrize(
    ("alias", "symbol"), [("p16", "CDKN2A"), ("hMLH1", "MLH1"), ("INK4A", "CDKN2A"), ("E-cadherin", "CDH1")]
)
def test_a_gene_is_found_by_any_of_its_names(mixed, alias, symbol):
    ask = "promoter methylation in cancer"
    by_alias = {hit.paper_id for hit in mixed.search(ask, k=100, filters=Filters(gene=alias)).hits}
    assert by_alias == {hit.paper_id for hit in mixed.search(ask, k=100, filters=Filters(gene=symbol)).hits}
    assert by_alias


def test_a_gene_that_only_the_record_names_is_found_by_the_name_it_gives(quick, paper):
    quick.add(paper("Silencing was seen.", genes=("xyz-9",)))
    for name in ("xyz-9", "XYZ-9", " Xyz-9 "):
        assert len(quick.search("silencing", filters=Filters(gene=name)).hits) == 1


def test_a_change_of_the_library_is_a_change_of_what_passes(quick, paper):
    filters = Filters(year_from=2000)
    quick.add(paper("MLH1 is silenced.", pmid="1", year=1999))
    assert quick.search("MLH1", filters=filters).hits == ()
    quick.add(paper("MLH1 is silenced.", pmid="1", year=2001))
    assert len(quick.search("MLH1", filters=filters).hits) == 1
    quick.remove(1)
    assert quick.search("MLH1", filters=filters).hits == ()


@pytest.mark.parametrize(
    "wrong",
    [{"year_from": 2001, "year_to": 2000}, {"year_from": 99}, {"year_to": 3000}, {"gen": "MLH1"}, {"retracted": "x"}],
)
def test_a_filter_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        Filters(**wrong)


def test_a_filter_that_asks_nothing_lets_everything_pass(mixed):
    assert Filters().asks_nothing
    assert mixed.allowed(Filters()) is None
    assert not Filters(retracted=False).asks_nothing


# Days


DATES = st.one_of(
    st.none(),
    st.dates(date(2000, 1, 1), date(2003, 12, 31)).flatmap(
        lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
    ),
)


@given(
    published=DATES,
    year=st.one_of(st.none(), st.integers(2000, 2003)),
    day=st.dates(date(1999, 6, 1), date(2004, 6, 1)),
)
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_paper_passes_only_if_the_last_day_that_its_date_can_mean_was_over(quick, paper, published, year, day):
    quick.add(paper("MLH1 is silenced.", pmid="1", published=published, year=year))
    told = published or (str(year) if year else None)
    last = None
    if told:
        parts = [*map(int, told.split("-")), None, None][:3]
        month = parts[1] or 12
        last = date(parts[0], month, parts[2] or calendar.monthrange(parts[0], month)[1])
    results = quick.search("MLH1", filters=Filters(as_of=day))
    assert bool(results.hits) == (last is not None and last <= day)
    expected = [] if told else ["quick: 1 papers give no date and were left out by the as-of day."]
    assert [notice for notice in results.notices if "date" in notice] == expected
    quick.remove(quick.by_hash(hashlib.sha256(b"MLH1 is silenced.").hexdigest()).id)


def test_versions_that_came_out_later_are_not_told(quick, paper):
    shared = {"title": "RASSF1A promoter methylation in nasopharyngeal carcinoma", "authors": ("Li A",)}
    quick.add(paper("A preprint.", doi="10.1101/123456", published="2020-02", **shared))
    quick.add(paper("It came out.", doi="10.1000/x", published="2021-02", **shared))
    [hit] = quick.search("preprint", filters=Filters(as_of=date(2020, 12, 31))).hits
    assert (hit.paper_id, hit.versions) == (1, ())
    [hit] = quick.search("preprint", filters=Filters(as_of=date(2021, 12, 31))).hits
    assert len(hit.versions) == 1
