import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.data.alphabet import as_dna, codes_of, kind_of
from seqmodels.data.errors import EmptyData, Place, WrongAlphabet
from seqmodels.data.strands import canonical, reverse_complement

IUPAC = st.text("ACGTRYSWKMBDHVNacgtryswkmbdhvn")
P53 = "MEEPQSDPSVEPPLSQETFSDLWKLLPENNVLSPLPSQAMDDLMLSPDDIEQWFTEDPGP"
SPELT_IN_CODES = "MKVHDRSWKYMDHVKRSYWDHMKVRS"


def test_case_blanks_and_uracil_have_one_form() -> None:
    assert as_dna(" acgu NNry\t") == "ACGTNNRY"
    assert as_dna("acGTu", keep_case=True) == "acGTt"


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        (P53, "this is a protein sequence (MEEPQSDPSVEP...)"),
        (SPELT_IN_CODES, "this is a protein sequence"),
        ("ACGT-ACGT", "position 5 is a gap"),
        ("ACGT1", "position 5 holds '1'"),
        ("ＡＣＧＴ", "position 1 holds 'Ａ'"),
        ("ACGTß", "position 5"),
    ],
)
def test_what_is_no_dna_is_named(letters: str, said: str) -> None:
    with pytest.raises(WrongAlphabet) as caught:
        as_dna(letters, Place("genes.fa", 7, "BRCA1"))
    assert said in str(caught.value)
    assert "genes.fa, line 7, record 'BRCA1'" in str(caught.value)
    assert caught.value.remedy


def test_an_empty_sequence_is_refused() -> None:
    with pytest.raises(EmptyData):
        as_dna(" \n")


@pytest.mark.parametrize(
    ("letters", "kind"),
    [("ACGTN", "dna"), ("acgu", "rna"), (P53, "protein"), ("RYRYRYRYRYRY", "dna"), ("12", "other"), ("", "other")],
)
def test_sequences_are_told_apart(letters: str, kind: str) -> None:
    assert kind_of(letters) == kind


def test_bases_have_numbers_and_everything_else_is_four() -> None:
    assert np.array_equal(codes_of("ACGTNacgtR-"), [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 4])


def test_the_other_strand_is_complemented_and_turned_round() -> None:
    assert reverse_complement("AACGTN") == "NACGTT"
    assert reverse_complement("acRYSWKMBDHVN") == "NBDHVKMWSRYgt"


@given(IUPAC)
def test_the_reverse_complement_of_the_reverse_complement_is_the_sequence(sequence: str) -> None:
    assert reverse_complement(reverse_complement(sequence)) == sequence


@given(IUPAC)
def test_both_strands_have_the_same_canonical_form(sequence: str) -> None:
    assert canonical(sequence) == canonical(reverse_complement(sequence)) in (sequence, reverse_complement(sequence))
