"""Words as the lexical index keeps them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.analysis import index_terms, query_terms


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("methylation", "Methylated"), ("tumours", "tumour"), ("β-catenin", "beta-catenin"), ("TNFα", "TNFalpha"),
        ("il6", "IL-6"), ("hypermethylation", "HYPERMETHYLATED"), ("ﬁbroblast", "fibroblasts"), ("Ｐ５３", "p53"),
        ("miR‑21", "miR-21"), ("miR–21", "miR-21"), ("甲基化", "DNA甲基化水平"), ("ΔNp63", "δnp63"),
    ],
)  # fmt: skip
def test_what_is_asked_meets_what_is_written(asked, written):
    assert set(query_terms(asked)) <= set(index_terms(written))


@pytest.mark.parametrize(("asked", "written"), [("p53", "p63"), ("IL-6", "IL-8"), ("MLH1", "MSH2"), ("胃癌", "肺癌")])
def test_what_differs_stays_apart(asked, written):
    assert not set(query_terms(asked)) & set(index_terms(written)) - {"il"}


def test_a_symbol_with_a_hyphen_is_found_whole_and_in_parts():
    assert index_terms("IL-6") == ["il", "6", "il6"]
    assert index_terms("beta-catenin") == ["beta", "catenin"]


def test_han_characters_are_kept_in_pairs():
    assert index_terms("甲基化 癌") == ["甲基", "基化", "癌"]


def test_function_words_are_kept_in_texts_and_left_out_of_questions():
    assert query_terms("What is the role of MLH1 in the colon?") == ["role", "mlh1", "colon"]
    assert "the" in index_terms("the colon")
    assert query_terms("what of the and") == []


@given(st.text())
def test_any_text_has_terms_that_the_index_can_keep(text):
    terms = index_terms(text)
    assert all(term and not term.isspace() and len(term.split()) == 1 for term in terms)
    asked = query_terms(text)
    assert set(asked) <= set(terms)
    assert len(asked) == len(set(asked))


@given(st.text())
def test_terms_of_a_text_are_those_of_its_parts(text):
    assert index_terms(f"{text} {text}") == index_terms(text) * 2
