import hashlib
import json
import time
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora import genes

STARTER = Path(__file__).parents[3] / "shared" / "data" / "starter" / "papers.jsonl"
ROWS = [line.split("\t") for line in (files("corpora") / "data" / "genes.tsv").read_text("utf-8").splitlines()[1:]]
SYMBOLS = [row[0] for row in ROWS]
ABSTRACT = (
    "Promoter hypermethylation of p16/CDKN2A, hMLH1 and E-cadherin (CDH1) was studied by methylation-specific PCR in "
    "120 gastric carcinomas. RARβ2, DAP-kinase and 14-3-3 sigma were methylated in 45%, 30% and 22% of tumours. "
) * 7


def found(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(mention.text, mention.symbols) for mention in genes.mentions(text)]


def split(cell: str) -> list[str]:
    return [name for name in cell.split("|") if name]


# the table


def test_the_table_has_five_columns_and_no_symbol_twice():
    assert {len(row) for row in ROWS} == {5}
    assert len(set(SYMBOLS)) == len(SYMBOLS) > 450


def test_the_rows_stand_in_alphabetical_order():
    assert sorted(SYMBOLS, key=lambda symbol: (symbol.lower(), symbol)) == SYMBOLS


def test_every_written_name_leads_back_to_its_symbol():
    lost = [
        (symbol, name)
        for symbol, aliases, chinese, _, asked in ROWS
        for name in (symbol, *split(aliases), *split(chinese), *split(asked))
        if symbol not in genes.symbols(name)
    ]
    assert lost == []


def test_no_row_repeats_a_name_or_pads_one_with_spaces():
    for symbol, aliases, chinese, _, asked in ROWS:
        names = [symbol, *split(aliases), *split(chinese)]
        assert len(set(names)) == len(names), symbol
        assert all(name == name.strip() for name in names + split(asked)), symbol


def test_names_that_are_matched_as_written_are_names_of_their_row():
    assert [row[0] for row in ROWS if not set(split(row[3])) <= {row[0], *split(row[1])}] == []


def test_a_symbol_is_the_first_meaning_of_itself():
    assert [symbol for symbol in SYMBOLS if genes.symbols(symbol)[0] != symbol] == []
    assert [symbol for symbol in SYMBOLS if genes.aliases(symbol)[0] != symbol] == []


def test_every_gene_of_the_starter_corpus_is_known():
    if not STARTER.exists():
        pytest.skip("../shared/data/starter is not here")
    papers = [json.loads(line) for line in STARTER.read_text("utf-8").splitlines()]
    assert [gene for paper in papers for gene in paper["genes"] if not genes.symbols(gene)] == []


def test_the_hash_is_that_of_the_data_file():
    assert genes.table_hash() == hashlib.sha256((files("corpora") / "data" / "genes.tsv").read_bytes()).hexdigest()


# what a name means


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("p16", "CDKN2A"),
        ("p16INK4a", "CDKN2A"),
        ("INK4A", "CDKN2A"),
        ("p14ARF", "CDKN2A"),
        ("hMLH1", "MLH1"),
        ("E-cadherin", "CDH1"),
        ("RARbeta2", "RARB"),
        ("RAR-beta2", "RARB"),
        ("RARβ2", "RARB"),
        ("DAPK", "DAPK1"),
        ("DAP-kinase", "DAPK1"),
        ("ER", "ESR1"),
        ("ERalpha", "ESR1"),
        ("ERα", "ESR1"),
        ("p53", "TP53"),
        ("c-myc", "MYC"),
        ("14-3-3σ", "SFN"),
        ("SEPT9", "SEPTIN9"),
        ("FAM19A4", "TAFA4"),
        ("C/EBPδ", "CEBPD"),
        ("Dnmt3b", "DNMT3B"),
        ("17βHSD-1", "HSD17B1"),
        ("上皮钙黏蛋白", "CDH1"),
        ("retinoblastoma", "RB1"),
        ("FLC", "FLC"),
        ("hDNMT1", "DNMT1"),
    ],
)
def test_written_names_mean_their_symbol(name, symbol):
    assert genes.symbols(name) == (symbol,)


@pytest.mark.parametrize(
    ("name", "symbols"),
    [
        ("p14", {"CDKN2A", "LAMTOR2", "SF3B6"}),
        ("MTS1", {"CDKN2A", "S100A4"}),
        ("NF-κB", {"NFKB1", "RELA"}),
        ("CAP", {"CAP1", "SERPINB6"}),
        ("CDH1", {"CDH1", "FZR1"}),
        ("DNMTs", {"DNMT1", "DNMT3A", "DNMT3B"}),
    ],
)
def test_an_ambiguous_name_means_all_of_its_symbols(name, symbols):
    assert set(genes.symbols(name)) == symbols


