"""Works: which papers are versions of one, whatever order they come in, and what is told of them."""

import itertools
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.paper import Paper, Relation
from retrieval import search, works
from retrieval.errors import IdentifierConflict
from retrieval.library import Library
from retrieval.upkeep import verify

TITLE = "RASSF1A promoter methylation in nasopharyngeal carcinoma"
WORDS = "RASSF1A is methylated in nasopharyngeal carcinoma. Normal epithelium is not."


def works_of(library):
    """The papers of each work, by title or kind, in the order of the works."""
    with library.database.reading() as connection:
        numbers = [stored.id for stored in library.papers()]
        groups = {frozenset((number, *works.others(connection, number))) for number in numbers}
    return sorted(sorted(group) for group in groups)


def titled(text, kind="abstract", **fields):
    return Paper(text=f"{TITLE}\n{text}", title=TITLE, kind=kind, **fields)


PREPRINT = titled("Preprint text.", doi="10.1101/2020.01.02.123456", year=2020, authors=("Li A", "Wu B"))
PUBLISHED = titled("Published text.", doi="10.1000/x", pmid="7", year=2021, authors=("Li AB", "Wu B"))
FULL = titled("Full text.", "full text", doi="10.1000/x", pmcid="PMC7", year=2021, authors=("Alan Li",))
SUPPLEMENT = Paper(
    text="A table of primers.", kind="full text", title=f"{TITLE}: supplement s1.pdf",
    relations=(Relation(kind="supplement to", doi="10.1000/X"),),
)  # fmt: skip
CORRECTION = Paper(
    text="Figure 2 was wrong.", kind="abstract", title="Correction", pmid="9",
    relations=(Relation(kind="correction of", pmid="7"),),
)  # fmt: skip
OTHER = Paper(text="Mice were used.", kind="abstract", title="Mice", pmid="8", year=2021, authors=("Li A",))
ALL = (PREPRINT, PUBLISHED, FULL, SUPPLEMENT, CORRECTION, OTHER)


@pytest.mark.parametrize("order", [*itertools.islice(itertools.permutations(range(6)), 0, 720, 103)])
def test_links_do_not_depend_on_the_order_in_which_papers_come(quick, order):
    for index in order:
        quick.add(ALL[index])
    alone = order.index(5) + 1
    assert works_of(quick) == sorted([[n for n in range(1, 7) if n != alone], [alone]])
    assert verify(quick) == []


def test_links_go_when_the_paper_goes_that_made_them(quick):
    for paper in (PREPRINT, PUBLISHED, FULL, SUPPLEMENT):
        quick.add(paper)
    assert works_of(quick) == [[1, 2, 3, 4]]
    quick.remove(1)
    assert works_of(quick) == [[2, 3, 4]]
    quick.remove(2)
    assert works_of(quick) == [[3, 4]]
    quick.remove(3)
    assert works_of(quick) == [[4]]
    assert verify(quick) == []


@settings(deadline=None, max_examples=15)
@given(steps=st.lists(st.integers(0, len(ALL) - 1), min_size=1, max_size=12))
def test_whatever_comes_and_goes_links_are_those_of_what_is_left(tmp_path_factory, cheap, steps):
    """A step adds a paper, or takes it out where it is there."""
    folder = tmp_path_factory.mktemp("works")
    with Library.create(folder / "a", cheap) as one, Library.create(folder / "b", cheap) as anew:
        here: dict[int, str] = {}
        for step in steps:
            if step in here:
                one.remove(one.by_hash(here.pop(step)).id)
            else:
                one.add(ALL[step])
                here[step] = ALL[step].sha256
        for stored in list(one.papers()):
            anew.add(stored.paper)
        groups = []
        for library in (one, anew):
            text_of = {stored.id: stored.paper.sha256 for stored in library.papers()}
            groups.append({frozenset(text_of[number] for number in group) for group in works_of(library)})
        assert groups[0] == groups[1]
        with one.database.reading() as connection:
            assert works.misplaced(connection) == []
    shutil.rmtree(folder)


def test_a_record_that_newly_names_its_preprint_is_linked(quick):
    preprint = PREPRINT.model_copy(update={"title": None, "text": "Another text."})
    quick.add(preprint)
    quick.add(PUBLISHED)
    assert works_of(quick) == [[1], [2]]
    named = (Relation(kind="published version of", doi=preprint.doi.upper()),)
    assert quick.add(PUBLISHED.model_copy(update={"relations": named})) == "updated"
    assert works_of(quick) == [[1, 2]]


def test_an_abstract_and_the_full_text_of_one_identifier_both_live(quick, paper):
    assert quick.add(paper("An abstract.", pmid="1")) == "added"
    assert quick.add(paper("A full text.", file="b.xml", pmid="1", kind="full text")) == "added"
    assert works_of(quick) == [[1, 2]]
    assert [quick.add(paper("An abstract.", pmid="1")), quick.counts().papers] == ["unchanged", 2]


def test_two_abstracts_of_one_identifier_still_conflict(quick, paper, tmp_path):
    (tmp_path / "a.jsonl").write_text("x")
    quick.add(paper("An abstract.", file="a.jsonl", pmid="1"))
    with pytest.raises(IdentifierConflict, match="two different texts"):
        quick.add(paper("Another abstract.", file="b.jsonl", pmid="1"))


def test_a_text_that_was_filed_under_another_kind_stays_one_paper(quick, paper):
    quick.add(paper("One text.", pmid="1"))
    assert quick.add(paper("One text.", pmid="1", kind="full text")) == "updated"
    assert quick.counts().papers == 1


