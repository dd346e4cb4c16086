"""The laws that HyenaDNA keeps: causality, independence of the batch, a filter that is never stale, checkpoints."""

import copy
import json
import math
from pathlib import Path

import pytest
import torch
from huggingface_hub.errors import StrictDataclassError
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from seqmodels import hyenadna
from seqmodels.errors import ModelError
from seqmodels.hyenadna import (
    LORA_TARGETS,
    PRESETS,
    HyenaDNAConfig,
    HyenaDNAForCausalLM,
    HyenaDNAForSequenceClassification,
    HyenaDNAForTokenClassification,
    HyenaDNAModel,
    decay_rates,
    pooled,
    position_features,
)
from seqmodels.hyenadna_weights import convert, read

PAD = 4


def small_config(**changed):
    sizes = {"d_model": 12, "n_layer": 2, "d_inner": 16, "max_seq_len": 80, "filter_order": 8, "embed_dropout": 0.0}
    return HyenaDNAConfig(**{**sizes, "initializer_range": 0.3, **changed})


def made(kind=HyenaDNAModel, seed=0, **changed):
    torch.manual_seed(seed)
    return kind(small_config(**changed)).eval()


@pytest.fixture(scope="module")
def model():
    return made()


def sequences_of(lengths, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(7, 12, (length,), generator=generator) for length in lengths]


def padded(sequences, more=0):
    """Ids and mask of a batch."""
    ids = torch.full((len(sequences), max(map(len, sequences)) + more), PAD)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = sequence
    return ids, (ids != PAD).long()


# --- what a position knows


@settings(max_examples=40)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(0, 30))
def test_states_do_not_depend_on_the_batch_or_its_padding(model, lengths, more):
    sequences = sequences_of(lengths)
    ids, mask = padded(sequences, more)
    with torch.no_grad():
        together = model(ids, mask).last_hidden_state
        for row, sequence in enumerate(sequences):
            alone = model(sequence[None]).last_hidden_state[0]
            assert (together[row, : len(sequence)] - alone).abs().max() < 1e-5


@given(length=st.integers(2, 80), data=st.data())
def test_a_position_knows_nothing_of_what_comes_after_it(model, length, data):
    changed = data.draw(st.integers(1, length - 1))
    (first,) = sequences_of([length])
    second = first.clone()
    second[changed:] = (second[changed:] - 7 + 1) % 4 + 7
    with torch.no_grad():
        states = model(torch.stack([first, second])).last_hidden_state
    assert (states[0, :changed] - states[1, :changed]).abs().max() < 1e-5
    assert (states[0, changed] - states[1, changed]).abs().max() > 1e-4


def test_a_position_knows_what_stands_far_before_it(model):
    (first,) = sequences_of([80])
    second = first.clone()
    second[0] = 7 + (second[0] - 6) % 4
    with torch.no_grad():
        states = model(torch.stack([first, second])).last_hidden_state
    assert (states[0, -1] - states[1, -1]).abs().max() > 1e-5


def test_inputs_beyond_the_checkpoints_length_are_refused_with_the_reason(model):
    with pytest.raises(ModelError, match=r"81 tokens .* at most 80.*windows of 78 bases"):
        model(torch.full((1, 81), 7))


def test_padding_on_the_left_is_refused_with_a_mask_and_read_without(model):
    ids = torch.tensor([[PAD, 7, 8], [9, 7, 8]])
    with pytest.raises(ModelError, match="padded on the left"):
        model(ids, (ids != PAD).long())
    with torch.no_grad():
        assert model(ids).last_hidden_state.isfinite().all()


def test_an_input_without_tokens_is_refused(model):
    with pytest.raises(ModelError, match="no tokens"):
        model(torch.empty(1, 0, dtype=torch.long))
    with pytest.raises(ModelError, match="either"):
        model()


def test_hidden_states_and_embedded_inputs_are_as_in_transformers(model):
    ids, mask = padded(sequences_of([9, 5]))
    with torch.no_grad():
        output = model(ids, mask, output_hidden_states=True)
        embedded = model(inputs_embeds=model.get_input_embeddings()(ids), attention_mask=mask)
        as_tuple = model(ids, mask, return_dict=False)
    assert [tuple(state.shape) for state in output.hidden_states] == [(2, 9, 12)] * 3
    assert torch.equal(embedded.last_hidden_state, output.last_hidden_state)
    assert torch.equal(as_tuple[0], output.last_hidden_state)


