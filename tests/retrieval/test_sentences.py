"""Sentences: nothing lost, nothing twice, and cut where a biologist would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.starter import starter_papers
from retrieval.sentences import sentence_spans

PIECES = [
    "We did so", "E. coli", "p53", "mRNA", "et al", "Fig", "0.05", "J", "C", "。", "！", "甲基化", ".", "?", ")", '"',
    "...", "”", " ", "  ", "\n", "\n\n", "\n- ", "\n1. ", "\u00a0", "\u2003", "\x1c", "\x85", "\u0301", "🧬", "α",
]  # fmt: skip
any_text = st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


def sentences(text, breaks=()):
    return [text[start:end] for start, end in sentence_spans(text, breaks)]


@given(any_text, st.lists(st.integers(0, 200)))
def test_spans_are_ordered_disjoint_trimmed_and_hold_every_character_but_white_space(text, breaks):
    position = 0
    for start, end in sentence_spans(text, breaks):
        assert position <= start < end <= len(text)
        assert text[position:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        position = end
    assert text[position:].strip() == ""


@given(any_text, any_text)
def test_a_break_ends_a_sentence_whatever_stands_there(before, after):
    ends = {end for _, end in sentence_spans(before + after, [len(before)])}
    if before.strip():
        assert len(before.rstrip()) in ends


@pytest.mark.parametrize(
    "text",
    [
        "Several loci (e.g. RASSF1A) were methylated.",
        "As Baylin et al. Found in 1998, silencing is common.",
        "As shown (Fig. 2), methylation rose.",
        "As shown in Figs. 2 and 3, it fell.",
        "Tumours vs. Controls differed.",
        "The rate was 5.2 vs. 3.1 in E. coli and S. aureus.",
        "Candida spp. were grown with St. John's wort.",
        "The i.e. 88 months and approx. 20 patients.",
        "It was described by J. Smith and T. H. Morgan.",
        "Methylation rose 1.5-fold (p < 0.05), n.s. otherwise.",
        "The U.S.\npopulation was seen at 5 p.m.\nor later vs.\ncontrols with E.\ncoli.",
        "We used 2.1 ml of the kit (no. 17).",
    ],
)
def test_no_sentence_ends_after_an_abbreviation_a_decimal_or_an_initial(text):
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    "pair",
    [
        ("We found p < 0.05.", "Next came controls."),
        ("They had hepatitis C.", "We treated them."),
        ("Mice lacked vitamin D.", "However, they lived."),
        ("Loss was frequent.", "p53 was mutated."),
        ("It was induced.", "mRNA rose."),
        ("It was silenced.", "hMLH1 was not."),
        ("Expression fell.", "miR-21 did not."),
        ("Expression fell.", "lncRNA did not."),
        ("Expression fell.", "p16INK4a did not."),
        ("Was it methylated?", "It was."),
        ("It was [12].", "In 14 of 21 it was not."),
        ("It was (P < 0.01).", "(Data not shown.)"),
        ('They wrote "silenced."', "We agree."),
        ("It rose…", "Then it fell."),
        ("Grown at 37 °C.", "The cells died."),
        ("It fell by 40%.", "c-myc was hypomethylated."),
        ("It rose.", "γ-globin did not."),
        ("Treated with 5-aza.", "5-aza is toxic."),
    ],
)
def test_a_sentence_ends_before_a_capital_a_digit_or_a_name_that_is_written_in_lower_case(pair):
    assert sentences(" ".join(pair)) == list(pair)


@pytest.mark.parametrize("acronym", ["CF", "EDS", "NOS", "NO", "MR", "CA", "EDs"])
def test_an_acronym_is_no_abbreviation_though_its_letters_spell_one(acronym):
    assert len(sentences(f"It was seen in {acronym}. The others lacked it.")) == 2


def test_chinese_sentences_end_at_their_own_full_stops_and_keep_closing_quotes():
    text = "胃癌中CDH1启动子高甲基化。他们说：“是吗？”（见图1）！结论明确；仍需验证。 p < 0.05。"
    assert sentences(text) == [
        "胃癌中CDH1启动子高甲基化。", "他们说：“是吗？”", "（见图1）！", "结论明确；", "仍需验证。", "p < 0.05。",
    ]  # fmt: skip


def test_list_items_and_paragraphs_are_sentences_of_their_own():
    text = "Methods:\n- bisulfite sequencing\n- arrays\n1. first\n2) second\n# Heading\n\nno full stop\n\nlast"
    assert sentences(text) == [
        "Methods:", "- bisulfite sequencing", "- arrays", "1. first", "2) second", "# Heading",
        "no full stop", "last",
    ]  # fmt: skip


def test_a_wrapped_line_does_not_end_a_sentence():
    assert sentences("The promoter was\nmethylated in\n14 of 21 tumours.") == [
        "The promoter was\nmethylated in\n14 of 21 tumours."
    ]


def test_a_full_stop_at_the_end_of_a_line_ends_a_sentence_though_a_small_letter_follows():
    lines = ["maspin is hypomethylated in carcinoma.", "vimentin is not."]
    assert sentences("\n".join(lines)) == lines


def test_a_title_without_full_stop_is_set_apart_by_its_section():
    title, rest = "MLH1 in colorectal cancer", "hypermethylation explains it."
    assert sentences(f"{title}\n{rest}", [len(title) + 1]) == [title, rest]


def test_every_finding_of_the_starter_corpus_is_one_sentence():
    for paper in starter_papers():
        found = sentences(paper.text, (section.start for section in paper.sections))
        lines = [line for section in paper.sections[1:] for line in paper.text[section.start : section.end].split("\n")]
        assert [line for line in lines if line not in found] == []


@pytest.mark.parametrize("unit", ["ACGT", ". ", " ", "\n", '."', "(", "。", ". a", "\n- "])
def test_a_long_text_without_sense_takes_no_time(unit):
    sentence_spans(unit * 100_000)
