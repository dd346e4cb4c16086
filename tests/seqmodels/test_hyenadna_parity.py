"""HyenaDNA against the arrays of the original code, in both published layouts."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from seqmodels.errors import ModelError
from seqmodels.hyenadna import HyenaDNAConfig, HyenaDNAForCausalLM, HyenaDNAModel, pooled, position_features
from seqmodels.hyenadna_weights import convert, read
from seqmodels.tokenizers.nucleotides import NucleotideTokenizer

PARITY = Path(__file__).parents[3] / "shared" / "parity"
TOLERANCE = 2e-5
FILES = [
    ("hyenadna", "model.safetensors", "model.safetensors"),
    ("hyenadna", "weights.ckpt", "weights.ckpt"),
    ("hyenadna", "weights_gradckpt.ckpt", "weights.ckpt"),
    ("hyenadna_hf", "model.safetensors", "model.safetensors"),
]

pytestmark = pytest.mark.skipif(not PARITY.is_dir(), reason=f"the original's arrays are not at {PARITY}")


def layout(folder, name, file="model.safetensors", published="model.safetensors"):
    """A folder with a layout's config and one file of weights under its published name."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(PARITY / name / "config.json", folder / "config.json")
    shutil.copyfile(PARITY / name / file, folder / published)
    return folder


def cases(name):
    return json.loads((PARITY / name / "inputs.json").read_text())["cases"]


def largest_difference(model, name):
    """Over every array of a layout."""
    expected = load_file(PARITY / name / "expected.safetensors")
    met, worst = set(), 0.0
    for case in cases(name):
        ids, mask = torch.tensor(case["input_ids"]), torch.tensor(case["attention_mask"])
        with torch.no_grad():
            states = model.hyena(ids).last_hidden_state
            arrays = {
                "last_hidden_state": states,
                "logits": model(ids).logits,
                "pooled": pooled(states, mask, "mean"),
            }
        for kind, array in arrays.items():
            key = f"{case['name']}.{kind}"
            assert array.shape == expected[key].shape
            worst = max(worst, (array - expected[key]).abs().max().item())
            met.add(key)
    assert met == expected.keys()
    return worst


@pytest.mark.parametrize(("name", "file", "published"), FILES)
def test_every_array_is_met_from_every_file(tmp_path, name, file, published):
    model = HyenaDNAForCausalLM.from_pretrained(layout(tmp_path / "m", name, file, published))
    assert largest_difference(model, name) < TOLERANCE


@pytest.mark.parametrize("name", ["hyenadna", "hyenadna_hf"])
def test_every_array_is_met_after_saving_and_after_converting(tmp_path, name):
    file = "weights.ckpt" if name == "hyenadna" else "model.safetensors"
    source = layout(tmp_path / "m", name, file, file)
    HyenaDNAForCausalLM.from_pretrained(source).save_pretrained(tmp_path / "saved")
    record = convert(source, tmp_path / "converted")
    assert json.loads((tmp_path / "converted" / "conversion.json").read_text())["target_sha256"] == record.target_sha256
    assert record.source == file
    for folder in ("saved", "converted"):
        model, report = HyenaDNAForCausalLM.from_pretrained(tmp_path / folder, output_loading_info=True)
        assert not report["missing_keys"]
        assert not report["unexpected_keys"]
        assert largest_difference(model, name) < TOLERANCE


def test_the_training_path_gives_the_same_arrays(tmp_path):
    # With gradients the filter is computed anew, not taken from what was kept.
    model = HyenaDNAForCausalLM.from_pretrained(layout(tmp_path / "m", "hyenadna_hf"))
    case = cases("hyenadna_hf")[-1]
    expected = load_file(PARITY / "hyenadna_hf" / "expected.safetensors")[f"{case['name']}.logits"]
    logits = model(torch.tensor(case["input_ids"])).logits
    assert logits.requires_grad
    assert (logits.detach() - expected).abs().max() < TOLERANCE


def test_the_bare_model_loads_from_a_language_model(tmp_path):
    folder = layout(tmp_path / "m", "hyenadna", "weights.ckpt", "weights.ckpt")
    bare = HyenaDNAModel.from_pretrained(folder)
    bare.save_pretrained(tmp_path / "bare")
    case = cases("hyenadna")[0]
    expected = load_file(PARITY / "hyenadna" / "expected.safetensors")[f"{case['name']}.last_hidden_state"]
    for model in (bare, HyenaDNAModel.from_pretrained(tmp_path / "bare")):
        with torch.no_grad():
            assert (model(torch.tensor(case["input_ids"])).last_hidden_state - expected).abs().max() < TOLERANCE


