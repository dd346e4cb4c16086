"""Species are found by any of their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.species import mentions, named, species


@pytest.mark.parametrize(
    ("written", "latin"),
    [
        ("Arabidopsis", "Arabidopsis thaliana"),
        ("A. thaliana", "Arabidopsis thaliana"),
        ("a.thaliana", "Arabidopsis thaliana"),
        ("A_thaliana", "Arabidopsis thaliana"),
        ("拟南芥", "Arabidopsis thaliana"),
        ("擬南芥", "Arabidopsis thaliana"),
        ("baker’s yeast", "Saccharomyces cerevisiae"),
        ("fission yeast", "Schizosaccharomyces pombe"),
        ("T.thermophile", "Tetrahymena thermophila"),
        ("Xoc_BLS256", "Xanthomonas oryzae pv. oryzicola BLS256"),
        ("水稻", "Oryza sativa"),
        ("人", "Homo sapiens"),
    ],
)
def test_a_species_has_one_latin_name_however_it_is_written(written, latin):
    assert species(written) == latin


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("score every adenine for 6mA in Arabidopsis", ["Arabidopsis thaliana"]),
        ("6mA_A.thaliana", ["Arabidopsis thaliana"]),
        ("compare the human and the mouse model", ["Homo sapiens", "Mus musculus"]),
        ("在人和小鼠中比较5hmC", ["Homo sapiens", "Mus musculus"]),
        ("病人的血液样本", []),
        ("人工合成的序列", []),
        ("裂殖酵母，不是酿酒酵母", ["Schizosaccharomyces pombe", "Saccharomyces cerevisiae"]),
        ("水稻条斑病菌的4mC", ["Xanthomonas oryzae pv. oryzicola BLS256"]),
        ("humane treatment of grapes' cousins, pricey", ["Vitis vinifera"]),
        ("Rice, rice and rice", ["Oryza sativa"]),
    ],
)
def test_a_text_names_species_in_its_order_the_longest_name_first(text, latin):
    assert list(named(text)) == latin


def test_a_name_that_nobody_knows_is_none():
    assert species("Tyrannosaurus rex") is None


@given(st.text(max_size=60))
def test_what_is_mentioned_stands_in_the_text_and_is_known(text):
    for mention in mentions(text):
        assert species(text[mention.start : mention.end]) == mention.name