UNLIKE = {
    "neither is a preprint": {"doi": "10.1000/y"},
    "another first author": {"authors": ("Wu B", "Li A")},
    "no author": {"authors": ()},
    "three years later": {"year": 2024},
    "no year": {"year": None},
    "a journal of the house that keeps preprints": {"doi": "10.1101/gr.123.4"},
}


@pytest.mark.parametrize("unlike", UNLIKE)
def test_a_title_alone_links_nothing(quick, unlike):
    quick.add(PREPRINT.model_copy(update=UNLIKE[unlike]))
    quick.add(PUBLISHED)
    assert works_of(quick) == [[1], [2]]


@pytest.mark.parametrize(
    "is_preprint",
    [
        {"doi": "10.48550/arxiv.2001.00001"}, {"doi": "10.21203/rs.3.rs-1/v1"}, {"doi": "10.2139/ssrn.1"},
        {"doi": "10.20944/preprints202001.0001.v1"}, {"doi": "10.1101/123456"}, {"doi": None, "journal": "bioRxiv"},
        {"doi": None, "journal": "medRxiv : the preprint server for health sciences"},
        {"doi": None, "journal": "arXiv"}, {"doi": None, "journal": "Research Square"},
        {"doi": None, "journal": "SSRN Electronic Journal"}, {"doi": None, "journal": "Preprints.org"},
        {"doi": None, "publication_types": ("Preprint",)},
    ],
)  # fmt: skip
def test_a_preprint_is_told_by_its_server_or_prefix(quick, is_preprint):
    quick.add(PREPRINT.model_copy(update=is_preprint))
    quick.add(PUBLISHED)
    assert works_of(quick) == [[1, 2]]


def test_short_titles_name_no_paper(quick, paper):
    for number, doi in enumerate(("10.1101/1", "10.1000/y"), start=1):
        quick.add(paper(f"Text {number}.", title="Editorial", doi=doi, year=2020, authors=("Li A",)))
    assert works_of(quick) == [[1], [2]]


def test_a_correction_of_several_papers_does_not_make_them_one(quick, paper):
    named = tuple(Relation(kind="correction of", pmid=pmid) for pmid in ("1", "2"))
    quick.add(paper("Both were wrong.", pmid="3", relations=named))
    for pmid in ("1", "2"):
        quick.add(paper(f"Paper {pmid}.", pmid=pmid))
    assert works_of(quick) == [[1], [2], [3]]


# Search


def test_a_work_is_found_once_by_its_published_full_text(quick):
    for index, (doi, kind, year) in enumerate(
        [("10.1101/123456", "full text", 2020), ("10.1000/x", "abstract", 2021), ("10.1000/x", "full text", 2021)]
    ):
        quick.add(titled(WORDS + " " * (index + 1), kind, doi=doi, year=year, authors=("Li A",)))
    quick.add(OTHER)
    quick.derive()
    first, second = quick.search("RASSF1A nasopharyngeal carcinoma").hits
    assert (first.paper_id, first.kind, first.doi) == (3, "full text", "10.1000/x")
    assert [version.described for version in first.versions] == [
        "abstract, DOI 10.1000/x",
        "preprint, DOI 10.1101/123456",
    ]
    assert (second.paper_id, second.versions) == (4, ())


def test_a_version_that_answers_plainly_better_is_the_one_that_is_told(quick):
    quick.add(titled("Mice and rats were fed with grain.", "full text", doi="10.1000/x", year=2021, authors=("Li A",)))
    quick.add(titled(WORDS, doi="10.1101/123456", year=2020, authors=("Li A",)))
    quick.derive()
    [hit] = quick.search("normal epithelium methylated").hits
    assert hit.paper_id == 2


def test_a_work_stands_where_its_best_passage_stands(quick, paper, monkeypatch):
    quick.add(titled(WORDS + " Mice.", "full text", doi="10.1000/x", year=2021, authors=("Li A",)))
    quick.add(titled(WORDS, doi="10.1101/123456", year=2020, authors=("Li A",)))
    quick.add(paper("RASSF1A is methylated in nasopharyngeal cells.", pmid="5"))
    quick.derive()
    question = "RASSF1A is methylated in nasopharyngeal carcinoma"
    monkeypatch.setattr(search, "NEAR", 0.0)
    [best] = quick.search(question, k=1).hits
    monkeypatch.setattr(search, "NEAR", 0.3)
    [hit] = quick.search(question, k=1).hits
    assert (best.paper_id, hit.paper_id) == (2, 1)
    assert hit.score == best.score
    assert [each.paper_id for each in quick.search(question, per_paper=2).hits][:2] == [1, 2]


def test_as_many_hits_of_a_work_as_are_asked_for(quick):
    for doi, year in (("10.1101/123456", 2020), ("10.1000/x", 2021)):
        quick.add(titled(f"{WORDS} {year}", doi=doi, year=year, authors=("Li A",)))
    quick.derive()
    assert sorted(hit.paper_id for hit in quick.search("RASSF1A", per_paper=2).hits) == [1, 2]
    assert len(quick.search("RASSF1A").hits) == 1


def test_a_paper_is_looked_up_by_its_version_that_counts_most(quick):
    for paper in (PREPRINT, PUBLISHED, FULL):
        quick.add(paper)
    assert [stored.id for stored in quick.find_paper(TITLE)] == [3]
    assert [stored.id for stored in quick.find_paper("PMC7")] == [3]
    assert [stored.id for stored in quick.find_paper(PREPRINT.doi)] == [1]
    assert [stored.id for stored in quick.find_paper("10.1000/X")] == [3]


def test_works_are_counted(quick):
    for paper in ALL:
        quick.add(paper)
    with quick.database.reading() as connection:
        assert works.count(connection) == 2