def test_either_name_of_the_frequency_is_read_alone(tmp_path):
    folder = layout(tmp_path / "m", "hyenadna_hf")
    tensors = load_file(folder / "model.safetensors")
    renamed = {name.replace("implicit_filter.1.freq", "implicit_filter.5.freq"): t for name, t in tensors.items()}
    save_file(renamed, folder / "model.safetensors", {"format": "pt"})
    assert largest_difference(HyenaDNAForCausalLM.from_pretrained(folder), "hyenadna_hf") < TOLERANCE


def test_position_features_follow_from_the_formula_where_the_file_has_none(tmp_path):
    folder = layout(tmp_path / "m", "hyenadna_hf")
    tensors = load_file(folder / "model.safetensors")
    formula = position_features(66, 5)[None]
    as_formula = {name: formula.clone() if name.endswith("pos_emb.z") else t for name, t in tensors.items()}
    without = {name: t for name, t in tensors.items() if "pos_emb" not in name and "deltas" not in name}
    logits = []
    for number, state in enumerate((as_formula, without)):
        (tmp_path / str(number)).mkdir()
        shutil.copy(folder / "config.json", tmp_path / str(number))
        save_file(state, tmp_path / str(number) / "model.safetensors", {"format": "pt"})
        model = HyenaDNAForCausalLM.from_pretrained(tmp_path / str(number))
        assert not model.config.stored_position_features
        assert not any(name.endswith("pos_emb.z") for name in model.state_dict())
        with torch.no_grad():
            logits.append(model(torch.tensor(cases("hyenadna_hf")[-1]["input_ids"])).logits)
    assert torch.equal(*logits)


def test_stored_time_and_decay_agree_with_the_formulas_or_are_refused(tmp_path):
    folder = layout(tmp_path / "m", "hyenadna_hf")
    tensors = load_file(folder / "model.safetensors")
    changed = {name: t * 1.01 if name.endswith("deltas") else t for name, t in tensors.items()}
    save_file(changed, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"modulation\.deltas .* is not what a model of width 16"):
        HyenaDNAForCausalLM.from_pretrained(folder)


def test_a_config_of_another_length_is_refused(tmp_path):
    folder = layout(tmp_path / "m", "hyenadna_hf")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "max_seq_len": 67}))
    with pytest.raises(ModelError, match=r"67 tokens"):
        HyenaDNAForCausalLM.from_pretrained(folder)


def test_configs_of_both_layouts_say_the_same():
    original, newer = (HyenaDNAConfig.from_pretrained(PARITY / name) for name in ("hyenadna", "hyenadna_hf"))
    shape = ("d_model", "n_layer", "d_inner", "max_seq_len", "emb_dim", "filter_order", "activation_freq")
    shape += ("vocab_size", "embedding_rows", "short_filter_order", "embed_dropout", "layer_norm_epsilon")
    for field in shape:
        assert getattr(original, field) == getattr(newer, field), field
    assert (original.hidden_size, original.num_hidden_layers, original.embedding_rows) == (16, 2, 16)
    # The original ties its head to the embedding in code, the newer layout says that it does not.
    assert original.tie_word_embeddings
    assert not newer.tie_word_embeddings


def test_both_layouts_are_read_under_the_same_names():
    original = read(str(PARITY / "hyenadna")).tensors
    newer = read(str(PARITY / "hyenadna_hf")).tensors
    assert original.keys() == newer.keys()


@pytest.mark.parametrize(("name", "add_cls"), [("hyenadna", True), ("hyenadna_hf", False)])
def test_tokens_are_the_official_ones(name, add_cls):
    tokenizer = NucleotideTokenizer(add_cls=add_cls, padding_side="left")
    known = json.loads((PARITY / name / "tokenization.json").read_text())
    assert tokenizer(known["strings"])["input_ids"] == known["ids"]
    assert [tokenizer(text)["input_ids"] for text in known["strings"][:20]] == known["ids"][:20]
    assert tokenizer(known["edge_strings"])["input_ids"] == known["edge_ids"]
    assert tokenizer(known["edge_strings"], add_special_tokens=False)["input_ids"] == known["edge_ids_no_special"]
    padded = tokenizer(known["padded"]["strings"], padding=True)
    assert padded["input_ids"] == known["padded"]["input_ids"]
    assert padded["attention_mask"] == known["padded"]["attention_mask"]
    cut = tokenizer(known["truncated"]["strings"], padding=True, truncation=True, max_length=6)
    assert cut["input_ids"] == known["truncated"]["input_ids"]
    assert cut["attention_mask"] == known["truncated"]["attention_mask"]
