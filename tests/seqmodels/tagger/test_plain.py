"""What is plainly said: the gene in the trigger's sentence, the sentence of DNA and of no protein."""

import pytest

from seqmodels.tagger.plain import plainly_said


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
    trigger, name = text.index("methylated"), text.index(gene)
    assert plainly_said(text, (trigger, trigger + 10), (name, name + len(gene))) is expected
