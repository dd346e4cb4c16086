"""Overlapping k-mers as tokens, as DNABERT reads them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.errors import ModelError
from seqmodels.tokenizers.kmers import KmerTokenizer, kmer_vocabulary

# The first and last k-mers of the published vocab.txt of DNABERT-3.
FIRST = "AAA AAT AAC AAG ATA ATT ATC ATG ACA ACT ACC ACG AGA AGT AGC AGG TAA".split()
LAST = "GCA GCT GCC GCG GGA GGT GGC GGG".split()


@pytest.mark.parametrize("k", [3, 4, 5, 6])
def test_the_vocabulary_is_the_published_one(k):
    tokens = kmer_vocabulary(k)
    assert len(tokens) == 4**k + 5
    assert tokens[:6] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "A" * k]
    assert tokens[-1] == "G" * k
    assert [KmerTokenizer(k=k).get_vocab()[token] for token in tokens[:9]] == list(range(9))


def test_three_mers_stand_in_the_published_order():
    tokens = kmer_vocabulary(3)
    assert tokens[5 : 5 + len(FIRST)] == FIRST
    assert tokens[-len(LAST) :] == LAST


@given(st.text(alphabet="ACGTNacgt-é", max_size=60), st.integers(3, 6), st.booleans())
def test_each_window_of_k_letters_is_one_token(text, k, fold_case):
    tokenizer = KmerTokenizer(k=k, fold_case=fold_case)
    numbers = {token: number for number, token in enumerate(kmer_vocabulary(k))}
    read = text.upper() if fold_case else text
    windows = [read[start : start + k] for start in range(len(text) - k + 1)]
    assert tokenizer(text)["input_ids"] == [2, *(numbers.get(window, 1) for window in windows), 3]


@given(st.text(alphabet="ACGTN", min_size=4, max_size=40))
def test_k_mers_that_are_already_cut_are_read_as_they_stand(text):
    tokenizer = KmerTokenizer(k=4)
    cut = " ".join(text[start : start + 4] for start in range(len(text) - 3))
    assert tokenizer(cut)["input_ids"] == tokenizer(text)["input_ids"]


def test_masked_k_mers_are_read():
    assert KmerTokenizer(k=3)("AAA [MASK] AAT")["input_ids"] == [2, 5, 4, 6, 3]


def test_offsets_say_which_bases_a_token_covers():
    tokenizer = KmerTokenizer(k=3)
    batch = tokenizer(["ACGTA", "ACG"], return_offsets_mapping=True, padding=True)
    assert batch["offset_mapping"][0] == [(0, 0), (0, 3), (1, 4), (2, 5), (0, 0)]
    assert batch["offset_mapping"][1] == [(0, 0), (0, 3), (0, 0), (0, 0), (0, 0)]
    assert batch["attention_mask"][1] == [1, 1, 1, 0, 0]
    assert batch["token_type_ids"][0] == [0] * 5


def test_sequences_shorter_than_k_have_no_token():
    assert KmerTokenizer(k=6)(["ACGTA", ""])["input_ids"] == [[2, 3], [2, 3]]


def test_long_sequences_are_cut_to_the_models_length():
    cut = KmerTokenizer(k=3)("ACGT" * 300, truncation=True, max_length=512)["input_ids"]
    assert len(cut) == 512
    assert (cut[0], cut[-1]) == (2, 3)


def test_what_is_saved_comes_back_and_is_the_published_form(tmp_path):
    KmerTokenizer(k=4, fold_case=True).save_pretrained(tmp_path)
    assert (tmp_path / "vocab.txt").read_text().split() == kmer_vocabulary(4)
    loaded = KmerTokenizer.from_pretrained(tmp_path)
    assert (loaded.k, loaded.fold_case) == (4, True)
    assert loaded("acgta")["input_ids"] == KmerTokenizer(k=4)("ACGTA")["input_ids"]


def test_k_follows_from_a_published_vocabulary(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(kmer_vocabulary(5)) + "\n")
    assert KmerTokenizer.from_pretrained(tmp_path).k == 5


def test_other_vocabularies_are_refused(tmp_path):
    (tmp_path / "vocab.txt").write_text("\n".join(reversed(kmer_vocabulary(3))))
    with pytest.raises(ModelError, match="not a vocabulary of DNABERT"):
        KmerTokenizer.from_pretrained(tmp_path)
    with pytest.raises(ModelError, match="9 letters"):
        KmerTokenizer(k=9)


def test_a_million_bases_are_no_wait():
    start = time.process_time()
    assert len(KmerTokenizer(k=6)("ACGT" * 250_000, verbose=False)["input_ids"]) == 999_997
    assert time.process_time() - start < 3
