"""What is pasted into a message is told from what is said about it."""

import gzip
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.attachments.lifting import pasted
from corpora.starter import starter_papers

SHARED = Path(__file__).parents[3] / "shared" / "data"
DNA = "ACGTTGCAAGCTTAGCCATGACGATCGATTAGCCAGTCATGGCATTA"
RNA = DNA.replace("T", "U")
# Human p53, first 120 residues (UniProt P04637).
P53 = (
    "MEEPQSDPSVEPPLSQETFSDLWKLLPENNVLSPLPSQAMDDLMLSPDDIEQWFTEDPGP"
    "DEAPRMPEAAPPVAPAPAAPTPAAPAPAPSWPLSSSVPSQKTYQGSYGFRLGFLHSGTAK"
)
VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t12\t.\tA\tG\nchr1\t15\trs7\tA\tAT,<DEL>"


def wrapped(letters: str, width: int) -> str:
    return "\n".join(letters[i : i + width] for i in range(0, len(letters), width))


def lifted(text: str) -> list[tuple[str, str]]:
    return [(found.kind, text[found.start : found.end]) for found in pasted(text)]


@pytest.mark.parametrize(
    ("text", "kind", "content"),
    [
        (f"is {DNA} a promoter?", "dna", DNA),
        (f"序列{DNA}是启动子吗？", "dna", DNA),
        (f"is {DNA.lower()} a promoter?", "dna", DNA.lower()),
        (f"Primer 5'-{DNA}-3'.", "dna", DNA),
        (f"Can it be {DNA}? I can cut it.", "dna", DNA),
        (f"What is\n{wrapped(DNA, 10)}\nThanks", "dna", wrapped(DNA, 10)),
        (f"What is: {wrapped(DNA, 20)}\r\nThanks", "dna", wrapped(DNA, 20)),
        ("codons ATG GCC AAA TTT GGG CCC TA.", "dna", "ATG GCC AAA TTT GGG CCC TA"),
        ("can acgtacgtac gtacgtacgt gtacgtacgt can it?", "dna", "acgtacgtac gtacgtacgt gtacgtacgt"),
        ("ACGTNNNNRYACGTACGTACGTACGTACGT", "dna", "ACGTNNNNRYACGTACGTACGTACGTACGT"),
        (f"fold {RNA} please", "rna", RNA),
        (f"这条蛋白{P53}有什么结构域", "protein", P53),
        (f"What is this?\n{wrapped(P53, 50)}\nThanks", "protein", wrapped(P53, 50)),
        (f"Peptide {P53[:20]}\n{wrapped(P53[20:], 60)}", "protein", f"{P53[:20]}\n{wrapped(P53[20:], 60)}"),
        (f"{DNA}U is odd", "ambiguous sequence", f"{DNA}U"),
        (f">s1 human\n{wrapped(DNA, 20)}\nis it?", "fasta", f">s1 human\n{wrapped(DNA, 20)}"),
        (">a\nACGT\n>b\nACGTA\n\n>c\nAC-GT\nis it?", "fasta", ">a\nACGT\n>b\nACGTA\n\n>c\nAC-GT"),
        (f"Is it? >chr1:1-47\r\n{DNA}\r\n", "fasta", f">chr1:1-47\r\n{DNA}"),
        (f">p53\n{wrapped(P53, 60)}\nTHANKS A LOT", "fasta", f">p53\n{wrapped(P53, 60)}"),
        (f">s1\n{DNA} can you tell?", "fasta", f">s1\n{DNA}"),
        (f"评估：\n{VCF}\n谢谢", "vcf", VCF),
        ("Which? gene\tbeta\nTP53\t0.5\nMGMT\t0.2\nThanks", "table", "gene\tbeta\nTP53\t0.5\nMGMT\t0.2"),
        ("Predict yield: line,m1,m2\nL1,0,1\nL2,1,-1", "table", "line,m1,m2\nL1,0,1\nL2,1,-1"),
        ('预测：\nline;"m;1"\nL1;0\nL2;NA', "table", 'line;"m;1"\nL1;0\nL2;NA'),
        (f"sequence,label\n{DNA},yes\n{DNA[::-1]},no", "table", f"sequence,label\n{DNA},yes\n{DNA[::-1]},no"),
    ],
)
def test_what_is_pasted_is_lifted_whole_and_the_words_around_it_stay(text, kind, content):
    assert lifted(text) == [(kind, content)]


def test_a_sequence_as_genbank_prints_it_is_one_with_its_positions():
    origin = "gatcctccat atacaacggt atctccacct\n       31 ccgacatgag acagttaggt"
    assert lifted(f"        1 {origin}\n//") == [("dna", origin)]


def test_sequences_that_are_numbered_or_apart_are_several():
    assert [kind for kind, _ in lifted(f"1 {DNA}\n2 {DNA}")] == ["dna", "dna"]
    assert [kind for kind, _ in lifted(f"{DNA}, {RNA}; {P53}")] == ["dna", "rna", "protein"]
    assert lifted(f"{DNA}\n\n{DNA}") == [("dna", DNA), ("dna", DNA)]