# --- the kept filter


def states_of(model, ids):
    with torch.no_grad():
        return model(ids).last_hidden_state


def filters(model):
    return [layer.mixer.filter_fn for layer in model.backbone.layers]


CHANGES = {
    "in place": lambda weight: weight.add_(0.5),
    "through data": lambda weight: weight.data.add_(0.5),
    "new data": lambda weight: setattr(weight, "data", weight.data + 0.5),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["0.weight", "1.freq", "4.bias", "6.weight"])
def test_the_kept_filter_follows_every_change_of_its_weights(change, name):
    model, (ids,) = made(), sequences_of([30])
    before = states_of(model, ids[None])
    with torch.no_grad():
        CHANGES[change](filters(model)[0].implicit_filter.get_parameter(name))
    after = states_of(model, ids[None])
    fresh = HyenaDNAModel(model.config).eval()
    fresh.load_state_dict(model.state_dict())
    assert (after - before).abs().max() > 1e-4
    assert torch.equal(after, states_of(fresh, ids[None]))


def test_the_kept_filter_follows_loaded_weights_and_switches():
    model, other, (ids,) = made(seed=0), made(seed=1), sequences_of([30])
    states_of(model, ids[None])
    model.load_state_dict(other.state_dict())
    assert torch.equal(states_of(model, ids[None]), states_of(other, ids[None]))
    model.train()
    assert all(layer._kept is None for layer in filters(model))


def test_the_kept_filter_is_computed_once_and_serves_other_lengths(monkeypatch, model):
    calls, forward = [], hyenadna.HyenaFilter.forward
    monkeypatch.setattr(hyenadna.HyenaFilter, "forward", lambda *given: calls.append(1) or forward(*given))
    fresh = copy.deepcopy(model).train().eval()
    for length in (33, 40, 64, 33):
        states_of(fresh, sequences_of([length])[0][None])
    assert len(calls) == 2
    assert torch.equal(states_of(fresh, torch.full((1, 33), 7)), states_of(model, torch.full((1, 33), 7)))


def test_a_filter_that_takes_gradients_is_never_kept():
    model = made()
    loss = model(torch.full((1, 20), 7)).last_hidden_state.square().sum()
    loss.backward()
    assert all(parameter.grad is not None for parameter in filters(model)[0].parameters())
    assert filters(model)[0]._kept is None


def test_a_filter_too_long_to_keep_gives_the_same(monkeypatch, model):
    (ids,) = sequences_of([50])
    kept = states_of(model, ids[None])
    monkeypatch.setattr(hyenadna, "CACHE_BYTES", 100)
    assert (states_of(model, ids[None]) - kept).abs().max() < 1e-5
    assert filters(model)[0]._kept is None


def test_stretches_of_the_feed_forward_layer_change_nothing(monkeypatch, model):
    (ids,) = sequences_of([50])
    whole = states_of(model, ids[None])
    monkeypatch.setattr(hyenadna, "_MLP_ROWS", 7)
    assert (states_of(model, ids[None]) - whole).abs().max() < 1e-5


# --- formulas and sizes


def test_position_features_are_time_cosines_and_negative_sines():
    features = position_features(10, 5).double()
    for position in range(10):
        slow, fast = 1e-4 * 2 * math.pi * position / 10, 2 * math.pi * position / 10
        expected = [position / 9, math.cos(slow), math.cos(fast), -math.sin(slow), -math.sin(fast)]
        assert features[position].tolist() == pytest.approx(expected, abs=1e-6)


def test_decay_rates_run_between_the_published_ends():
    rates = decay_rates(128)
    assert rates[0].item() == pytest.approx(3.0701, abs=1e-4)
    assert rates[-1].item() == pytest.approx(15.3506, abs=1e-4)


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ("tiny-1k", 436_096),
        ("tiny-1k-d256", 1_641_088),
        ("tiny-16k-d128", 436_096),
        ("small-32k", 3_277_568),
        ("medium-160k", 6_550_528),
        ("medium-450k", 6_550_528),
        ("large-1m", 6_550_528),
    ],
)
def test_presets_have_the_published_number_of_parameters(size, count):
    with torch.device("meta"):
        model = HyenaDNAModel(HyenaDNAConfig.preset(size))
    assert model.num_parameters() == count
    assert PRESETS[size]["max_seq_len"] == model.config.max_seq_len


