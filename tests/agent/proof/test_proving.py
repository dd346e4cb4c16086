"""The verdict on a claim: quoted, supported, flagged with the reason, or the model's own words."""

import hashlib
from functools import cache

import numpy as np
import pytest

from agent.proof.proving import likeness, prove
from retrieval.analysis import query_terms
from seqmodels.encoder import unit

YI = (
    "BNC1 was methylated in 79% and ADAMTS1 in 48% of stage I pancreatic cancers.",
    "Both genes were rarely methylated in controls.",
    "Sensitivity was 81% and specificity was 85%.",
)


class BagOfWords:
    """Texts as sums of random vectors of their stems."""

    def encode_query(self, query):
        return unit(sum(map(_vector, query_terms(query)), np.zeros(256)))


class Unasked:
    """An encoder that must not be needed."""

    def encode_query(self, query):
        raise AssertionError(query)


@cache
def _vector(stem):
    return np.random.default_rng(list(hashlib.sha256(stem.encode()).digest()[:8])).standard_normal(256)


@pytest.fixture(scope="module")
def encoder():
    return BagOfWords()


def test_without_quotes_a_claim_is_in_the_models_own_words():
    assert prove("These are the papers that I found.", [], Unasked()).verdict == "own words"


@pytest.mark.parametrize(
    "claim",
    [
        YI[0],
        YI[0].removesuffix("."),
        f"“{YI[0]}”",
        YI[0].replace(" in ", "\n  in "),
        " ".join(YI),
        " ".join(YI[1:]),
    ],
)
def test_a_claim_that_is_quotes_in_a_row_is_quoted(claim):
    assert prove(claim, YI, Unasked()).verdict == "quoted"


def test_quotes_that_are_not_in_a_row_are_not_taken_for_one(encoder):
    assert prove(f"{YI[0]} {YI[2]}", YI, encoder).verdict == "supported"


@pytest.mark.parametrize("place", range(len(YI[0]) - 1))
def test_a_claim_with_another_character_is_never_quoted(place, encoder):
    claim = f"{YI[0][:place]}#{YI[0][place + 1 :]}"
    assert prove(claim, YI, encoder).verdict != "quoted"


@pytest.mark.parametrize(
    "claim",
    [
        "The authors report that BNC1 was methylated in 79% of stage I pancreatic cancers.",
        "ADAMTS1 was methylated in 48% of pancreatic cancers in stage 1.",
        "With a sensitivity of 81% and a specificity of 85%, BNC1 and ADAMTS1 were methylated in pancreatic cancers.",
        "在I期胰腺癌中，79%的BNC1甲基化。",
    ],
)
def test_a_paraphrase_is_supported(claim, encoder):
    proof = prove(claim, YI, encoder)
    assert (proof.verdict, proof.reason) == ("supported", None)


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (YI[0].replace("79%", "78%"), "the quote says 79%, the claim 78%"),
        (YI[0].replace("BNC1", "MLH1"), "the claim names MLH1, which no quote does"),
        (YI[0].replace("methylated", "unmethylated"), "the claim says unmethylated, the quote methylated"),
        (YI[0].replace("was", "was not"), "the claim says not methylated, the quote methylated"),
        (YI[0].replace("pancreatic", "gastric"), "the claim names gastric cancer, the quote pancreatic cancer"),
        ("Nitrogen boils where the pressure of its vapour is that of the air.", "the quotes are about something else"),
        ("氮在常压下沸腾。", "the quotes are about something else"),
    ],
)
def test_one_changed_fact_in_a_sentence_is_flagged_with_the_reason(claim, reason, encoder):
    proof = prove(claim, YI, encoder)
    assert (proof.verdict, proof.reason) == ("flagged", reason)


def test_likeness_grows_with_the_words_that_are_shared(encoder):
    claims = ("Nitrogen boils.", "BNC1 boils in cancers.", "BNC1 was methylated in cancers.", YI[0])
    rated = [likeness(claim, YI[:1], encoder) for claim in claims]
    assert rated == sorted(rated)
    assert rated[-1] == pytest.approx(1)


def test_quotes_far_from_the_claim_do_not_make_it_less_like_the_near_ones(encoder):
    others = [f"Sheep number {word} grazed on the hill." for word in ("one", "two", "three", "four", "five")]
    near = [YI[0]] * 4
    assert likeness(YI[0], [*near, *others], encoder) == pytest.approx(likeness(YI[0], near, encoder))
