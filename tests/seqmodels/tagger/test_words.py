"""Words and their pieces: every character that is not white space belongs to one word, and offsets are exact."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.tagger.reading import STRETCH, Reading
from seqmodels.tagger.spelling import LONGEST, characters_of
from seqmodels.tagger.words import pieces_of, spread, word_spans

TEXTS = st.text(
    st.sampled_from("abZ09 -_.,()\n\tαβΔ甲基化éﬁ\u200b\x00½") | st.characters(exclude_categories=("Cs",)), max_size=60
)


@given(TEXTS)
@settings(deadline=None)
def test_words_hold_all_that_is_not_white_space_once_and_in_order(text):
    spans = word_spans(text)
    covered = [at for start, end in spans for at in range(start, end)]
    assert covered == [at for at, letter in enumerate(text) if not letter.isspace()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p16(INK4A)-methylated", ["p16", "(", "INK4A", ")", "-", "methylated"]),
        ("hMLH1 and anticancer drugs", ["h", "MLH1", "and", "anti", "cancer", "drugs"]),
        ("ER-α β-catenin", ["ER", "-", "α", "β", "-", "catenin"]),
        ("甲基化 RASSF1A", ["甲", "基", "化", "RASSF1A"]),
        ("hTERT histone mTOR", ["hTERT", "histone", "mTOR"]),
    ],
)
def test_words_are_parted_where_names_begin_and_end(text, words):
    assert [text[start:end] for start, end in word_spans(text)] == words


@given(st.lists(TEXTS, min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_every_word_has_a_first_piece_of_its_own(tokenizer, texts):
    rows = [[text[start:end] for start, end in word_spans(text)] for text in texts]
    pieces = pieces_of(tokenizer, rows)
    for number, row in enumerate(rows):
        owners = pieces.owners.row(number).tolist()
        assert len(set(owners)) == len(row)
        assert owners == sorted(owners)
        assert pieces.inputs["words"].row(number).nonzero()[:, 0].tolist() == owners
        assert min(owners, default=1) > 0
        assert max(owners, default=0) < len(pieces.ids.row(number)) - 1


def test_pieces_are_those_that_the_tokenizer_itself_makes(tokenizer):
    text = "Hypermethylation of RASSF1A (3p21.3) in naïve β-cells."
    words = [text[start:end] for start, end in word_spans(text)]
    assert pieces_of(tokenizer, [words]).ids.row(0).tolist() == tokenizer(text)["input_ids"]


def test_a_ligature_reads_as_its_letters_and_a_control_character_as_an_unknown_word(tokenizer):
    same, ligature, unknown = (pieces_of(tokenizer, [[word]]).ids.row(0).tolist() for word in ("five", "ﬁve", "\x00"))
    assert ligature == same
    assert unknown[1:-1] == [tokenizer.unk_token_id]


def test_what_is_said_of_words_lies_on_their_first_pieces(tokenizer):
    pieces = pieces_of(tokenizer, [["RASSF1A", "is"], ["methylated"]])
    laid = spread(pieces, [torch.tensor([7, 8]).numpy(), torch.tensor([9]).numpy()], -100)
    for row, said in ((0, [7, 8]), (1, [9])):
        assert laid.row(row)[pieces.owners.row(row).long()].tolist() == said
    assert int((laid.values != -100).sum()) == 3


def test_letter_case_digits_and_greek_letters_are_told_apart():
    p16, upper, greek, han, long = characters_of(["p16", "P16", "α", "甲", "x" * 30])
    assert p16[0] != upper[0]
    assert (p16[1:] == upper[1:]).all()
    assert len({int(greek[0]), int(han[0]), int(p16[0])}) == 3
    assert (p16[3:] == 0).all()
    assert (long > 0).all()
    assert len(long) == LONGEST


@given(st.lists(st.sampled_from(["methylation", "of", "the", ".", "RASSF1A", "x" * 300, "a\n"]), max_size=400))
@settings(deadline=None, max_examples=20)
def test_stretches_hold_every_word_once_and_fit_the_model(tokenizer, words):
    reading = Reading.of(" ".join(words), tokenizer)
    stretches = list(reading.stretches())
    assert [at for stretch in stretches for at in stretch] == list(range(len(reading.spans)))
    assert all(reading.counts[stretch.start : stretch.stop].sum() <= STRETCH for stretch in stretches)


def test_a_stretch_ends_with_a_sentence_where_one_ends_near_its_end(tokenizer):
    reading = Reading.of("Silencing of genes by methylation is common in cancer . " * 40, tokenizer)
    assert all(reading.words[stretch.stop - 1] == "." for stretch in reading.stretches())


def test_a_trigger_is_judged_with_its_neighbours_and_the_title(tokenizer):
    text = "RASSF1A in cancer.\n" + "Nothing is said here. " * 60 + "Its promoter was non-methylated."
    reading = Reading.of(text, tokenizer)
    [trigger] = reading.triggers()
    around = reading.around(trigger)
    assert around == sorted(set(around))
    shown = [reading.words[at] for at in around]
    assert shown[0] == "RASSF1A"
    assert shown[-6:] == ["promoter", "was", "non", "-", "methylated", "."]
    assert text[slice(*reading.trigger_span(trigger))] == "non-methylated"


def test_a_span_of_characters_is_covered_by_the_words_that_it_touches(tokenizer):
    reading = Reading.of("the E-cadherin gene", tokenizer)
    assert [reading.words[at] for at in reading.covered(4, 14)] == ["E", "-", "cadherin"]
    assert [reading.words[at] for at in reading.covered(6, 7)] == ["cadherin"]
    assert not reading.covered(3, 4)