def test_unknown_sizes_and_other_operators_are_refused():
    with pytest.raises(ModelError, match="tiny-1k"):
        HyenaDNAConfig.preset("huge")
    with pytest.raises(ModelError, match="order 3"):
        small_config(hyena_order=3)
    with pytest.raises(StrictDataclassError, match="pooling"):
        small_config(pooling="median")
    with pytest.raises(ModelError, match="attention"):
        HyenaDNAConfig.from_dict({"d_model": 8, "n_layer": 1, "attn_layer_idx": [0], "layer": {"l_max": 10}})


def test_a_new_model_starts_as_published():
    torch.manual_seed(0)
    model = HyenaDNAModel(HyenaDNAConfig(d_model=64, n_layer=8, max_seq_len=100))
    layer = model.backbone.layers[3]
    assert layer.mixer.in_proj.weight.std().item() == pytest.approx(0.02, rel=0.05)
    # What adds to the residual stream is smaller, by the root of the number of such layers (GPT-2).
    assert layer.mlp.fc2.weight.std().item() == pytest.approx(0.02 / 16**0.5, rel=0.05)
    assert layer.mixer.out_proj.weight.std().item() == pytest.approx(0.02 / 16**0.5, rel=0.05)
    assert layer.mixer.short_filter.weight.abs().max().item() == pytest.approx(3**-0.5, rel=0.05)
    assert torch.equal(layer.mixer.filter_fn.implicit_filter["1"].freq, torch.full((1, 64), 10.0))
    assert layer.mixer.filter_fn.bias.std().item() == pytest.approx(1.0, rel=0.3)


# --- heads


def test_next_token_loss_leaves_padding_out():
    model = made(HyenaDNAForCausalLM)
    ids, mask = padded(sequences_of([9, 5]))
    output = model(ids, mask, labels=ids)
    logits = output.logits[:, :-1][mask[:, 1:].bool()]
    expected = torch.nn.functional.cross_entropy(logits, ids[:, 1:][mask[:, 1:].bool()])
    torch.testing.assert_close(output.loss, expected)
    assert output.logits.shape == (2, 9, 16)
    assert model.lm_head.weight is model.hyena.get_input_embeddings().weight


@pytest.mark.parametrize("pooling", ["mean", "last", "centre"])
def test_pooling_reads_real_tokens_only(pooling):
    states = torch.arange(24.0).view(2, 6, 2)
    real = torch.tensor([[1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 0]])
    expected = {"mean": [[2, 3], [16, 17]], "last": [[4, 5], [20, 21]], "centre": [[2, 3], [16, 17]]}
    assert pooled(states, real, pooling).tolist() == expected[pooling]


def test_the_centre_of_a_window_is_found_with_and_without_special_tokens():
    window = torch.arange(41.0)
    sep, cls = torch.tensor([-1.0]), torch.tensor([-2.0])
    for tokens in (window, torch.cat([window, sep]), torch.cat([cls, window, sep])):
        assert pooled(tokens[None, :, None], torch.ones(1, len(tokens), dtype=torch.long), "centre").item() == 20


@pytest.mark.parametrize("pooling", ["mean", "last", "centre"])
def test_scores_of_sequences_do_not_depend_on_the_batch(pooling):
    for bidirectional in (False, True):
        model = made(HyenaDNAForSequenceClassification, pooling=pooling, bidirectional=bidirectional, num_labels=3)
        sequences = sequences_of([9, 5, 1])
        with torch.no_grad():
            together = model(*padded(sequences)).logits
            alone = torch.cat([model(sequence[None]).logits for sequence in sequences])
        assert together.shape == (3, 3)
        assert (together - alone).abs().max() < 1e-5


def test_a_head_on_both_strands_knows_what_stands_on_both_sides():
    model = made(HyenaDNAForTokenClassification, bidirectional=True, num_labels=2)
    (first,) = sequences_of([21])
    before, after = first.clone(), first.clone()
    before[0], after[-1] = 7 + (before[0] - 6) % 4, 7 + (after[-1] - 6) % 4
    with torch.no_grad():
        logits = model(torch.stack([first, before, after])).logits[:, 10]
    assert (logits[0] - logits[1]).abs().max() > 1e-4
    assert (logits[0] - logits[2]).abs().max() > 1e-4


