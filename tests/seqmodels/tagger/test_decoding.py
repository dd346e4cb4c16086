"""From tags to spans: borders as they stand, and the same name wherever else it stands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.tagger.decoding import apart, consistent, tagged_spans
from seqmodels.tagger.reading import Reading
from seqmodels.tagger.words import word_spans
from seqmodels.train.scores import entities

TAGS = ("O", "B-gene", "I-gene", "B-cell", "I-cell")


def reading(text: str) -> Reading:
    spans = word_spans(text)
    return Reading(text, spans, np.ones(len(spans), np.int64))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12))
@settings(deadline=None)
def test_entities_are_those_of_the_loops_own_scores(chosen):
    read = reading(" ".join("abcdefghijklm"[: len(chosen)]))
    found = tagged_spans(read, np.array(chosen), TAGS)
    expected = entities([TAGS[number] for number in chosen])
    assert [(read.spans[each.start][0], read.spans[each.end - 1][1], each.kind) for each in expected] == [
        (*span, kind) for span, kind in found
    ]


def names(text: str, *found: tuple[int, int]) -> list[str]:
    return [text[start:end] for start, end in consistent(reading(text), found)]


def test_a_name_that_was_found_is_found_wherever_it_stands():
    text = "p16 is methylated, and p16 is silent; P16 is another."
    assert names(text, (0, 3)) == ["p16", "p16"]


def test_a_name_that_mostly_was_not_found_is_left_where_it_was():
    text = "ARF of p16 beside p16 and p16 and p16"
    assert names(text, (7, 10)) == ["p16"]


def test_what_another_name_touches_stays_as_it_is():
    text = "p16 and p16 kinase and p16"
    assert names(text, (0, 3), (8, 18)) == ["p16", "p16 kinase", "p16"]


@pytest.mark.parametrize("name", ["A", "7", "–"])
def test_names_too_short_are_not_looked_for_elsewhere(name):
    text = f"{name} and {name}"
    assert names(text, (0, 1)) == [name]


def test_spans_that_touch_words_of_earlier_ones_are_left_out():
    text = "p16 kinase and CDH1 beta"
    read = reading(text)
    assert apart(read, [(4, 10)], [(0, 10), (0, 3), (11, 14), (8, 14), (20, 24)]) == [
        (0, 3),
        (4, 10),
        (11, 14),
        (20, 24),
    ]


def test_thousands_of_names_in_one_text_are_put_together_at_once():
    text = " ".join(f"GENE{number % 5000}" for number in range(50_000))
    read = reading(text)
    assert len(consistent(read, read.spans[:45_000])) == 50_000
