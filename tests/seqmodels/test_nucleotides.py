"""Single nucleotides as tokens: case, special tokens, padding, places, saving (the official ids: the parity tests)."""

import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.errors import ModelError
from seqmodels.tokenizers.nucleotides import NUCLEOTIDES, NucleotideTokenizer

IDS = {"A": 7, "C": 8, "G": 9, "T": 10, "N": 11}


def test_a_sequence_ends_with_sep_as_in_pre_training():
    assert NucleotideTokenizer()("ACGTN")["input_ids"] == [7, 8, 9, 10, 11, 1]
    assert NucleotideTokenizer(add_cls=True)("AC")["input_ids"] == [0, 7, 8, 1]
    assert NucleotideTokenizer(add_sep=False)("AC")["input_ids"] == [7, 8]
    assert NucleotideTokenizer()("AC", add_special_tokens=False)["input_ids"] == [7, 8]


def test_vocabulary_and_special_tokens_are_the_published_ones():
    tokenizer = NucleotideTokenizer()
    assert len(tokenizer) == tokenizer.vocab_size == 12
    assert tokenizer.get_vocab() == NUCLEOTIDES
    names = ("cls", "sep", "bos", "mask", "pad", "unk", "eos")
    assert [getattr(tokenizer, f"{name}_token_id") for name in names] == [0, 1, 2, 3, 4, 6, 1]


@given(st.text(alphabet=st.characters(blacklist_characters="[", codec="utf-8"), max_size=60))
def test_every_letter_is_one_token(text):
    ids = NucleotideTokenizer()(text)["input_ids"]
    assert ids == [*(IDS.get(letter, 6) for letter in text), 1]


@given(st.text(alphabet="ACGTNacgtnRYryu-", max_size=60))
def test_folding_the_case_changes_the_case_alone(text):
    folding, official = NucleotideTokenizer(fold_case=True), NucleotideTokenizer()
    assert folding(text)["input_ids"] == official(text.upper())["input_ids"]


@given(st.lists(st.text(alphabet="ACGTN", max_size=30), min_size=1, max_size=6))
def test_a_batch_is_its_sequences(sequences):
    tokenizer = NucleotideTokenizer()
    assert tokenizer(sequences)["input_ids"] == [tokenizer(sequence)["input_ids"] for sequence in sequences]


def test_special_tokens_that_are_written_out_are_read():
    tokenizer = NucleotideTokenizer(fold_case=True)
    assert tokenizer("ac[MASK]gT", add_special_tokens=False)["input_ids"] == [7, 8, 3, 9, 10]


def test_batches_are_padded_on_the_right_or_where_asked():
    assert NucleotideTokenizer()(["ACG", "T"], padding=True, return_tensors="pt")["input_ids"].tolist() == [
        [7, 8, 9, 1],
        [10, 1, 4, 4],
    ]
    left = NucleotideTokenizer(padding_side="left")(["ACG", "T"], padding=True)
    assert left["input_ids"][1] == [4, 4, 10, 1]
    assert left["attention_mask"][1] == [0, 0, 1, 1]


def test_truncation_keeps_the_special_tokens():
    cut = NucleotideTokenizer(add_cls=True)("ACGTACGT", truncation=True, max_length=5)
    assert cut["input_ids"] == [0, 7, 8, 9, 1]


def test_offsets_say_which_base_a_token_is():
    tokenizer = NucleotideTokenizer(add_cls=True)
    assert tokenizer("ACG", return_offsets_mapping=True)["offset_mapping"] == [(0, 0), (0, 1), (1, 2), (2, 3), (0, 0)]
    batch = tokenizer(["ACG", "A"], return_offsets_mapping=True, padding=True, return_tensors="pt")
    assert batch["offset_mapping"][1].tolist() == [[0, 0], [0, 1], [0, 0], [0, 0], [0, 0]]
    assert isinstance(batch["input_ids"], torch.Tensor)
    assert "special_tokens_mask" not in batch
    left = NucleotideTokenizer(truncation_side="left")
    cut = left("ACGTA", return_offsets_mapping=True, truncation=True, max_length=3)
    assert cut["input_ids"] == [10, 7, 1]
    assert cut["offset_mapping"] == [(3, 4), (4, 5), (0, 0)]
    with pytest.raises(ModelError, match="no bare sequence"):
        tokenizer("AC[MASK]", return_offsets_mapping=True)


def test_what_is_saved_comes_back(tmp_path):
    NucleotideTokenizer(fold_case=True, add_cls=True, padding_side="left").save_pretrained(tmp_path)
    loaded = NucleotideTokenizer.from_pretrained(tmp_path)
    assert loaded("acgx")["input_ids"] == [0, 7, 8, 9, 6, 1]
    assert loaded.padding_side == "left"
    changed = NucleotideTokenizer.from_pretrained(tmp_path, add_cls=False, padding_side="right")
    assert changed("acg")["input_ids"] == [7, 8, 9, 1]
    assert changed.padding_side == "right"


def test_a_folder_without_tokenizer_files_gives_the_published_tokens(tmp_path):
    (tmp_path / "config.json").write_text('{"d_model": 8, "layer": {}}')
    assert NucleotideTokenizer.from_pretrained(tmp_path)("ACGTN")["input_ids"] == [7, 8, 9, 10, 11, 1]


def test_ids_decode_to_the_sequence():
    tokenizer = NucleotideTokenizer()
    assert tokenizer.decode(tokenizer("ACGTN")["input_ids"], skip_special_tokens=True) == "ACGTN"


def test_a_million_bases_are_no_wait():
    start = time.process_time()
    assert len(NucleotideTokenizer()("ACGT" * 250_000)["input_ids"]) == 1_000_001
    assert time.process_time() - start < 2
