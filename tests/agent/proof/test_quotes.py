"""A citation holds only while the stored paper has its hash and its quote at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.citations.claim import Citation
from agent.proof.quotes import check
from corpora.paper import Paper
from retrieval.embedder import Embedder
from retrieval.library import Library
from seqmodels.encoder import BUNDLED

QUOTE = "BNC1 was methylated in 79% of tumours."
CITED = Paper(
    text=f"Markers of pancreatic cancer.\n{QUOTE} ADAMTS1 was methylated in 66.7% of them.",
    kind="abstract",
    pmid="24088737",
)
OTHER = Paper(text=f"{QUOTE} This is another paper with the same sentence.", kind="abstract", pmid="15334633")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quotes")
    with Library.create(folder / "library", Embedder(BUNDLED, folder / "encoders")) as library:
        library.add(CITED)
        library.add(OTHER)
        yield library


@pytest.fixture(scope="module")
def citation(library):
    number = {stored.paper.pmid: stored.id for stored in library.papers()}[CITED.pmid]
    start = CITED.text.index(QUOTE)
    return Citation(
        n=1,
        library=library.name,
        paper_id=number,
        pmid=CITED.pmid,
        doi=None,
        title=None,
        journal=None,
        year=None,
        url=None,
        kind="abstract",
        section=None,
        page=None,
        quote=QUOTE,
        start=start,
        end=start + len(QUOTE),
        sha256=CITED.sha256,
    )


def test_a_true_citation_is_accepted(library, citation):
    assert check(citation, library) is None


@given(place=st.integers(0, len(QUOTE) - 1), other=st.characters(codec="utf-8"))
def test_any_other_character_in_the_quote_is_caught(library, citation, place, other):
    changed = QUOTE[:place] + other + QUOTE[place + 1 :]
    reason = check(citation.model_copy(update={"quote": changed}), library)
    assert reason == (None if changed == QUOTE else "the quote is not at its place in the paper")


@given(start=st.integers(-200, 200), end=st.integers(-200, 200))
def test_any_other_place_is_caught(library, citation, start, end):
    reason = check(citation.model_copy(update={"start": start, "end": end}), library)
    assert (reason is None) == ((start, end) == (citation.start, citation.end))


def test_a_place_that_python_would_count_from_the_end_is_caught(library, citation):
    length = len(CITED.text)
    wrapped = {"start": citation.start - length, "end": citation.end - length}
    assert CITED.text[wrapped["start"] : wrapped["end"]] == QUOTE
    assert check(citation.model_copy(update=wrapped), library) == "the place of the quote is outside the paper"


@given(place=st.integers(0, 63), digit=st.sampled_from("0123456789abcdef"))
def test_any_other_digit_of_the_hash_is_caught(library, citation, place, digit):
    changed = citation.sha256[:place] + digit + citation.sha256[place + 1 :]
    reason = check(citation.model_copy(update={"sha256": changed}), library)
    assert (reason is None) == (changed == citation.sha256)


def test_another_paper_with_the_same_sentence_is_caught(library, citation):
    other = next(stored.id for stored in library.papers() if stored.id != citation.paper_id)
    assert check(citation.model_copy(update={"paper_id": other}), library) is not None
    assert check(citation.model_copy(update={"pmid": OTHER.pmid}), library) is not None


def test_a_paper_that_is_not_there_is_said_to_be_gone(library, citation):
    gone = citation.model_copy(update={"paper_id": 999})
    assert check(gone, library) == "the paper is no longer in the library"


def test_an_identifier_that_the_record_learnt_later_does_no_harm(library, citation):
    assert check(citation.model_copy(update={"pmid": None}), library) is None


def test_a_text_that_was_replaced_is_caught_even_where_the_sentence_stayed(tmp_path, citation):
    with Library.create(tmp_path / "library", Embedder(BUNDLED, tmp_path)) as library:
        library.add(CITED)
        library.add(CITED.model_copy(update={"text": CITED.text + " One more sentence."}), replace=True)
        number = next(stored.id for stored in library.papers())
        reason = check(citation.model_copy(update={"paper_id": number}), library)
    assert reason == "the text of the paper has changed since it was cited"
