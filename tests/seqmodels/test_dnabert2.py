"""DNABERT-2 against the arrays of the original code, and the laws that its padding-free batches keep."""

import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from seqmodels import dnabert2
from seqmodels.dnabert2 import (
    DNABert2Config,
    DNABert2ForMaskedLM,
    DNABert2ForSequenceClassification,
    DNABert2ForTokenClassification,
    DNABert2Model,
)
from seqmodels.errors import ModelError
from seqmodels.padding import Packing, mean_over_real

PARITY = Path(__file__).parents[3] / "shared" / "parity" / "dnabert2"
needs_parity = pytest.mark.skipif(not PARITY.is_dir(), reason=f"the original's arrays are not at {PARITY}")
TOLERANCE = 2e-5
PAD = 3
WEIGHTS = ["model.safetensors", "pytorch_model.bin"]


def small_config(**settings):
    return DNABert2Config(
        **{
            "vocab_size": 64,
            "hidden_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 3,
            "intermediate_size": 40,
            "initializer_range": 0.3,
            **settings,
        }
    )


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return DNABert2Model(small_config()).eval()


def sequences_of(lengths, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(5, 64, (length,), generator=generator) for length in lengths]


def padded(sequences, side="right", more=0):
    """Ids and mask of a batch."""
    length = max(map(len, sequences)) + more
    ids = torch.full((len(sequences), length), PAD)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        part = slice(0, len(sequence)) if side == "right" else slice(length - len(sequence), length)
        ids[row, part], mask[row, part] = sequence, 1
    return ids, mask


def states_alone(model, sequence):
    with torch.no_grad():
        return model(sequence[None]).last_hidden_state[0]


# --- the original code ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Folders as a user has them: config.json and one file of weights."""
    if not PARITY.is_dir():
        pytest.skip(f"the original's arrays are not at {PARITY}")
    folders = {}
    for name in WEIGHTS:
        folders[name] = tmp_path_factory.mktemp(name.partition(".")[0])
        shutil.copy(PARITY / "config.json", folders[name])
        shutil.copy(PARITY / name, folders[name])
    return folders


@needs_parity
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("weights", WEIGHTS)
def test_every_array_of_the_original_is_met(published, weights, attention):
    model = DNABert2ForMaskedLM.from_pretrained(published[weights], attn_implementation=attention)
    expected = load_file(PARITY / "expected.safetensors")
    for case in json.loads((PARITY / "inputs.json").read_text())["cases"]:
        ids, mask = torch.tensor(case["input_ids"]), torch.tensor(case["attention_mask"])
        segments = torch.tensor(case["token_type_ids"]) if "token_type_ids" in case else None
        with torch.no_grad():
            states = model.bert(ids, mask, segments).last_hidden_state
            logits = model(ids, mask, token_type_ids=segments).logits
        got = {"last_hidden_state": states, "logits": logits, "pooled": mean_over_real(states, mask)}
        if "logits_positions" in case:
            got["logits_at"] = logits[:, case["logits_positions"]]
        for kind, array in got.items():
            if (known := expected.pop(f"{case['name']}.{kind}", None)) is not None:
                torch.testing.assert_close(array, known, atol=TOLERANCE, rtol=0)
    assert not expected, "arrays that no case was compared with"


@needs_parity
@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(
    ("kind", "new"),
    [
        (DNABert2Model, set()),
        (DNABert2ForMaskedLM, set()),
        (DNABert2ForSequenceClassification, {"classifier.weight", "classifier.bias"}),
        (DNABert2ForTokenClassification, {"classifier.weight", "classifier.bias"}),
    ],
)
def test_published_weights_all_find_their_place_and_only_a_new_head_is_new(published, weights, kind, new):
    model, report = kind.from_pretrained(published[weights], output_loading_info=True)
    assert (report["missing_keys"], report["unexpected_keys"], report["mismatched_keys"]) == (new, set(), set())
    body = model if kind is DNABert2Model else model.bert
    known = load_file(PARITY / "model.safetensors")
    assert torch.equal(body.encoder.layer[1].mlp.wo.weight, known["bert.encoder.layer.1.mlp.wo.weight"])
    assert not model.training


