"""What papers say of methylation: curated rows as they stand in digests, and what a tagger finds beside them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.paper import Paper, Section
from retrieval.evidence_reading import EvidenceReader
from retrieval.finding import FINDING


def digest(prose, *rows):
    text = "\n".join([prose, *rows])
    start = len(prose) + 1
    return Paper(text=text, kind="digest", sections=(Section(name="methylation", start=start, end=len(text)),))


@pytest.fixture
def reads(spotter):
    """The findings of one paper."""
    return lambda paper: EvidenceReader(spotter()).read([paper])[0]


def abstract(text):
    return Paper(text=text, kind="abstract")


def test_curated_rows_of_the_starter_corpus_enter_as_they_are_and_quote_their_sentences(starter):
    found = EvidenceReader().read(starter)
    rows = [(paper, row) for paper, findings in zip(starter, found, strict=True) for row in findings]
    assert len(rows) == 295
    for paper, row in rows:
        assert paper.text[row.start : row.end] == row.quote
        assert paper.text[slice(*row.gene_place)] == row.gene
        assert row.quote.startswith(f"{row.gene} is {row.status}")
        assert row.source == "curated"
    statuses = [row.status for _, row in rows]
    assert {status: statuses.count(status) for status in set(statuses)} == {
        "hypermethylated": 185, "methylated": 45, "hypomethylated": 35, "unmethylated": 23,
        "differentially methylated": 7,
    }  # fmt: skip
    assert {row.sign for _, row in rows if row.status == "differentially methylated"} == {None}


@pytest.mark.parametrize(
    ("row", "disease", "words", "sample", "frequency"),
    [
        ("p16 is methylated in gastric cancer: 25 of 61 (40.9%).", "gastric cancer", None, "tumour", (25, 61, 40.9)),
        ("p16 is methylated in hepatoma cell line HepG2.", "hepatocellular carcinoma", "hepatoma", "cell line", None),
        ("p16 is methylated in peripheral blood mononuclear cells.", None, None, "blood", None),
        ("p16 is methylated in mouse skin tumours: 4/8 (50%).", "skin cancer", "skin tumours", "animal", (4, 8, 50)),
        ("p16 is unmethylated in normal kidney.", None, "normal kidney", "normal", None),
        ("p16 is methylated in gastric cancer (serum DNA).", "gastric cancer", None, "blood", None),
        ("p16 is methylated in gastric cancer (stool): 9.5%.", "gastric cancer", None, None, (None, None, 9.5)),
        ("p16 is methylated in gastric cancer: 16 of 17 tumours, 2 of 3 sera.", "gastric cancer", None, "tumour", None),
        ("p16 is methylated.", None, None, None, None),
    ],
)
def test_a_curated_row_tells_disease_sample_and_frequency(row, disease, words, sample, frequency):
    (found,) = EvidenceReader().read([digest("T", row)])[0]
    assert (found.disease, found.sample) == (disease, sample)
    assert words is None or found.disease_text == words
    assert (found.some, found.all, found.percent) == (frequency or (None, None, None))
    assert found.symbols == ("CDKN2A",)


def test_a_tagger_does_not_tell_again_what_a_curated_row_tells(reads):
    paper = digest(
        "p16 was hypermethylated. MLH1 was hypomethylated.", "p16 is methylated in X.", "MLH1 is methylated."
    )
    assert [(row.gene, row.sign, row.source) for row in reads(paper)] == [
        ("MLH1", "-", "tagger"), ("p16", "+", "curated"), ("MLH1", "+", "curated"),
    ]  # fmt: skip


def test_a_tagger_reads_nothing_of_the_curated_rows_themselves(reads):
    assert {row.source for row in reads(digest("Nothing.", "p16 is methylated in X, MLH1 is hypomethylated."))} == {
        "curated"
    }


@pytest.mark.parametrize(
    "text",
    ["Nothing is said.", "\n \n.", "甲基化与胃癌。", "The p16 gene was mutated.", "ﬁrst eﬀects α β γ"],
)
def test_a_text_that_says_nothing_has_no_findings(reads, text):
    assert reads(abstract(text)) == []


@pytest.mark.parametrize(
    ("text", "gene", "disease"),
    [
        ("胃癌组织中 CDH1 启动子 hypermethylated。CDH1 表达降低。", "CDH1", "gastric cancer"),
        ("In gastric cancer TGFβ and RARB were α-speciﬁcally hypermethylated (ﬁgure 1).", "RARB", "gastric cancer"),
    ],
)
def test_greek_letters_ligatures_and_chinese_are_quoted_as_they_stand(reads, text, gene, disease):
    row = next(row for row in reads(abstract(text)) if row.gene == gene)
    assert text[row.start : row.end] == row.quote
    assert (row.disease, row.status) == (disease, "hypermethylated")


def test_a_paragraph_of_two_megabytes_gives_quotes_that_can_be_read(reads):
    text = ("in 14 of 21 samples of gastric cancer RASSF1A was hypermethylated " + "and so on " * 1330) * 150
    assert len(text) > 2_000_000
    found = reads(abstract(text))
    assert len(found) == 150
    for row in found:
        assert text[row.start : row.end] == row.quote
        assert len(row.quote) <= 1100
        assert (row.some, row.all, row.disease) == (14, 21, "gastric cancer")
        assert "RASSF1A was hypermethylated" in row.quote
        assert (row.quote[0], row.quote[-1]) != (" ", " ")


@given(st.lists(st.sampled_from(["p16 ", "MLH1", " was hypermethylated", ". ", "\n", "胃癌", "gastric cancer ", "β"])))
def test_whatever_is_read_stands_in_the_text_and_comes_back_from_its_json(spotter, words):
    text = "".join(words)
    if not text.strip():
        return
    for row in EvidenceReader(spotter()).read([abstract(text)])[0]:
        assert text[row.start : row.end] == row.quote
        assert text[slice(*row.gene_place)] == row.gene
        assert row.start <= row.place[0] < row.place[1] <= row.end
        assert FINDING.validate_json(FINDING.dump_json(row)) == row


def test_the_producer_changes_with_the_tagger_and_the_users_table_of_genes(spotter, tmp_path):
    plain = EvidenceReader(spotter(), tmp_path).producer
    assert EvidenceReader(spotter(), tmp_path).producer == plain
    (tmp_path / "hgnc_complete_set.txt").write_text("symbol\tname\nABC1\tone\n")
    others = [EvidenceReader(spotter("other")), EvidenceReader(), EvidenceReader(spotter(), tmp_path)]
    assert len({plain, *(reader.producer for reader in others)}) == 4
    assert others[2].names.symbols("ABC1") == ("ABC1",)
