"""Whether what was found answers a question."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tools.relevance import (
    PAPER_THRESHOLD,
    THRESHOLD,
    is_held,
    is_relevant,
    named_by,
    paper_relevance,
    relevance,
    subjects,
)
from retrieval.hit import Results
from retrieval.search import search

YI_2013 = (
    "BNC1 was methylated in 92% and ADAMTS1 in 68% of 143 pancreatic cancers. In serum of 42 patients sensitivity was "
    "79% for BNC1. A nanoparticle method called Methylation On Beads was used to read patient serum."
)


def ask(starter, question: str) -> Results:
    return search([starter], question, 6)


@pytest.mark.parametrize(
    "question",
    [
        "Which genes' promoter methylation could detect pancreatic cancer in blood?",
        "Is RASSF1A methylated in lung cancer?",
        "MGMT methylation and temozolomide in glioblastoma",
        "Does MGMT methylation predict the response to temozolomide?",
        "Could you please tell me whether MGMT methylation predicts the response to temozolomide?",
        "Do epigenetic clocks predict mortality?",
        "Which genes are methylated in gastric cancer?",
        "I'm a PhD student and want to know what is known about DNA methylation in pancreatic cancer.",
        "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？",
        "MGMT甲基化能预测替莫唑胺的疗效吗？",
        "表观遗传时钟能预测死亡率吗？",
        "请问文献里关于胃癌的甲基化有哪些报道？",
    ],
)
def test_what_the_library_holds_is_relevant(starter, question):
    assert is_relevant(question, ask(starter, question), [starter])


@pytest.mark.parametrize(
    "question",
    [
        "What is the boiling point of nitrogen?",
        "Who won the football world cup?",
        "How do I cook rice?",
        "Does metformin lower blood glucose in type 2 diabetes?",
        "Is RASSF1A methylated in Alzheimer's disease?",
        "氮气的沸点是多少？",
        "世界杯冠军是谁？",
        "新冠病毒如何进入细胞？",
        "今年的房价会下跌吗？",
    ],
)
def test_what_the_library_does_not_hold_is_not(starter, question):
    assert not is_relevant(question, ask(starter, question), [starter])


def test_nothing_found_is_not_relevant(starter):
    assert not is_relevant("anything", Results((), (), "anything"), [starter])


@pytest.fixture(scope="module")
def hit(starter):
    return ask(starter, "RASSF1A").hits[0]


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0.01, 1))
def test_the_higher_the_best_score_and_the_lower_the_background_the_more_relevant(
    starter, hit, score, background, more
):
    def of(results: Results) -> float:
        return relevance("Is RASSF1A methylated?", results, [starter])

    results = Results((replace(hit, score=score),), (), "", background)
    assert of(replace(results, hits=(replace(hit, score=score + more),))) > of(results)
    assert of(replace(results, background=background + more)) < of(results)


def test_what_a_hit_names_counts_for_it_and_what_no_passage_names_against_it(starter, hit):
    results = Results((hit,), (), "", hit.score)
    assert relevance("RASSF1A", results, [starter]) == 0.5
    assert relevance("GSTP1", results, [starter]) == 0.0
    assert relevance("sourdough", results, [starter]) == -0.5
    assert relevance("RASSF1A sourdough", results, [starter]) == 0.0


def test_what_is_named_is_heard_by_any_of_the_libraries_that_are_asked(starter, library, hit):
    results = Results((hit,), (), "", hit.score)
    assert relevance("GSTP1", results, [library]) == -0.5
    assert relevance("GSTP1", results, [library, starter]) == 0.0


def test_one_of_the_first_hits_that_answers_is_enough(starter, hit):
    unlike = replace(hit, title=None, text="Nothing of the kind.")
    for place, answered in ((0, True), (2, True), (3, False)):
        hits = [replace(unlike, score=THRESHOLD)] * 4
        hits[place] = replace(hit, score=THRESHOLD)
        assert is_relevant("Is RASSF1A methylated?", Results(tuple(hits), (), "", 0.2), [starter]) is answered


# What is asked for


def test_a_question_asks_for_its_words_genes_and_chinese_terms():
    words = [group[0].terms for group in subjects("Which enzymes methylate RASSF1A in gastric cancer?")]
    assert words == [("enzym",), ("methyl",), ("rassf1a",), ("gastric",), ("cancer",)]
    [cancer, silencing] = subjects("胃癌的沉默")
    assert ("gastric", "cancer") in [wording.terms for wording in cancer]
    assert ("silenc",) in [wording.terms for wording in silencing]


def test_chinese_that_the_glossary_does_not_know_is_asked_for_all_the_same():
    assert [group[0].terms for group in subjects("氮气的沸点是多少？")] == [("氮气",), ("沸点",)]


@pytest.mark.parametrize(
    "question", ["Could you please tell me what studies report?", "How many people took part?", "样本量是多少？"]
)
def test_words_of_asking_ask_for_nothing(question):
    assert subjects(question) == ()


def test_a_text_names_a_gene_by_any_of_its_names_and_a_term_by_all_of_its_words():
    [gene] = subjects("CDKN2A")
    assert named_by("Loss of p16INK4a was seen.", [gene]) == [gene]
    [messenger] = subjects("信使RNA")
    assert named_by("RNA directs it.", [messenger]) == []
    assert named_by("The messenger is an RNA.", [messenger]) == [messenger]


# One paper


@pytest.mark.parametrize(
    ("question", "likeness"),
    [("What was the sensitivity in serum?", 0.47), ("Which method was used?", 0.1), ("血清中的灵敏度是多少？", 0.3)],
)
def test_a_paper_holds_what_it_names(question, likeness):
    assert is_held(question, YI_2013, likeness)


@pytest.mark.parametrize(
    ("question", "likeness"),
    [("Which dose of gemcitabine was given?", 0.24), ("What were their controls?", -0.02), ("使用了哪种抗生素？", 0.1)],
)
def test_a_paper_does_not_hold_what_it_does_not_name(question, likeness):
    assert not is_held(question, YI_2013, likeness)


@pytest.mark.parametrize("question", ["How many people took part?", "What are the results?", "样本量是多少？"])
def test_what_every_paper_has_is_held_by_any(question):
    assert is_held(question, YI_2013, 0.05)


def test_without_vectors_a_paper_has_to_name_half_of_what_is_asked():
    assert paper_relevance("serum of mice", YI_2013, None) >= PAPER_THRESHOLD
    assert paper_relevance("urine of mice", YI_2013, None) < PAPER_THRESHOLD
