"""Words that a language model quotes, found in the text or told to be missing."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.extraction.placing import UNSCORED, placed
from agent.extraction.statement import STATUSES, Statement
from agent.extraction.stretches import stretches
from seqmodels.tagger.reading import speaks_of_methylation

TEXT = (
    "p16 in gastric cancer\nThe promoters of p16 and hMLH1 were methylated in 14 of 21 tumours. "
    "In normal mucosa p16 was not methylated, and E-cadherin's CpG island was Hypermethylated."
)


def says(gene, trigger="methylated", status="methylated", **besides):
    return Statement(**{"gene": gene, "status": status, "site": None, "negated": False, "speculated": False,
                        "trigger": trigger, **besides})  # fmt: skip


def places(said):
    return [(event.gene.text, event.gene.start, event.trigger.start) for event in said.methylation]


def test_a_gene_that_stands_several_times_is_the_one_nearest_to_the_trigger():
    at = TEXT.index("not methylated") + 4
    assert places(placed(TEXT, [says("p16", negated=True)])) == [("p16", TEXT.rindex("p16"), at)]


def test_a_statement_that_is_made_again_is_of_the_next_pair_and_then_counted_as_missing():
    said = placed(TEXT, [says("p16"), says("p16"), *[says("p16")] * 9])
    triggers = [TEXT.index("methylated in"), TEXT.index("methylated, and")]
    assert {event.trigger.start for event in said.methylation} == set(triggers)
    assert len(said.methylation) + said.missing == 11


def test_words_are_found_in_other_case_where_they_do_not_stand_as_written():
    [event] = placed(TEXT, [says("e-cadherin", "hypermethylated", "hypermethylated", site="cpg island")]).methylation
    assert (event.gene.text, event.trigger.text) == ("E-cadherin", "Hypermethylated")
    assert event.site.text == "CpG island"
    assert event.score == UNSCORED


@pytest.mark.parametrize(
    ("gene", "trigger"),
    [
        ("RASSF1A", "methylated"),
        ("p16", "demethylated"),
        ("MLH1", "methylated"),
        ("p1", "methylated"),
        ("", ""),
        (" ", "methylated"),
    ],
)
def test_what_does_not_stand_whole_in_the_text_gives_no_record_and_is_counted(gene, trigger):
    said = placed(TEXT, [says(gene, trigger)])
    assert (said.methylation, said.missing) == ((), 1)


def test_a_site_that_is_not_there_leaves_the_record_without_one():
    [event] = placed(TEXT, [says("hMLH1", site="exon 9")]).methylation
    assert event.site is None


def test_a_name_between_chinese_characters_is_whole():
    [event] = placed("胃癌中RASSF1A基因methylated。", [says("RASSF1A")]).methylation
    assert event.gene.text == "RASSF1A"


WORDS = st.sampled_from(["p16", "P16", "methylated", "MLH1", "site", "β", "(", "\\", "。", "p16 was", ""])


@settings(deadline=None, max_examples=200)
@given(st.lists(WORDS), st.lists(st.tuples(WORDS, WORDS, WORDS)), st.integers(0, 9), st.integers(0, 99))
def test_every_part_is_the_texts_own_within_what_was_read_and_every_statement_is_accounted_for(
    parts, told, first, more
):
    text = " ".join(parts)
    span = min(first, len(text)), min(first + more, len(text))
    statements = [says(gene, trigger, site=site) for gene, trigger, site in told]
    said = placed(text, statements, span)
    for event in said.methylation:
        for part in filter(None, (event.gene, event.trigger, event.site)):
            assert text[part.start : part.end] == part.text
            assert span[0] <= part.start < part.end <= span[1]
    assert len(said.methylation) + said.missing == len(statements)


SENTENCES = (
    "p16 was methylated.",
    "It rains.",
    "Nothing here",
    "RASSF1A hypermethylation was seen in 9 of 10.",
    "x" * 90,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(SENTENCES)), st.integers(20, 200))
def test_every_word_of_methylation_is_read_in_one_stretch_that_is_not_too_long(sentences, most):
    text = " ".join(sentences)
    spans = stretches(text, most)
    assert all(end - start <= most and speaks_of_methylation(text[start:end]) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    if all(len(sentence) <= most for sentence in sentences):
        assert sum(text[start:end].count("methyl") for start, end in spans) == text.count("methyl")


def test_a_text_of_two_megabytes_without_a_full_stop_is_read_in_parts():
    spans = stretches("p16 methylated and " * 100_000, 3000)
    assert len(spans) > 600
    assert stretches("x" * 2_000_000, 3000) == []


def test_all_statuses_of_the_tagger_can_be_said():
    assert set(STATUSES) == {"methylated", "hypermethylated", "hypomethylated", "unmethylated", "demethylated"}
