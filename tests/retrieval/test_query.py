"""Questions made ready: translated, and with the other names of what they ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.query import parse_query


def wordings(text):
    return [{" ".join(wording.terms) for wording in group} for group in parse_query(text).groups]


def test_every_word_of_an_english_question_is_asked_for_once():
    assert wordings("Is wheat yield predicted from wheat markers?") == [{"wheat"}, {"yield"}, {"predict"}, {"marker"}]


def test_a_gene_is_asked_for_once_however_often_it_is_named():
    assert len(wordings("Is MLH1 lost where MLH1 is methylated?")) == 3
    assert len(wordings("胃癌与胃癌")) == 1


def test_a_gene_is_asked_for_by_all_its_names_as_written_first():
    [group] = parse_query("hMLH1").groups
    assert group[0].terms == ("hmlh1",)
    assert group[0].weight == 1
    names = {" ".join(wording.terms) for wording in group}
    assert "mlh1" in names
    assert all(wording.weight < 1 and wording.phrase for wording in group[1:])


def test_a_chinese_term_is_asked_for_in_english_and_in_chinese():
    query = parse_query("胃癌")
    [names] = wordings("胃癌")
    assert query.english == "gastric cancer"
    assert {"gastric cancer", "胃癌"} <= names


def test_an_english_question_is_embedded_as_it_is_written():
    text = "Which genes are hypermethylated in pancreatic cancer?"
    assert parse_query(text).english == text


@pytest.mark.parametrize("text", ["", " ", "?!", "of the", "的 吗"])
def test_a_question_without_content_asks_for_no_word(text):
    assert parse_query(text).groups == ()


@given(st.text(max_size=200))
def test_any_text_becomes_distinct_groups_of_words(text):
    query = parse_query(text)
    assert query.text == text
    assert len(set(query.groups)) == len(query.groups)
    for group in query.groups:
        assert group
        assert all(wording.terms and all(wording.terms) for wording in group)
        assert 0 < max(wording.weight for wording in group) <= 1
