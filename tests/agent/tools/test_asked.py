"""What a request says in words becomes the arguments of tools on sequences."""

import pytest

from agent.tools import asked
from agent.tools.declaration import Request
from corpora import glossary


def request_of(text: str, **more) -> Request:
    return Request(text, glossary.translate(text).english, **more)


def of_two(text: str) -> Request:
    """A request that comes with two pasted sequences."""
    kinds = {"seq1": "dna", "seq2": "dna"}
    whole = f"{text} seq1 seq2"
    return request_of(whole, handles=("seq1", "seq2"), kinds=kinds, given=frozenset(kinds), there=kinds)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("6mA sites in Arabidopsis", ["6mA"]),
        ("m6A in DNA", ["6mA"]),
        ("N6-methyladenine", ["6mA"]),
        ("N6-methyl-2'-deoxyadenosine", ["6mA"]),
        ("score every adenine", ["6mA"]),
        ("which As are methylated, score every A", ["6mA"]),
        ("甲基化腺嘌呤", ["6mA"]),
        ("给每个A打分", ["6mA"]),
        ("5hmC or 5-hydroxymethylcytosine", ["5hmC"]),
        ("羟甲基化位点", ["5hmC"]),
        ("N4-methylcytosine", ["4mC"]),
        ("4mC and 6mA", ["4mC", "6mA"]),
        ("6mA以及4mC", ["6mA", "4mC"]),
        ("4-甲基胞嘧啶", ["4mC"]),
        ("5mC", ["5mC"]),
        ("5-methylcytosine", ["5mC"]),
        ("methylation", None),
        ("a sequence of 6 MAb clones", None),
    ],
)
def test_marks_are_read_by_any_of_their_names(text, marks):
    assert asked.marks(request_of(text)) == marks


@pytest.mark.parametrize(
    ("text", "prevalence", "threshold"),
    [
        ("assume a prevalence of 0.4%", 0.004, None),
        ("with prevalence 0.02", 0.02, None),
        ("about 1 % of adenines are methylated", 0.01, None),
        ("基因组中约0.4%的腺嘌呤被甲基化", 0.004, None),
        ("甲基化比例为百分之二", None, None),
        ("甲基化比例为百分之2", 0.02, None),
        ("call sites with a threshold of 0.9", None, 0.9),
        ("only those above 0.8", None, 0.8),
        ("sites with probability over 95%", None, 0.95),
        ("概率大于0.9的位点", None, 0.9),
        ("阈值设为0.7", None, 0.7),
        ("只要80%以上的", None, 0.8),
        ("prevalence 0.01, cut-off 0.9", 0.01, 0.9),
        ("the first 100 bases of a 300 bp promoter", None, None),
        ("6mA in the 41-base windows", None, None),
    ],
)
def test_shares_are_read_with_what_they_are_of(text, prevalence, threshold):
    assert (asked.prevalence(request_of(text)), asked.threshold(request_of(text))) == (prevalence, threshold)


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("6mA in Arabidopsis:", ["seq1", "seq2"]),
        ("6mA in Arabidopsis, only seq2 please:", ["seq2"]),
        ("6mA in the second sequence:", ["seq2"]),
        ("6mA in the first one:", ["seq1"]),
        ("第二条序列的6mA", ["seq2"]),
        ("最后一条序列的6mA", ["seq2"]),
    ],
)
def test_attachments_that_words_single_out_are_meant(text, handles):
    assert asked.sequences(of_two(text)) == handles


def test_a_file_is_named_by_its_name():
    kinds = {"file1": "fasta", "file2": "fasta"}
    request = request_of(
        "scan genes.fa for 6mA file1 file2",
        handles=("file1", "file2"),
        kinds=kinds,
        given=frozenset(kinds),
        files={"file1": "other.fa", "file2": "genes.fa"},
    )
    assert asked.sequences(request) == ["file2"]


def test_what_is_attached_of_other_kinds_is_not_meant():
    request = request_of("6mA", handles=("seq1", "vcf1"), kinds={"seq1": "dna", "vcf1": "vcf"})
    assert asked.sequences(request) == ["seq1"]


def test_a_handle_that_nobody_knows_is_left_to_the_tool():
    assert asked.sequences(request_of("6mA in seq9", handles=("seq9",))) == ["seq9"]


def test_what_a_follow_up_leaves_unsaid_was_said_before():
    request = request_of("and in mouse?", before="5hmC of seq1 in human")
    assert asked.marks(request) == ["5hmC"]
    assert asked.species_names(request) == ["Mus musculus"]
