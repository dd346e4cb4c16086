"""From what the tagger says to records: every part stands in the text, and what is not said is None."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.evidence import evidence_records, record_json
from retrieval.names import Names
from retrieval.scope import sample_of
from seqmodels.tagger.tagged import Methylation, Name, Quoted, Tagged

TEXT = (
    "Silencing of p16 in gastric cancer\n"
    "Hypermethylation of p16 and E-cadherin was seen in 12 of 40 primary tumours (30%) of the colon cancer group. "
    "MLH1 was not methylated in normal mucosa."
)


def quote(words: str, which: int = 0) -> Quoted:
    start = -1
    for _ in range(which + 1):
        start = TEXT.index(words, start + 1)
    return Quoted(start, start + len(words), words)


def name(words: str, kind: str) -> Name:
    return Name(*vars(quote(words)).values(), kind)


@pytest.fixture
def records():
    trigger, denied = quote("Hypermethylation"), quote("methylated")
    events = (
        Methylation(trigger, quote("p16", 1), "hypermethylated", False, False, None, 0.9),
        Methylation(trigger, quote("E-cadherin"), "hypermethylated", False, True, quote("Hypermethylation"), 0.8),
        Methylation(denied, quote("MLH1"), "unmethylated", True, False, None, 0.7),
    )
    cancers = (name("gastric cancer", "cancer"), name("tumours", "cancer"), name("colon cancer", "cancer"))
    return evidence_records(TEXT, Tagged(cancers, events), Names())


def test_a_record_has_symbols_cancer_sample_frequency_and_the_sentence(records):
    first, second, third = records
    assert first.symbols == ("CDKN2A",)
    assert second.symbols == ("CDH1",)
    assert first.quote.text.startswith("Hypermethylation of p16")
    assert first.quote.text.endswith("group.")
    assert (first.frequency.some, first.frequency.all, first.frequency.percent) == (12, 40, 30)
    assert first.sample == "tumour"
    assert first.cancer.text == "tumours"
    assert third.sample == "normal"
    assert third.frequency is None
    assert (third.cancer.text, third.disease) == ("gastric cancer", "gastric cancer"), "else that of the title"


def test_every_part_of_the_json_stands_in_the_text(records):
    def check(part):
        if isinstance(part, dict):
            if "start" in part:
                assert TEXT[part["start"] : part["end"]] == part["text"]
            for inner in part.values():
                check(inner)

    for record in records:
        told = record_json(record)
        assert {"trigger", "gene", "status", "quote"} <= told.keys()
        check(told)


def test_a_text_of_which_nothing_is_said_has_no_records():
    assert evidence_records("", Tagged((), ()), Names()) == []


@pytest.mark.parametrize(
    ("sentence", "sample"),
    [
        ("It was methylated in AGS cell lines.", "cell line"),
        ("It was methylated in 12 tumours but not in normal mucosa.", "tumour"),
        ("In normal mucosa it was methylated.", "normal"),
        ("It was methylated in plasma of patients.", "blood"),
        ("It was methylated in mice.", "animal"),
        ("该基因在细胞系中 methylated", "cell line"),
        ("It was methylated.", None),
    ],
)
def test_the_nearest_word_tells_the_sample(sentence, sample):
    at = sentence.index("methylated")
    assert sample_of(sentence, (0, len(sentence)), (at, at + 10)) == sample


@given(st.text(max_size=80), st.data())
def test_quotes_equal_the_text_whatever_it_is(text, data):
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    span = Quoted(start, start + 1, text[start])
    event = Methylation(span, span, "methylated", False, False, None, 1.0)
    [record] = evidence_records(text, Tagged((), (event,)), Names())
    assert text[record.quote.start : record.quote.end] == record.quote.text
