from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corpora.characters import storable

ANY_CHARACTERS = st.text(st.characters(exclude_categories=()))


@given(ANY_CHARACTERS)
def test_every_text_can_be_encoded_and_holds_no_nul(text: str) -> None:
    assert "\0" not in storable(text).encode().decode()


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert storable(f"\t{text}\r\n\f") == f"\t{text}\r\n\f"


@given(st.text(st.characters(exclude_categories=()), max_size=20).filter(lambda text: not _has_pair(text)))
def test_each_character_is_replaced_by_one_so_that_offsets_hold(text: str) -> None:
    assert len(storable(text)) == len(text)


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert storable("a\ud800b\udfff") == "a\ufffdb\ufffd"


def test_a_surrogate_pair_becomes_the_character_that_it_stands_for() -> None:
    assert storable("\ud83e\uddec") == "🧬"


def _has_pair(text: str) -> bool:
    return any("\ud800" <= a <= "\udbff" and "\udc00" <= b <= "\udfff" for a, b in pairwise(text))
