import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from seqmodels.errors import ModelError
from seqmodels.tokenizers.bpe import load_bpe, train_bpe

PARITY = Path(__file__).parents[3] / "shared" / "parity" / "dnabert2"
needs_parity = pytest.mark.skipif(not PARITY.is_dir(), reason=f"the official tokenizer is not at {PARITY}")
# Repeats of unlike length, so that there is something to merge.
GENOME = ["ACGTACGTTTGACA" * 40 + "GATTACA" * 60, "TTTTTTTTCCCCGGGGAAAA" * 30 + "NNNN" + "ACGACGACG" * 20]
soft_masked = st.text(alphabet="ACGTNacgtn", max_size=60)


@pytest.fixture(scope="module")
def official():
    return load_bpe(PARITY / "official") if PARITY.is_dir() else pytest.skip(f"nothing at {PARITY}")


@cache
def new_tokenizer(fold_case):
    return train_bpe(GENOME, 60, fold_case=fold_case)


@pytest.fixture
def trained():
    return new_tokenizer(fold_case=False)


# --- the official tokenizer -------------------------------------------------------------------------------------------


@needs_parity
def test_every_string_gets_the_official_ids(official):
    known = json.loads((PARITY / "tokenization.json").read_text())
    assert official(known["strings"])["input_ids"] == known["ids"]
    assert official(known["edge_strings"])["input_ids"] == known["edge_ids"]
    assert official(known["edge_strings"], add_special_tokens=False)["input_ids"] == known["edge_ids_no_special"]


@needs_parity
def test_the_official_folder_is_read_without_a_question_and_pads_with_3_on_the_right(official, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("a question on stdin"))
    tokenizer = load_bpe(PARITY / "official")
    batch = tokenizer(["ACGTTTG", "A"], padding=True)
    assert batch["input_ids"][1][:3] == [1, 5, 2]
    assert set(batch["input_ids"][1][3:]) == {3}
    assert batch["attention_mask"][1] == [1, 1, 1] + [0] * (len(batch["input_ids"][0]) - 3)
    assert (tokenizer.mask_token_id, tokenizer.unk_token_id) == (4, 0)


@needs_parity
def test_the_official_one_reads_soft_masked_bases_only_with_the_case_folded(official):
    assert official("acgt")["input_ids"] == [1, 0, 0, 0, 0, 2]
    folding = load_bpe(PARITY / "official", fold_case=True)
    assert folding("acgt")["input_ids"] == official("ACGT")["input_ids"]


@needs_parity
def test_a_folder_with_tokenizer_json_alone_pads_too(tmp_path):
    shutil.copy(PARITY / "official" / "tokenizer.json", tmp_path)
    assert load_bpe(tmp_path)(["ACGT", "A"], padding=True)["input_ids"][1][-1] == 3


@needs_parity
def test_a_new_tokenizer_differs_from_the_official_one_in_its_merges_alone(trained):
    theirs = json.loads((PARITY / "official" / "tokenizer.json").read_text())
    ours = json.loads(trained.backend_tokenizer.to_str())
    for key in ("normalizer", "pre_tokenizer", "post_processor", "added_tokens", "decoder", "truncation", "padding"):
        assert ours[key] == theirs[key]
    ignored = {"vocab", "merges"}
    assert {k: v for k, v in theirs["model"].items() if k not in ignored}.items() <= ours["model"].items()
    assert (
        list(theirs["model"]["vocab"].items())[:9] == sorted(ours["model"]["vocab"].items(), key=lambda kv: kv[1])[:9]
    )


# --- case -------------------------------------------------------------------------------------------------------------


@given(soft_masked)
def test_folding_reads_lower_case_as_upper_case(text):
    plain, folding = new_tokenizer(fold_case=False), new_tokenizer(fold_case=True)
    assert folding(text)["input_ids"] == plain(text.upper())["input_ids"]


def test_folding_survives_saving(tmp_path, trained):
    trained.save_pretrained(tmp_path / "plain")
    load_bpe(tmp_path / "plain", fold_case=True).save_pretrained(tmp_path / "folding")
    for again in (load_bpe(tmp_path / "folding"), PreTrainedTokenizerFast.from_pretrained(tmp_path / "folding")):
        assert again("acgtTTGacaN")["input_ids"] == trained("ACGTTTGACAN")["input_ids"]


def test_special_tokens_keep_their_meaning_where_case_is_folded(tmp_path, trained):
    trained.save_pretrained(tmp_path)
    folding = load_bpe(tmp_path, fold_case=True)
    assert folding("a[MASK]c")["input_ids"] == [1, 5, 4, 6, 2]


# --- training ---------------------------------------------------------------------------------------------------------


def test_special_tokens_and_bases_come_first_as_in_the_official_one(trained):
    order = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]", "A", "C", "G", "T"]
    assert trained.convert_ids_to_tokens(list(range(9))) == order
    assert len(trained) == 60
    assert trained("ACGT").input_ids[:: len(trained("ACGT").input_ids) - 1] == [1, 2]


@given(st.text(alphabet="ACGTN", min_size=1, max_size=80))
def test_tokens_put_together_are_the_sequence(text):
    tokenizer = new_tokenizer(fold_case=False)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    tokens = tokenizer.convert_ids_to_tokens(ids)
    assert "".join("N" if token == "[UNK]" else token for token in tokens) == text


def test_no_token_reaches_over_an_unknown_base():
    assert all(
        set(token) <= set("ACGT") for token in list(train_bpe(["ACNGT" * 50], 40).get_vocab()) if token[0] != "["
    )


def test_the_same_sequences_give_the_same_tokens(trained):
    assert train_bpe(iter(GENOME), 60, fold_case=False).get_vocab() == trained.get_vocab()


def test_two_sequences_are_told_apart_by_their_segment(trained):
    pair = trained("ACG", "TTT", return_token_type_ids=True)
    second = len(trained("TTT", add_special_tokens=False).input_ids) + 1
    assert pair["token_type_ids"] == [0] * (len(pair["input_ids"]) - second) + [1] * second


# --- what is refused --------------------------------------------------------------------------------------------------


def test_sequences_without_a_base_are_refused():
    with pytest.raises(ModelError, match="no A, C, G or T"):
        train_bpe(["NNNN", "acgt", ""])


def test_a_vocabulary_without_room_for_the_bases_is_refused():
    with pytest.raises(ModelError, match="8 has no room"):
        train_bpe(GENOME, 8)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"no tokenizer\.json"):
        load_bpe(tmp_path)


def test_a_tokenizer_of_another_kind_is_refused(tmp_path, trained):
    trained.save_pretrained(tmp_path)
    file = tmp_path / "tokenizer.json"
    record = json.loads(file.read_text())
    record["added_tokens"] = [token for token in record["added_tokens"] if token["content"] != "[MASK]"]
    record["model"]["vocab"]["<mask>"] = record["model"]["vocab"].pop("[MASK]")
    file.write_text(json.dumps(record))
    (tmp_path / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match=r"has no \[MASK\]"):
        load_bpe(tmp_path)


def test_a_name_that_is_nowhere_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match=r"No tokenizer is found at nobody/nothing .* folder with tokenizer\.json"):
        load_bpe("nobody/nothing")
