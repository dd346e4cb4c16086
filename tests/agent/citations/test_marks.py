"""Citation marks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.citations.marks import mark, numbers, without_marks


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("It is [3].", [3]),
        ("It is [3][7].", [3, 7]),
        ("It is [3, 7; it", []),
        ("It is [7,3] and [3].", [7, 3]),
        ("是[3，7、9]。", [3, 7, 9]),
        ("It is [abc], [1-3], [] and [1234567].", []),
        ("It is 3.", []),
    ],
)
def test_numbers_in_square_brackets_are_cited_each_once_in_order(text, cited):
    assert numbers(text) == cited


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("BNC1 [3] is methylated [4][5].", "BNC1 is methylated."),
        ("BNC1 is methylated. [3, 4]", "BNC1 is methylated."),
        ("The span [a] stays, as does p[5'-CG].", "The span [a] stays, as does p[5'-CG]."),
    ],
)
def test_a_text_reads_on_without_its_marks(text, plain):
    assert without_marks(text) == plain


@given(st.lists(st.integers(0, 999_999), min_size=1, unique=True))
def test_what_is_marked_is_what_is_cited(cited):
    text = f"It is so {mark(*cited)}"
    assert numbers(text) == cited
    assert without_marks(text) == "It is so"
