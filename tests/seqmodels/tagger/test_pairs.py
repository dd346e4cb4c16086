"""What is known of a trigger and a gene: places and words by text alone, and how they are weighed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.tagger.pairs import PairWeights, features
from seqmodels.tagger.recipes.weighing import Scale, fitted
from seqmodels.tagger.tagged import Methylation, Quoted


def pair(text: str, trigger: str, gene: str, score: float = 0.5) -> Methylation:
    """The first of each as a pair."""
    spans = [Quoted(text.index(word), text.index(word) + len(word), word) for word in (trigger, gene)]
    return Methylation(*spans, "methylated", False, False, None, score)


def spans(text: str, *genes: str) -> list[tuple[int, int]]:
    return [(text.index(gene), text.index(gene) + len(gene)) for gene in genes]


@pytest.mark.parametrize(
    ("text", "gene", "expected"),
    [
        ("The promoter of p16 was methylated in 5 of 9.", "p16", True),
        ("p16 mutations are rare. The promoter of MLH1 was methylated.", "p16", False),
        ("p16 mutations are rare. The promoter of MLH1 was methylated.", "MLH1", True),
        ("Histone H3 was methylated at the p16 promoter.", "p16", False),
        ("PRMT5 methylated p53 at an arginine.", "p53", False),
        ("Akt was methylated.", "Akt", False),
        ("Silencing of CDH1\nIt was methylated.", "CDH1", False),
        ("In patients (n = 9.5 a year) DNA of CDH1 was methylated", "CDH1", True),
    ],
)
def test_a_sentence_says_plainly_what_its_words_tell(text, gene, expected):
    [row] = features(text, [pair(text, "methylated", gene)], spans(text, gene))
    assert row["plainly said"] is expected


def test_places_are_told_by_what_lies_between():
    text = "MLH1 and CDH1.\nDNMT1 binds p16, whose promoter was methylated; RASSF1A was not."
    genes = ["MLH1", "CDH1", "DNMT1", "p16", "RASSF1A"]
    pairs = [pair(text, "methylated", gene) for gene in genes]
    rows = dict(zip(genes, features(text, pairs, spans(text, *genes)), strict=True))
    assert [gene for gene in genes if rows[gene]["same sentence"]] == ["DNMT1", "p16", "RASSF1A"]
    assert [gene for gene in genes if rows[gene]["gene in the title"]] == ["MLH1", "CDH1"]
    assert [gene for gene in genes if rows[gene]["nearest gene"]] == ["RASSF1A"]
    assert [gene for gene in genes if rows[gene]["writer or reader of methylation"]] == ["DNMT1"]
    assert rows["DNMT1"]["genes between"] == pytest.approx(math.log1p(1))
    assert rows["p16"]["words between"] == pytest.approx(math.log1p(3))
    assert rows["MLH1"]["genes between"] == pytest.approx(math.log1p(3))
    assert rows["DNMT1"]["doing between"]
    assert not rows["RASSF1A"]["doing between"]


def test_what_the_model_says_elsewhere_counts_too():
    text = "p16 and MLH1 were hypermethylated. p16 methylation was lost."
    pairs = [pair(text, "hypermethylated", "p16", 0.9), pair(text, "hypermethylated", "MLH1", 0.2)]
    pairs.append(pair(text, "methylation", "p16", 0.6))
    rows = features(text, pairs, spans(text, "p16", "MLH1"))
    assert [row["model's best gene"] for row in rows] == [True, False, True]
    assert rows[0]["model, best other trigger"] == pytest.approx(math.log(1.5))
    assert rows[2]["model, best other trigger"] == pytest.approx(math.log(9))
    assert rows[1]["model, best other gene"] == pytest.approx(math.log(9))


@given(st.integers(0, 3000))
@settings(deadline=None, max_examples=20)
def test_a_sentence_without_end_gives_numbers_too(words):
    text = "p16 " + "x " * words + "methylated"
    [row] = features(text, [pair(text, "methylated", "p16")], [(0, 3)])
    assert all(math.isfinite(value) for value in row.values())


def test_weights_follow_what_is_right_and_are_kept_as_json():
    random = np.random.default_rng(0)
    given_rows = random.normal(size=(400, 3)) * (1, 10, 0)
    right = given_rows[:, 0] - given_rows[:, 1] / 10 > 0
    weights = fitted(Scale.of("abc", given_rows), given_rows, right, 0.1)
    rows = [dict(zip("abc", row, strict=True)) for row in given_rows.tolist()]
    assert ((weights.probabilities(rows) > 0.5) == right).mean() > 0.97
    assert weights.weights[0] == pytest.approx(-10 * weights.weights[1], rel=0.2)
    again = PairWeights.of(weights.record())
    np.testing.assert_allclose(again.probabilities(rows), weights.probabilities(rows), atol=1e-3)


def test_a_stronger_penalty_says_less():
    random = np.random.default_rng(0)
    given_rows = random.normal(size=(200, 1))
    right = given_rows[:, 0] > 0
    weak, strong = (
        fitted(Scale.of("a", given_rows), given_rows, right, penalty).weights[0] for penalty in (1.0, 100.0)
    )
    assert 0 < strong < weak