def test_both_strands_of_a_sequence_have_the_same_states_the_other_way_round():
    model = made(HyenaDNAForTokenClassification, bidirectional=True, num_labels=2)
    (sequence,) = sequences_of([15])
    complement = torch.tensor(hyenadna._COMPLEMENT)[sequence].flip(0)
    with torch.no_grad():
        ones = torch.ones(1, 15, dtype=torch.long)
        forward, _ = model._states(sequence[None], ones)
        backward, _ = model._states(complement[None], ones)
    swapped = torch.cat([backward[..., 12:], backward[..., :12]], dim=-1).flip(1)
    assert (forward - swapped).abs().max() < 1e-5


@pytest.mark.parametrize(
    ("problem", "labels"),
    [
        ("single_label_classification", torch.tensor([2, 0])),
        ("multi_label_classification", torch.tensor([[1.0, 0, 1], [0, 0, 1]])),
        ("regression", torch.tensor([[0.5, 1, 2], [0, 3, 1]])),
    ],
)
def test_sequence_losses_are_those_of_the_problem(problem, labels):
    model = made(HyenaDNAForSequenceClassification, num_labels=3, problem_type=problem)
    output = model(*padded(sequences_of([9, 5])), labels=labels)
    loss = {
        "single_label_classification": torch.nn.functional.cross_entropy,
        "multi_label_classification": torch.nn.functional.binary_cross_entropy_with_logits,
        "regression": torch.nn.functional.mse_loss,
    }[problem]
    torch.testing.assert_close(output.loss, loss(output.logits, labels))


def test_token_losses_leave_unlabelled_tokens_out():
    model = made(HyenaDNAForTokenClassification, num_labels=3)
    ids, mask = padded(sequences_of([9, 5]))
    labels = torch.full_like(ids, -100)
    assert model(ids, mask, labels=labels).loss == 0
    labels[0, 3] = 2
    output = model(ids, mask, labels=labels)
    torch.testing.assert_close(output.loss, -output.logits[0, 3].log_softmax(-1)[2])


# --- training


def gradients(model, ids):
    model.zero_grad()
    model(ids, labels=ids).loss.backward()
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


def test_gradient_checkpointing_changes_no_gradient():
    model = made(HyenaDNAForCausalLM).train()
    ids, _ = padded(sequences_of([20, 20]))
    plain = gradients(model, ids)
    model.activation_checkpointing_enable()
    assert all(layer.gradient_checkpointing for layer in model.hyena.backbone.layers)
    for name, gradient in gradients(model, ids).items():
        torch.testing.assert_close(gradient, plain[name], atol=1e-6, rtol=1e-5)


def test_autocast_keeps_residual_stream_and_filter_in_float32():
    model, (ids,) = made(), sequences_of([40])
    exact = model(ids[None], output_hidden_states=True)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = model(ids[None], output_hidden_states=True)
    assert all(state.dtype == torch.float32 for state in mixed.hidden_states)
    with torch.autocast("cpu", torch.bfloat16):
        taps = filters(model)[0](40)
    assert torch.equal(taps, filters(model)[0](40))
    assert (mixed.last_hidden_state - exact.last_hidden_state).abs().max() < 0.2


def test_half_precision_weights_leave_position_features_exact():
    model = made(stored_position_features=True).to(torch.bfloat16)
    assert filters(model)[0].pos_emb.z.dtype == torch.float32
    with torch.no_grad():
        assert model(torch.full((1, 20), 7)).last_hidden_state.dtype == torch.bfloat16


def test_double_precision_weights_give_the_same():
    exact, model, (ids,) = made().double(), made(), sequences_of([30])
    assert (states_of(exact, ids[None]) - states_of(model, ids[None])).abs().max() < 1e-5


