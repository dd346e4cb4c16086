"""A claim keeps the numbers, names, directions and denials of its quotes; what it changes is named."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.proof.facts import conflict
from agent.proof.numerals import numerals
from agent.proof.quantities import quantities, ratios
from benchmarks.mutations import (
    added_denial,
    changed_number,
    removed_denial,
    reworded,
    swapped_direction,
    swapped_gene,
)
from corpora import genes
from corpora.starter import starter_papers

QUOTE = (
    "ADAMTS1 was hypermethylated in 14 of 21 pancreatic tumours (66.7%; P=0.003) with 73% sensitivity at 94.5% "
    "specificity, whereas BNC1 was unmethylated and did not correlate with age."
)
FINDINGS = [sentence for paper in starter_papers() for sentence in paper.text.splitlines() if sentence.endswith(".")]


def borne_out(claim, *quotes):
    return conflict(claim, quotes or (QUOTE,)) is None


# Numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("16 of 17 (94.1%)", ["16", "17", "94.1"]),
        ("p<0.05 and 0·05 and .05", ["0.05", "0.05", "0.05"]),
        ("1,234 samples, 12 000 probes and 66,7 %", ["1234", "12000", "66.7"]),
        ("10,000,000 cells, 1,234.5 ng", ["10000000", "1234.5"]),
        ("3-5 years, r = -0.62", ["3", "5", "-0.62"]),
        ("a 3-year follow-up of 23mg", ["3", "23"]),
        ("twenty-three of one hundred and two", ["23", "102"]),
        ("stage IV, twofold", ["2", "4"]),
        ("17例中有16例，两个基因", ["2", "16", "17"]),
    ],
)
def test_numbers_are_read_as_they_are_written(text, values):
    assert sorted(float(numeral.value) for numeral in numerals(text)) == sorted(map(float, values))


@pytest.mark.parametrize(
    "name",
    ["p16", "HOXA9", "5-aza-2'-deoxycytidine", "miR-34a", "H3K27me3", "IL-6", "caspase 3", "18F-FDG", "MDA-MB-231"],
)
def test_a_number_inside_a_name_is_no_number(name):
    assert quantities(f"It was seen with {name} here.") == ()


def test_a_list_shares_the_unit_that_is_named_once():
    assert [quantity.shared_unit for quantity in quantities("in 10, 20 and 30% of 5 mice")] == ["%", "%", "%", ""]


@pytest.mark.parametrize("text", ["14 of 21", "14/21", "14 out of 21", "of the 21 tumours, 14 were", "21例中有14例"])
def test_parts_of_a_whole_are_read(text):
    assert [(int(ratio.part), int(ratio.whole)) for ratio in ratios(text)] == [(14, 21)]


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("seen in 66.7%", "seen in 14 of 21"),
        ("seen in 67%", "seen in 14/21"),
        ("seen in 14 of 21", "seen in 66.7% (n=21)"),
        ("seen in two-thirds", "seen in 66.7%"),
        ("seen in two of three", "seen in 2/3"),
        ("seen in 67%", "seen in 66.7%"),
        ("seen in about 70%", "seen in 68.3%"),
        ("an area of 0.92", "an area of 92%"),
        ("seen with P<0.05", "seen with P=0.003"),
        ("1,234 samples", "1234 samples"),
        ("66,7 % of them", "66.7% of them"),
        ("four genes", "4 genes"),
        ("stage 4", "stage IV"),
        ("a 3-fold rise", "a threefold rise"),
        ("one of them was seen", "some were seen"),
        ("exon 3 was lost", "exon-3 was lost"),
        ("百分之79的样本", "79% of samples"),
        ("三分之二的样本", "66.7% of samples"),
    ],
)
def test_a_number_may_be_written_in_another_way(claim, quote):
    assert borne_out(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote", "reason"),
    [
        ("seen in 76.7% of them", "seen in 66.7% of them", "the quote says 66.7%, the claim 76.7%"),
        ("73 patients were seen", "73% of the patients were seen", "the claim says 73, which no quote does"),
        ("seen with P>0.05", "seen with P<0.05", "the quote says P<0.05, the claim P>0.05"),
        ("seen with P<0.001", "seen with P=0.003", "the quote says P=0.003, the claim P<0.001"),
        ("seen in 66.6%", "seen in 14 of 21", "the claim says 66.6%, which no quote does"),
        ("seen with r = 0.62", "seen with r = -0.62", "the quote says -0.62, the claim 0.62"),
        ("five years later", "five months later", "the claim says five years, which no quote does"),
        ("five genes were seen", "four genes were seen", "the quote says four, the claim five"),
        ("seen in 14 of 21", "seen in 66.7% (n=20)", "the quote says 20, the claim 14"),
        ("20例患者", "21 patients", "the claim says 20, which no quote does"),
        ("94.5% sensitivity at 73% specificity", QUOTE, "the quote says 73%, the claim 94.5%"),
    ],
)
def test_another_number_is_named(claim, quote, reason):
    assert conflict(claim, (quote,)) == reason


def test_a_number_belongs_to_the_name_beside_it():
    quote = "MLH1 (12%), MSH2 (30%) and APC (45%) were methylated in 60 cancers (sensitivity 81%, specificity 85%)."
    assert borne_out("APC was methylated in 45% and MSH2 in 30% of 60 cancers.", quote)
    assert conflict("APC was methylated in 30% of cancers.", [quote]) == "the quote says 45% for APC, the claim 30%"
    assert conflict("The sensitivity was 85%.", [quote]) == "the quote says 81% for sensitivity, the claim 85%"


# Genes and cancers


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("CDKN2A is lost", "p16INK4a is lost"),
        ("TGF-β1 is lost", "transforming growth factor-beta 1 is lost"),
        ("AKT2 is lost", "AKT is lost"),
        ("MDA-MB231 cells", "MDA-MB-231 cells"),
        ("IKKalpha is lost", "IKK alpha is lost"),
        ("PDX models", "patient-derived xenograft models"),
        ("雌激素受体α被检测到", "ESR1 was detected"),
    ],
)
def test_a_gene_may_go_by_any_of_its_names(claim, quote):
    assert borne_out(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote", "reason"),
    [
        ("MLH1 is lost", "MSH2 is lost", "the claim names MLH1, which no quote does"),
        ("AKT2 is lost", "AKT1 is lost", "the claim names AKT2, which no quote does"),
        ("XYZW7 is lost", "XYZW8 is lost", "the claim names XYZW7, which no quote does"),
        ("MLH1在肿瘤中丢失", "MSH2 is lost in tumours", "the claim names MLH1, which no quote does"),
        (
            "BNC1 was hypermethylated in 14 of 21 pancreatic tumours",
            QUOTE,
            "the quote names ADAMTS1, the claim BNC1",
        ),
        (
            "lectin was hypermethylated in 14 of 21 pancreatic tumours",
            QUOTE,
            "the quote names ADAMTS1, the claim lectin",
        ),
    ],
)
def test_another_gene_is_named(claim, quote, reason):
    assert conflict(claim, (quote,)) == reason


def test_a_gene_may_be_spoken_of_without_its_name():
    assert borne_out("The gene was hypermethylated in 14 of 21 pancreatic tumours.")


def test_a_kind_of_cancer_may_be_called_by_the_name_of_its_class():
    assert borne_out("MLH1 is lost in lung cancer", "MLH1 is lost in NSCLC")
    assert borne_out("MLH1 is lost in lung cancer", "MLH1 is lost in tumours")


@pytest.mark.parametrize("claim", ["MLH1 is lost in colorectal cancer", "MLH1在结直肠癌中丢失"])
def test_another_cancer_is_named(claim):
    assert conflict(claim, ("MLH1 is lost in NSCLC",)) == (
        "the claim names colorectal cancer, the quote non-small cell lung cancer"
    )


# Directions


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("MLH1 is hypermethylated", "MLH1 is methylated"),
        ("MLH1 is hypermethylated", "increased methylation of MLH1"),
        ("MLH1 is hypomethylated", "reduced methylation of MLH1"),
        ("MLH1 methylation is higher", "MLH1 is hypermethylated"),
        ("MLH1 is unmethylated", "MLH1 is not methylated"),
        ("MLH1 is not methylated", "MLH1 is unmethylated"),
        ("MLH1 is unmethylated", "absence of MLH1 methylation"),
        ("MLH1 was inhibited", "MLH1 was reduced"),
        ("MLH1 fell", "MLH1 was silenced"),
        ("MLH1高甲基化", "MLH1 is hypermethylated"),
        ("MLH1表达降低", "MLH1 expression was reduced"),
    ],
)
def test_a_direction_may_be_put_in_another_way(claim, quote):
    assert borne_out(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote", "said", "quoted"),
    [
        ("MLH1 is hypomethylated", "MLH1 is hypermethylated", "hypomethylated", "hypermethylated"),
        ("MLH1 is unmethylated", "MLH1 is methylated", "unmethylated", "methylated"),
        ("MLH1 is methylated", "MLH1 is unmethylated", "methylated", "unmethylated"),
        ("MLH1 is hypomethylated", "MLH1 is unmethylated", "hypomethylated", "unmethylated"),
        ("MLH1 is demethylated", "MLH1 is methylated", "demethylated", "methylated"),
        ("MLH1 rose", "MLH1 was reduced", "rose", "reduced"),
        ("MLH1 is upregulated", "MLH1 is down-regulated", "upregulated", "down-regulated"),
        ("MLH1 is expressed", "MLH1 is silenced", "expressed", "silenced"),
        ("a positive correlation of MLH1", "an inverse correlation of MLH1", "positive", "inverse"),
        ("a good prognosis", "a poor prognosis", "good", "poor"),
        ("MLH1低甲基化", "MLH1 is hypermethylated", "hypomethylation", "hypermethylated"),
        ("MLH1表达升高", "MLH1 expression was reduced", "increased", "reduced"),
    ],
)
def test_the_other_direction_is_named(claim, quote, said, quoted):
    assert conflict(claim, (quote,)) == f"the claim says {said}, the quote {quoted}"


def test_a_state_of_methylation_must_be_said_by_a_quote():
    assert conflict("MLH1 is hypomethylated", ("MLH1 methylation was studied",)) == (
        "the claim says hypomethylated, which no quote does"
    )


def test_a_comparison_may_be_told_from_its_other_side():
    quote = "Smokers had lower AHRR methylation than never-smokers."
    assert borne_out("Never-smokers had higher AHRR methylation than smokers.", quote)
    assert not borne_out("Smokers had higher AHRR methylation than never-smokers.", quote)


def test_what_is_not_methylated_elsewhere_is_unmethylated_there():
    assert borne_out("Normal tissues were unmethylated.", "APC was methylated in cancers but not in normal tissues.")


def test_directions_that_change_places_are_noticed():
    quote = "MLH1 was upregulated in tumours, whereas MSH2 was downregulated in controls."
    claim = "MLH1 was downregulated in tumours, whereas MSH2 was upregulated in controls."
    assert conflict(claim, (quote,)) == "the claim says downregulated, the quote upregulated"


# Denials

AGE = "There was no association between MLH1 methylation and age."
CHANGE = "Overall mortality was unchanged."


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("MLH1 methylation was not associated with age.", AGE),
        ("MLH1甲基化与年龄无关", AGE),
        ("Overall mortality did not change.", CHANGE),
        ("Methylation was absent in the 12 tumours.", "None of the 12 tumours showed methylation."),
        ("MLH1 correlated with stage.", "MLH1 correlated with stage, but did not correlate with age."),
        ("NO was released by the cells.", "Nitric oxide (NO) was released by the cells."),
        ("p16 was absent.", "p16 expression was lost."),
        ("MLH1 methylation was not associated with age.", "MLH1 methylation was independent of age."),
        ("Normal tissue did not show APC methylation.", "APC was methylated in cancers but not in normal tissues."),
        ("Smokers had lower AHRR methylation.", "Smokers had lower AHRR methylation than never-smokers."),
        ("MLH1 is not only lost but mutated.", "MLH1 is lost and mutated."),
    ],
)
def test_a_denial_may_be_put_in_another_way(claim, quote):
    assert borne_out(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("MLH1 methylation was associated with age.", AGE),
        ("MLH1甲基化与年龄相关", AGE),
        ("Overall mortality changed.", CHANGE),
        ("All of the 12 tumours showed change.", "None of the 12 tumours showed change."),
        (
            "MLH1 correlated with stage, but did correlate with age.",
            "MLH1 correlated with stage, but did not correlate with age.",
        ),
        ("MLH1 needs EGF, but MSH2 does.", "MLH1 needs EGF, but MSH2 does not."),
    ],
)
def test_a_dropped_denial_is_noticed(claim, quote):
    assert conflict(claim, (quote,)) == "the quote is negated, the claim is not"


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        ("MLH1 loss was not associated with age.", "MLH1 loss was associated with age."),
        ("MLH1丢失与年龄无关", "MLH1 loss was associated with age."),
        ("Patients lacked symptoms.", "Patients had symptoms."),
        (
            "MLH1 did not correlate with stage, but did not correlate with age.",
            "MLH1 correlated with stage, but did not correlate with age.",
        ),
    ],
)
def test_an_added_denial_is_noticed(claim, quote):
    assert conflict(claim, (quote,)) == "the claim is negated, the quote is not"


# Laws over the starter corpus


@given(sentence=st.sampled_from(FINDINGS))
def test_a_sentence_bears_itself_out(sentence):
    assert conflict(sentence, [sentence]) is None


@pytest.mark.parametrize(
    "mutation",
    [
        changed_number,
        swapped_gene(sorted({mention.text for line in FINDINGS for mention in genes.mentions(line)})),
        swapped_direction,
        added_denial,
        removed_denial,
    ],
    ids=["number", "gene", "direction", "denial added", "denial removed"],
)
def test_of_changed_sentences_95_in_100_are_noticed_and_of_reworded_ones_5(mutation):
    chance = random.Random(1)
    changed = [(line, other) for line in chance.sample(FINDINGS, 500) if (other := mutation(line, chance))][:60]
    noticed = [conflict(reworded(other, chance), [line]) is not None for line, other in changed]
    mistaken = [conflict(reworded(line, chance), [line]) is not None for line, _ in changed]
    assert sum(noticed) >= 0.95 * len(changed)
    assert sum(mistaken) <= 0.05 * len(changed)