@pytest.mark.parametrize("word", ["MET", "CAT", "REST", "IMPACT", "CLOCK", "MAX", "KIT", "ER", "AR"])
def test_an_english_word_is_a_gene_in_capitals_only(word):
    assert genes.symbols(word)
    assert genes.symbols(word.lower()) == genes.symbols(word.capitalize()) == ()


def test_a_name_that_differs_only_in_case_keeps_its_own_meaning():
    assert genes.symbols("pRb") == ("RB1",)
    assert genes.symbols("PR-B") == ("PGR",)


@pytest.mark.parametrize("name", ["", " ", "-", "unheard-of", "the", "lamina", "DNA"])
def test_an_unknown_name_means_nothing(name):
    assert genes.symbols(name) == ()


def test_an_unknown_symbol_has_no_aliases():
    assert genes.aliases("p16") == ()
    assert {"p16", "p16INK4a", "p14ARF"} <= set(genes.aliases("CDKN2A"))


# names in running text


def test_names_are_found_with_their_span():
    mentions = list(genes.mentions(ABSTRACT))
    assert all(ABSTRACT[mention.start : mention.end] == mention.text for mention in mentions)
    assert [mention.text for mention in mentions][:7] == [
        "p16", "CDKN2A", "hMLH1", "E-cadherin", "CDH1", "RARβ2", "DAP-kinase",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("p53-mutant and hMLH1-deficient lines", ["p53", "hMLH1"]),
        ("p16INK4a silencing", ["p16INK4a"]),
        ("p16(INK4A) and p14(ARF)", ["p16", "INK4A", "p14", "ARF"]),
        ("the estrogen receptor alpha gene", ["estrogen receptor alpha"]),
        ("RAR beta 2, RAR-beta2 and RARβ2", ["RAR beta 2", "RAR-beta2", "RARβ2"]),
        ("BRAFV600E tumours, KRAS G12D", ["BRAF", "KRAS"]),
        ("loss of DNMTs and HDACs", ["DNMT", "HDAC"]),
        ("PARP 1 and interleukin 6", ["PARP 1", "interleukin 6"]),
        ("anti-PD-1 with PD-L1/PD-L2", ["PD-1", "PD-L1", "PD-L2"]),
        ("BCR-ABL, not BCR and ABL", ["BCR-ABL", "BCR", "ABL"]),
        ("hsa-miR-34a-5p", ["miR-34a"]),
        ("检测MGMT启动子和p16基因", ["MGMT", "p16"]),
        ("ER–positive", ["ER"]),
        ("K-RAS\u2011mutated", ["K-RAS"]),
    ],
)
def test_names_are_recognised_as_papers_write_them(text, names):
    assert [name for name, _ in found(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "We met the rest; the cat was set at twelve o'clock and had an impact.",
        "Sept 9, 2008, a hepatitis C kit",
        "her 2 children, a trap on a pole in the lamina",
        "retinoblastoma and breast cancer 1 year after diagnosis",
        "snail, slug, twist, rank, notch, trail, star, chip, large",
        "mRNA of p16x and xMGMT",
        "the mesenchymal stem cells (MSC) and event-free survival (EFS)",
        "",
    ],
)
def test_ordinary_english_holds_no_gene(text):
    assert found(text) == []


def test_an_abstract_is_read_in_less_than_a_millisecond():
    list(genes.mentions(ABSTRACT))
    seconds = []
    for _ in range(20):
        begun = time.process_time()
        list(genes.mentions(ABSTRACT[:1500]))
        seconds.append(time.process_time() - begun)
    assert min(seconds) < 0.001


@given(st.sampled_from(SYMBOLS), st.sampled_from(["(", " ", "/", ";", ",", "基因"]))
def test_a_name_is_found_between_any_separators(symbol, separator):
    mentions = list(genes.mentions(f"the{separator}{symbol}{separator}promoter"))
    by_name_only = symbol in split(ROWS[SYMBOLS.index(symbol)][4])
    assert by_name_only or [symbol in mention.symbols for mention in mentions] == [True]


@given(st.text(alphabet=st.sampled_from("ps53 -16MLHbetaβ/().的"), max_size=60))
def test_mentions_are_ordered_disjoint_slices_of_whole_words(text):
    end = 0
    for mention in genes.mentions(text):
        assert end <= mention.start < mention.end
        assert text[mention.start : mention.end] == mention.text
        assert not text[mention.start - 1 : mention.start].isalnum() or text[mention.start - 1] == "的"
        assert mention.symbols
        end = mention.end
