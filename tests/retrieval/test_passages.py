"""Passages: whole sentences, evenly filled, in the window of the encoder."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.paper import Paper, Section
from corpora.starter import starter_papers
from retrieval.passages import passages
from retrieval.sentences import sentence_spans
from seqmodels.encoder import WINDOW_TOKENS, bundled_tokenizer

ROOM = WINDOW_TOKENS - 2
PUBMEDQA = Path(__file__).parents[3] / "shared" / "data" / "pubmedqa" / "train.jsonl.gz"

WORDS = [
    "methylation",
    "RASSF1A",
    "p53",
    "of",
    "β-catenin",
    "甲基化",
    "。",
    "hypermethylated",
    "🧬",
    "in",
    "0.05",
    "\n\n",
    "x" * 120,
]
sentence = st.lists(st.sampled_from(WORDS), min_size=1, max_size=90).map(lambda words: " ".join(words) + ". ")
prose = st.lists(sentence, max_size=12).map("".join)


def paper(text, starts=()):
    return Paper(
        text=text, kind="abstract", sections=[Section(name=None, start=at, end=at + 1) for at in sorted(starts)]
    )


def pieces(text):
    return len(bundled_tokenizer().encode(text, add_special_tokens=False).ids)


def sizes(text):
    return [pieces(text[passage.start : passage.end]) for passage in passages(paper(text))]


def of_length(*lengths):
    """A text whose sentences have these lengths in word pieces."""
    return " ".join(" ".join(["Gene", *["gene"] * (length - 2)]) + "." for length in lengths)


def check_law(document):
    """Every sentence exactly once and in order; each passage in the window unless it is one sentence."""
    text = document.text
    cut = passages(document)
    assert [span for passage in cut for span in passage.sentences] == sentence_spans(
        text, (section.start for section in document.sections)
    )
    for passage in cut:
        assert (passage.start, passage.end) == (passage.sentences[0][0], passage.sentences[-1][1])
        assert len(passage.sentences) == 1 or pieces(text[passage.start : passage.end]) <= ROOM


@given(st.one_of(st.text(min_size=1), prose).filter(str.strip), st.lists(st.integers(0, 300), unique=True))
def test_passages_hold_every_sentence_once_and_fit_the_window(text, starts):
    check_law(paper(text, starts))


@settings(max_examples=50)
@given(st.lists(st.integers(3, 200), min_size=1, max_size=40))
def test_passages_are_no_more_than_needed_and_none_is_a_leftover(lengths):
    check_law(paper(of_length(*lengths)))
    found = sizes(of_length(*lengths))
    assert sum(found) == sum(lengths)
    longest = max(lengths)
    # As even as whole sentences allow: a passage may differ from the mean by one sentence, not by a drift of many.
    assert len(found) <= math.ceil(sum(lengths) / max(1, ROOM - longest))
    if len(found) > 1:
        assert min(found) + longest >= sum(lengths) / len(found) - longest


def test_sentences_of_equal_length_leave_no_short_rest():
    assert sizes(of_length(*[50] * 13)) == [200, 250, 200]


def test_a_text_that_fits_is_one_passage():
    assert sizes(of_length(100, 100, 54)) == [254]
    assert len(sizes(of_length(100, 100, 55))) == 2
    assert sizes(of_length(200, 100, 200)) == [200, 100, 200]


def test_a_sentence_of_400_words_is_one_passage_and_its_end_counts(embedder):
    long = "The methylated genes were " + ", ".join(["RASSF1A", "CDKN2A"] * 200)
    texts = [f"{long} in lung cancer.", f"{long} in wheat leaves."]
    cut = [passages(paper(text)) for text in texts]
    assert [len(found) for found in cut] == [1, 1]
    assert cut[0][0].end == len(texts[0])
    lung, wheat = (encoded.passage for encoded in embedder.encode(texts, [(), ()]))
    assert not np.allclose(lung, wheat, atol=1e-3)


def test_the_starter_corpus_keeps_the_law():
    for document in starter_papers():
        check_law(document)


@pytest.mark.skipif(not PUBMEDQA.exists(), reason=f"{PUBMEDQA} is not here")
def test_most_abstracts_exceed_the_window_and_lose_nothing():
    with gzip.open(PUBMEDQA, "rt", encoding="utf-8") as lines:
        texts = ["\n".join(json.loads(line)["contexts"]) for line in lines]
    longer = [text for text in texts if pieces(text) > ROOM]
    assert len(longer) / len(texts) > 0.5
    for text in texts:
        check_law(paper(text))
    cut = [sizes(text) for text in longer]
    assert all(len(found) > 1 for found in cut)
    assert np.mean([min(found) < 0.4 * max(found) for found in cut]) < 0.02


def with_table(before, rows, after):
    """A paper whose table of rows stands between two stretches of prose."""
    table = "\n".join(rows)
    text = f"{before}\n{table}\n{after}"
    start = len(before) + 1
    end = start + len(table)
    sections = (
        Section(name=None, start=0, end=len(before)),
        Section(name="Table 1", start=start, end=end, kind="table"),
        Section(name=None, start=end + 1, end=len(text)),
    )
    return Paper(text=text, kind="full text", sections=sections)


def test_a_table_is_a_passage_of_its_own_and_its_rows_are_sentences():
    document = with_table("RASSF1A was studied.", ["gene\tmethylated", "RASSF1A\t12 of 40"], "It was lost in most.")
    cut = passages(document)
    assert [document.text[passage.start : passage.end] for passage in cut] == [
        "RASSF1A was studied.",
        "gene\tmethylated\nRASSF1A\t12 of 40",
        "It was lost in most.",
    ]
    assert [document.text[start:end] for start, end in cut[1].sentences] == ["gene\tmethylated", "RASSF1A\t12 of 40"]


def test_two_captions_share_no_passage():
    text = "Figure 1. Survival.\nFigure 2. Methylation."
    sections = (
        Section(name="Figure 1", start=0, end=19, kind="caption"),
        Section(name="Figure 2", start=20, end=len(text), kind="caption"),
    )
    cut = passages(Paper(text=text, kind="full text", sections=sections))
    assert [text[passage.start : passage.end] for passage in cut] == text.split("\n")


@given(st.lists(sentence, min_size=1, max_size=5).map("".join), st.lists(st.sampled_from(WORDS), min_size=1), prose)
@settings(max_examples=30, deadline=None)
def test_a_long_table_is_lost_nowhere(before, cells, after):
    document = with_table(before.strip() or "x", ["\t".join(cells)] * 9, after.strip() or "x")
    spans = [span for passage in passages(document) for span in passage.sentences]
    held = "".join(document.text[start:end] for start, end in spans)
    assert spans == sorted(spans)
    assert "".join(held.split()) == "".join(document.text.split())