def test_a_low_rank_adapter_trains_and_loads(tmp_path):
    from peft import LoraConfig, PeftModel, get_peft_model

    base = made(HyenaDNAForSequenceClassification, num_labels=2)
    base.save_pretrained(tmp_path / "base")
    adapted = get_peft_model(base, LoraConfig(r=2, target_modules=LORA_TARGETS, modules_to_save=["score"])).train()
    adapters = [name for name, weight in adapted.named_parameters() if weight.requires_grad and "lora_A" in name]
    assert len(adapters) == 4 * 2
    ids, mask = padded(sequences_of([9, 5]))
    optimiser = torch.optim.SGD((weight for weight in adapted.parameters() if weight.requires_grad), lr=0.5)
    for _ in range(3):
        loss = adapted(ids, mask, labels=torch.tensor([0, 1])).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    adapted.eval().save_pretrained(tmp_path / "adapter")
    fresh = HyenaDNAForSequenceClassification.from_pretrained(tmp_path / "base")
    with torch.no_grad():
        untrained = fresh(ids, mask).logits
        loaded = PeftModel.from_pretrained(fresh, tmp_path / "adapter").eval()
        trained = adapted(ids, mask).logits
        assert (trained - untrained).abs().max() > 1e-3
        assert torch.equal(loaded(ids, mask).logits, trained)


def test_a_tiny_model_learns_its_sequence():
    model = made(HyenaDNAForCausalLM, initializer_range=0.02).train()
    ids = torch.tensor([[7, 8, 9, 10, 9, 7]]).repeat(1, 6)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.02)
    for _ in range(60):
        optimiser.zero_grad()
        loss = model(ids, labels=ids).loss
        loss.backward()
        optimiser.step()
    assert loss < 0.4


# --- checkpoints


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("kind", [HyenaDNAModel, HyenaDNAForCausalLM, HyenaDNAForTokenClassification])
def test_what_is_saved_comes_back(tmp_path, kind, stored):
    model = made(kind, stored_position_features=stored, num_labels=3)
    if stored:
        with torch.no_grad():
            filters(model if kind is HyenaDNAModel else model.hyena)[0].pos_emb.z.add_(0.1)
    model.save_pretrained(tmp_path)
    loaded, report = kind.from_pretrained(tmp_path, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert loaded.name_or_path == str(tmp_path)
    assert not loaded.training
    assert loaded.state_dict().keys() == model.state_dict().keys()
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name
    names = [name for name in load_file(tmp_path / "model.safetensors") if name.endswith("freq")]
    assert len(names) == 2


def test_a_classifier_starts_from_a_language_model_with_a_new_head(tmp_path):
    language = made(HyenaDNAForCausalLM)
    language.save_pretrained(tmp_path)
    classifier, report = HyenaDNAForSequenceClassification.from_pretrained(
        tmp_path, num_labels=5, output_loading_info=True
    )
    assert report["missing_keys"] == {"score.weight"}
    assert classifier.score.weight.shape == (5, 12)
    assert torch.equal(classifier.hyena.get_input_embeddings().weight, language.lm_head.weight)


def saved(folder, change):
    """A saved model whose tensors `change` has changed."""
    made(HyenaDNAForCausalLM).save_pretrained(folder)
    tensors = load_file(folder / "model.safetensors")
    save_file(change(tensors), folder / "model.safetensors", {"format": "pt"})
    return folder


def test_weights_that_do_not_fit_the_config_are_refused(tmp_path):
    def lacking(tensors):
        return {name: tensor for name, tensor in tensors.items() if "layers.1.mlp.fc1.weight" not in name}

    def foreign(tensors):
        return {**tensors, "hyena.backbone.layers.0.attention.weight": torch.ones(1)}

    def wider(tensors):
        return {name: torch.ones(13) if name.endswith("ln_f.weight") else tensor for name, tensor in tensors.items()}

    cases = ((lacking, "lacks"), (foreign, "has no place for"), (wider, "has in another shape"))
    for change, said in cases:
        folder = saved(tmp_path / change.__name__, change)
        for agreed in (False, True):
            with pytest.raises(ModelError, match=said):
                HyenaDNAForCausalLM.from_pretrained(folder, ignore_mismatched_sizes=agreed)


def test_a_head_of_another_size_is_new_only_where_that_was_agreed_to(tmp_path):
    made(HyenaDNAForSequenceClassification, num_labels=2).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=r"score\.weight.*ignore_mismatched_sizes=True"):
        HyenaDNAForSequenceClassification.from_pretrained(tmp_path, num_labels=3)
    model = HyenaDNAForSequenceClassification.from_pretrained(tmp_path, num_labels=3, ignore_mismatched_sizes=True)
    assert model.score.weight.shape == (3, 12)