@pytest.mark.parametrize(
    "text",
    [
        "Is BRCA1 or MLH1 methylated in MDA-MB-231, and ACTA2, GATA3, TAC1, CAT, GNAT1?",
        "See NM_000546.6, ENSG00000141510, rs1042522, P04637 and GSE123456.",
        "The cat can act, a gnat can cut a gut, and that taunt can count.",
        "HYPERPHENYLALANINEMIA WAS SEEN IN PATIENTS TREATED WITH PLACEBO",
        "7,12-DIMETHYLBENZANTHRACENE, phosphatidylinositol, transphosphorylation",
        "GALLBLADDER DISEASES\nPARTICIPANTS\nMEASUREMENTS\nSTATISTICAL ANALYSIS",
        "NNNNNNNNNNNNNNNNNNNNNNNN XXXXXXXXXXXXXXXXXXXXXXXX hahahahahahahahahahahaha",
        f"https://example.org/{DNA}?q={DNA} and {DNA}.fasta",
        "TATAAA boxes and the motif CACGTGACGTCACGTGCAC of 19 letters",
        "p < 0.05 and x > y\nsee Fig. 2",
        "> is this what you meant?\nThanks\n> yes\nMATERIALS",
        "Roses are red,\nviolets are blue,\nsugar is sweet,\nand so are you",
        "In 2010, we found 3, and 4\nIn 2011, we found 5, and 6\nIn 2012, not one, so far",
        "BRCA1,TP53\nMGMT,CDKN2A\nMLH1,APC",
        "gene,beta\nTP53,0.5",
        "1\t2\n3\t4\n5\t6",
        "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？",
        "",
    ],
)
def test_gene_names_accessions_words_and_sentences_stay(text):
    assert lifted(text) == []


def test_no_word_of_the_starter_papers_is_lifted_in_any_case():
    texts = [paper.text for paper in starter_papers()]
    assert [found for text in texts for found in lifted(text) + lifted(text.upper())] == []


@pytest.mark.skipif(not SHARED.exists(), reason=f"the public abstracts are not at {SHARED}")
def test_of_the_abstracts_on_epigenetics_only_the_peptide_that_one_spells_out_is_lifted():
    with gzip.open(SHARED / "bionlp_epi_2011" / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    assert len(texts) == 600
    found = [content for text in texts for _, content in lifted(text) + lifted(text.upper())]
    assert set(found) == {"GVTSAPDTRPAPGSTAPPAH"}


words = st.lists(
    st.sampled_from(
        "is the BRCA1 promoter hypermethylated? 这条序列 can act, TATA NM_000546 (p<0.05) 启动子吗？".split()
    ),
    min_size=1,
    max_size=8,
    unique=True,  # TATA five times is a sequence
).map(" ".join)
dna = st.text("ACGT", min_size=20, max_size=200)
contents = st.one_of(
    dna.map(lambda letters: ("dna", letters)),
    st.tuples(dna, st.integers(10, 70)).map(lambda drawn: ("dna", wrapped(*drawn))),
    st.tuples(dna, st.integers(10, 70)).map(lambda drawn: ("fasta", ">s1 of mine\n" + wrapped(*drawn))),
    st.integers(20, len(P53)).map(lambda length: ("protein", P53[:length])),
    st.lists(st.floats(-9, 9), min_size=2, max_size=9).map(
        lambda values: ("table", "\n".join(["gene,beta", *(f"g{i},{value:.3f}" for i, value in enumerate(values))]))
    ),
    st.just(("vcf", VCF)),
)


@given(st.lists(st.tuples(words, contents), max_size=4), words)
def test_whatever_is_pasted_between_words_is_found_in_order_with_its_kind(parts, last):
    text = "".join(f"{said}\n\n{content}\n\n" for said, (_, content) in parts) + last
    assert lifted(text) == [content for _, content in parts]


@given(st.text(st.sampled_from("ACGTUNacgtKLx >\n\t,;.#1-*是"), max_size=300))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    found = list(pasted(text))
    ends = [0, *(position for span in found for position in (span.start, span.end)), len(text)]
    assert ends == sorted(ends)
    assert all(span.start < span.end for span in found)


def million() -> str:
    return "".join(random.Random(1).choices("ACGT", k=1_000_000))


@pytest.mark.parametrize(
    "form",
    [
        lambda letters: f"is {letters} a promoter?",
        lambda letters: f">chr1\n{wrapped(letters, 60)}\nis it?",
        lambda letters: wrapped(letters, 60),
    ],
    ids=["one line", "FASTA", "many lines"],
)
def test_a_million_bases_are_found_in_less_than_a_second(form):
    text = form(million())
    began = time.process_time()
    assert len(list(pasted(text))) == 1
    assert time.process_time() - began < 1


@pytest.mark.parametrize("line", ["##fileformat=VCF\n", "a, b, c\nd, e, f\nx\n", ">\n", "ACG AC ", "ACGTACGTACX_"])
def test_no_text_makes_the_search_slower_than_its_length(line):
    text = line * (400_000 // len(line))
    began = time.process_time()
    list(pasted(text))
    assert time.process_time() - began < 2


def test_a_column_of_windows_under_its_name_is_a_table_and_no_long_sequence():
    windows = ["ACGTTGCAAGCTTAGCCATGA", "TTGCAAGCTTAGCCATGACGA", "GCTTAGCCATGACGATTTACA"]
    text = "6mA of these:\n\nsequence\n" + "\n".join(windows)
    [found] = pasted(text)
    assert found.kind == "table"
    assert text[found.start : found.end] == "sequence\n" + "\n".join(windows)


def test_a_wrapped_sequence_under_such_a_word_stays_one():
    [found] = pasted("sequence\nACGTTGCAAGCTTAGCCATGA\nTTGCAAGCTTAGCCATGACGA\nGCTTAGCC\n")
    assert found.kind == "dna"