@needs_parity
def test_the_official_config_is_read_without_running_its_code_or_asking(tmp_path, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("a question on stdin"))
    shutil.copy(PARITY / "official" / "config.json", tmp_path)
    config = DNABert2Config.from_pretrained(tmp_path)
    with torch.device("meta"):
        model = DNABert2ForMaskedLM(config)
    assert sum(each.numel() for each in model.parameters()) == 117_074_176
    assert config.pad_token_id == PAD
    config.save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text())
    assert saved["model_type"] == "dnabert2"
    assert "auto_map" not in saved
    assert not any(name.startswith("transformers_modules") for name in sys.modules)


# --- loading and saving -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [DNABert2Model, DNABert2ForMaskedLM, DNABert2ForSequenceClassification])
def test_what_is_saved_loads_to_the_same_outputs(kind, tmp_path):
    torch.manual_seed(1)
    model = kind(small_config(num_labels=3)).eval()
    model.save_pretrained(tmp_path)
    again, report = kind.from_pretrained(tmp_path, output_loading_info=True)
    assert not any(report[name] for name in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    ids, mask = padded(sequences_of([9, 4]))
    with torch.no_grad():
        assert torch.equal(model(ids, mask)[0], again(ids, mask)[0])


def test_the_encoder_of_a_fine_tuned_classifier_loads_bare(tmp_path):
    classifier = DNABert2ForSequenceClassification(small_config())
    classifier.save_pretrained(tmp_path)
    bare, report = DNABert2Model.from_pretrained(tmp_path, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert torch.equal(bare.encoder.layer[0].mlp.wo.weight, classifier.bert.encoder.layer[0].mlp.wo.weight)


def test_a_saved_model_has_the_names_of_the_published_checkpoint(tmp_path):
    DNABert2ForMaskedLM(small_config(num_hidden_layers=1)).save_pretrained(tmp_path)
    assert set(load_file(tmp_path / "model.safetensors")) == {
        "bert.embeddings.word_embeddings.weight",
        "bert.embeddings.token_type_embeddings.weight",
        "bert.embeddings.LayerNorm.weight",
        "bert.embeddings.LayerNorm.bias",
        "bert.encoder.layer.0.attention.self.Wqkv.weight",
        "bert.encoder.layer.0.attention.self.Wqkv.bias",
        "bert.encoder.layer.0.attention.output.dense.weight",
        "bert.encoder.layer.0.attention.output.dense.bias",
        "bert.encoder.layer.0.attention.output.LayerNorm.weight",
        "bert.encoder.layer.0.attention.output.LayerNorm.bias",
        "bert.encoder.layer.0.mlp.gated_layers.weight",
        "bert.encoder.layer.0.mlp.wo.weight",
        "bert.encoder.layer.0.mlp.wo.bias",
        "bert.encoder.layer.0.mlp.layernorm.weight",
        "bert.encoder.layer.0.mlp.layernorm.bias",
        "cls.predictions.transform.dense.weight",
        "cls.predictions.transform.dense.bias",
        "cls.predictions.transform.LayerNorm.weight",
        "cls.predictions.transform.LayerNorm.bias",
        "cls.predictions.decoder.bias",
    }


def changed_copy(folder, change):
    """A saved classifier whose weights were changed."""
    DNABert2ForSequenceClassification(small_config()).save_pretrained(folder)
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_a_checkpoint_without_a_weight_of_the_encoder_is_refused(tmp_path):
    folder = changed_copy(tmp_path, lambda weights: weights.pop("bert.encoder.layer.1.mlp.wo.weight"))
    with pytest.raises(ModelError, match=r"lacks 1 weights .* encoder\.layer\.1\.mlp\.wo\.weight"):
        DNABert2Model.from_pretrained(folder)


def test_a_checkpoint_of_another_bert_is_refused(tmp_path):
    folder = changed_copy(
        tmp_path, lambda weights: weights.update({"bert.embeddings.position_embeddings.weight": torch.ones(2, 2)})
    )
    with pytest.raises(ModelError, match=r"is no DNABERT-2.*position_embeddings"):
        DNABert2Model.from_pretrained(folder)


def test_a_classifier_that_reads_a_pooler_is_refused_but_its_encoder_is_not(tmp_path):
    folder = changed_copy(tmp_path, lambda weights: weights.update({"bert.pooler.dense.weight": torch.ones(24, 24)}))
    with pytest.raises(ModelError, match="pooler"):
        DNABert2ForSequenceClassification.from_pretrained(folder)
    assert DNABert2Model.from_pretrained(folder).config.hidden_size == 24


def test_another_activation_is_refused():
    with pytest.raises(Exception, match="hidden_act"):
        DNABert2Config(hidden_act="relu")


def test_heads_that_do_not_share_the_dimensions_are_refused():
    with pytest.raises(ModelError, match="5 heads do not share 24 dimensions"):
        small_config(num_attention_heads=5)


# --- padding ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(
    lengths=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    side=st.sampled_from(["left", "right"]),
    more=st.integers(0, 3),
)
def test_a_sequence_gives_the_same_whatever_else_is_in_the_batch(model, lengths, side, more):
    sequences = sequences_of(lengths)
    ids, mask = padded(sequences, side, more)
    with torch.no_grad():
        states = model(ids, mask).last_hidden_state
    assert (states[mask == 0] == 0).all()
    for row, sequence in enumerate(sequences):
        torch.testing.assert_close(states[row][mask[row] == 1], states_alone(model, sequence), atol=1e-5, rtol=0)


@settings(max_examples=25)
@given(order=st.permutations(range(5)))
def test_the_order_of_the_batch_does_not_matter(model, order):
    ids, mask = padded(sequences_of([7, 19, 7, 3, 11]))
    with torch.no_grad():
        straight, shuffled = model(ids, mask).last_hidden_state, model(ids[order], mask[order]).last_hidden_state
    torch.testing.assert_close(shuffled, straight[list(order)], atol=1e-5, rtol=0)


def test_the_way_of_gpus_gives_the_same(model, monkeypatch):
    ids, mask = padded(sequences_of([33, 30, 17, 9, 1]))
    with torch.no_grad():
        usual = model(ids, mask).last_hidden_state
        of = Packing.of
        monkeypatch.setattr(Packing, "of", lambda mask: of(mask, dnabert2._GPU_SLACK, dnabert2._GPU_MULTIPLE))
        torch.testing.assert_close(model(ids, mask).last_hidden_state, usual, atol=1e-5, rtol=0)


def test_reading_a_sequence_backwards_turns_its_states_around(model):
    # There are no positions, and the bias looks at distances alone.
    [sequence] = sequences_of([30])
    there, back = states_alone(model, sequence), states_alone(model, sequence.flip(0))
    torch.testing.assert_close(back.flip(0), there, atol=1e-5, rtol=0)


def test_order_inside_a_sequence_matters(model):
    [sequence] = sequences_of([30])
    moved = sequence.roll(7)
    assert (states_alone(model, moved).roll(-7, 0) - states_alone(model, sequence)).abs().max() > 1e-2


@pytest.mark.parametrize(
    "kind", [DNABert2ForMaskedLM, DNABert2ForSequenceClassification, DNABert2ForTokenClassification]
)
def test_rows_of_padding_alone_give_numbers_and_leave_others_as_they_are(kind):
    torch.manual_seed(0)
    model = kind(small_config()).eval()
    ids, mask = padded(sequences_of([6, 4]))
    with torch.no_grad():
        alone = model(ids, mask).logits
        empty = torch.full((1, ids.shape[1]), PAD)
        beside = model(torch.cat([empty, ids]), torch.cat([torch.zeros_like(empty), mask])).logits
        nothing = model(empty, torch.zeros_like(empty)).logits
    torch.testing.assert_close(beside[1:], alone, atol=1e-5, rtol=0)
    assert torch.isfinite(beside).all()
    assert torch.isfinite(nothing).all()


def test_more_tokens_than_in_pre_training_are_read(model):
    [sequence] = sequences_of([1500])
    assert torch.isfinite(states_alone(model, sequence)).all()


def test_a_long_batch_is_computed_in_parts_without_a_difference(model, monkeypatch):
    ids, mask = padded(sequences_of([40, 25, 31]))
    with torch.no_grad():
        whole = model(ids, mask).last_hidden_state
        monkeypatch.setattr(dnabert2, "_TOKENS_AT_ONCE", 7)
        torch.testing.assert_close(model(ids, mask).last_hidden_state, whole, atol=1e-5, rtol=0)


def test_without_a_mask_all_tokens_are_real(model):
    ids = torch.stack(sequences_of([8, 8]))
    with torch.no_grad():
        assert torch.equal(model(ids).last_hidden_state, model(ids, torch.ones_like(ids)).last_hidden_state)


# --- what else can be asked for ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["left", "right"])
def test_attention_maps_are_given_on_request_and_are_0_at_padding(model, side):
    ids, mask = padded(sequences_of([9, 4, 9, 1]), side)
    with torch.no_grad():
        usual = model(ids, mask)
        asked = model(ids, mask, output_attentions=True)
    assert usual.attentions is None
    torch.testing.assert_close(asked.last_hidden_state, usual.last_hidden_state, atol=1e-5, rtol=0)
    assert len(asked.attentions) == 2
    for maps in asked.attentions:
        assert maps.shape == (4, 3, 9, 9)
        real = mask[:, None, :].expand(-1, 3, -1).float()
        torch.testing.assert_close(maps.sum(-1), real)
        torch.testing.assert_close((maps * real[:, :, None]).sum(-1), real)


def test_eager_attention_can_be_chosen_later(model):
    ids, mask = padded(sequences_of([9, 4]))
    with torch.no_grad():
        usual = model(ids, mask).last_hidden_state
        model.set_attn_implementation("eager")
        assert model.config._attn_implementation == "eager"
        eager = model(ids, mask).last_hidden_state
        model.set_attn_implementation("sdpa")
    torch.testing.assert_close(eager, usual, atol=1e-5, rtol=0)


def test_states_of_all_layers_are_given_on_request(model):
    ids, mask = padded(sequences_of([9, 4]))
    with torch.no_grad():
        outputs = model(ids, mask, output_hidden_states=True)
    assert len(outputs.hidden_states) == 3
    assert torch.equal(outputs.hidden_states[-1], outputs.last_hidden_state)
    assert (outputs.hidden_states[0][mask == 0] == 0).all()


def test_embeddings_can_stand_for_ids(model):
    ids, mask = padded(sequences_of([9, 4]))
    with torch.no_grad():
        by_ids = model(ids, mask).last_hidden_state
        by_embeddings = model(inputs_embeds=model.get_input_embeddings()(ids), attention_mask=mask).last_hidden_state
    assert torch.equal(by_ids, by_embeddings)


def test_plain_tuples_are_given_where_asked_for():
    model = DNABert2ForSequenceClassification(small_config()).eval()
    ids, mask = padded(sequences_of([9, 4]))
    with torch.no_grad():
        [logits] = model(ids, mask, return_dict=False)
        assert torch.equal(logits, model(ids, mask).logits)


@pytest.mark.parametrize("inputs", [{}, {"input_ids": torch.ones(1, 2).long(), "inputs_embeds": torch.ones(1, 2, 24)}])
def test_neither_or_both_inputs_are_refused(model, inputs):
    with pytest.raises(ModelError, match="either input_ids or inputs_embeds"):
        model(**inputs)


def test_a_mask_of_another_shape_is_refused(model):
    with pytest.raises(ModelError, match=r"\(1, 5\), the input \(1, 4\)"):
        model(torch.ones(1, 4).long(), torch.ones(1, 5))


def test_half_precision_is_close(model):
    ids, mask = padded(sequences_of([40, 12]))
    half = DNABert2Model(small_config()).eval()
    half.load_state_dict(model.state_dict())
    with torch.no_grad():
        exact = model(ids, mask).last_hidden_state
        with torch.autocast("cpu", torch.bfloat16):
            mixed = model(ids, mask).last_hidden_state
        lower = half.to(torch.bfloat16)(ids, mask).last_hidden_state
    assert lower.dtype == torch.bfloat16
    for states in (mixed.float(), lower.float()):
        assert (states - exact).abs().mean() < 0.02