def test_frequencies_that_differ_are_refused(tmp_path):
    def differing(tensors):
        name = next(name for name in tensors if name.endswith("1.freq"))
        return {**tensors, name.replace("1.freq", "3.freq"): tensors[name] + 1}

    with pytest.raises(ModelError, match="more than once"):
        HyenaDNAForCausalLM.from_pretrained(saved(tmp_path, differing))


def lightning_checkpoint(model):
    """What a Lightning run with OmegaConf settings leaves, by the names of the original layout."""
    from collections import defaultdict

    from omegaconf import DictConfig, OmegaConf

    state = {f"model.{name.removeprefix('hyena.')}": tensor for name, tensor in model.state_dict().items()}
    wrapped = {
        name.replace(".mixer.", ".mixer.layer.").replace(".mlp.", ".mlp.layer."): tensor
        for name, tensor in state.items()
    }
    for name in [name for name in wrapped if name.endswith("1.freq")]:
        wrapped[name.replace("1.freq", "3.freq")] = wrapped[name.replace("1.freq", "5.freq")] = wrapped[name]
    hyper_parameters = OmegaConf.create(
        {"train": {"lr": 6e-4, "tags": ["a", "b"], "seed": 2222}, "name": "x", "on": True}
    )
    return {
        "epoch": 3,
        "global_step": 10,
        "state_dict": {**wrapped, "torchmetrics.train.num": torch.ones(1)},
        "hyper_parameters": hyper_parameters,
        "hparams_type": DictConfig,
        "callbacks": {"best": Path("folder"), "counts": defaultdict(int, {"a": 1})},
    }


def original_layout(folder, content):
    folder.mkdir(exist_ok=True)
    torch.save(content, folder / "weights.ckpt")
    layer = {"_name_": "hyena", "emb_dim": 5, "filter_order": 8, "local_order": 3, "l_max": 80, "w": 10}
    fields = {"d_model": 12, "n_layer": 2, "d_inner": 16, "vocab_size": 12, "pad_vocab_size_multiple": 8}
    (folder / "config.json").write_text(json.dumps({**fields, "layer": layer}))
    return folder


def test_a_lightning_checkpoint_with_settings_is_read_and_builds_none_of_them(tmp_path):
    model = made(HyenaDNAForCausalLM)
    folder = original_layout(tmp_path, lightning_checkpoint(model))
    loaded = HyenaDNAForCausalLM.from_pretrained(folder)
    for name, tensor in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name
    assert loaded.config.max_seq_len == 80


class Harmful:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_checkpoint_that_could_run_code_is_refused_by_name(tmp_path):
    content = {**lightning_checkpoint(made(HyenaDNAForCausalLM)), "extra": Harmful(tmp_path / "touched")}
    folder = original_layout(tmp_path / "model", content)
    with pytest.raises(ModelError, match=r"builtins\.getattr|pathlib.*could run code.*model\.safetensors"):
        HyenaDNAForCausalLM.from_pretrained(folder)
    assert not (tmp_path / "touched").exists()


def test_files_that_are_no_weights_are_refused(tmp_path):
    made(HyenaDNAForCausalLM).save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="cannot be read"):
        read(str(tmp_path))
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="has no weights"):
        read(str(tmp_path))
    (tmp_path / "weights.ckpt").write_bytes(b"not weights")
    with pytest.raises(ModelError, match=r"weights\.ckpt"):
        read(str(tmp_path))
    torch.save({"epoch": 1}, tmp_path / "weights.ckpt")
    with pytest.raises(ModelError, match="holds no weights"):
        read(str(tmp_path))


def test_a_conversion_names_both_files_by_their_hashes(tmp_path):
    import hashlib

    model = made(HyenaDNAForCausalLM)
    folder = original_layout(tmp_path / "original", lightning_checkpoint(model))
    record = convert(folder, tmp_path / "converted")
    assert record.source_sha256 == hashlib.sha256((folder / "weights.ckpt").read_bytes()).hexdigest()
    written = tmp_path / "converted" / "model.safetensors"
    assert record.target_sha256 == hashlib.sha256(written.read_bytes()).hexdigest()
    loaded = HyenaDNAForCausalLM.from_pretrained(tmp_path / "converted")
    assert torch.equal(loaded.lm_head.weight, model.lm_head.weight)
