"""Whether what was found answers a question."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tools.relevance import THRESHOLD, is_relevant, relevance
from retrieval.hit import Results
from retrieval.search import search


def ask(starter, question: str) -> Results:
    return search([starter], question, 6)


@pytest.mark.parametrize(
    "question",
    [
        "Which genes' promoter methylation could detect pancreatic cancer in blood?",
        "Is RASSF1A methylated in lung cancer?",
        "MGMT methylation and temozolomide in glioblastoma",
        "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？",
    ],
)
def test_what_the_library_holds_is_relevant(starter, question):
    assert is_relevant(ask(starter, question))


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of nitrogen?",
        "Who won the football world cup?",
        "How do I cook rice?",
        "世界杯冠军是谁？",
    ],
)
def test_what_the_library_does_not_hold_is_not(starter, question):
    assert not is_relevant(ask(starter, question))


def test_nothing_found_is_not_relevant():
    assert not is_relevant(Results((), (), "anything"))


@pytest.fixture(scope="module")
def hit(starter):
    return ask(starter, "RASSF1A").hits[0]


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0.01, 1))
def test_the_higher_the_best_score_and_the_lower_the_background_the_more_relevant(hit, score, background, more):
    results = Results((replace(hit, score=score),), (), "", background)
    assert relevance(replace(results, hits=(replace(hit, score=score + more),))) > relevance(results)
    assert relevance(replace(results, background=background + more)) < relevance(results)


def test_a_score_that_does_not_stand_out_must_reach_the_threshold_alone(hit):
    alone = Results((replace(hit, score=THRESHOLD),), (), "", THRESHOLD)
    assert is_relevant(alone)
    assert not is_relevant(replace(alone, hits=(replace(hit, score=THRESHOLD - 0.01),)))
