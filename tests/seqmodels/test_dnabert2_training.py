"""DNABERT-2 in training: losses, gradients, checkpointing and adapters."""

import copy

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch.nn import functional

from seqmodels import alibi
from seqmodels.dnabert2 import (
    LORA_TARGETS,
    DNABert2Config,
    DNABert2ForMaskedLM,
    DNABert2ForSequenceClassification,
    DNABert2ForTokenClassification,
)

UNKNOWN, PAD, MASK = 0, 3, 4


def config(**settings):
    sizes = {"vocab_size": 32, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3}
    return DNABert2Config(**{**sizes, "intermediate_size": 40, **settings})


def new(kind, **settings):
    torch.manual_seed(0)
    return kind(config(**settings))


@pytest.fixture
def batch():
    """Ids and mask of three sequences."""
    torch.manual_seed(1)
    mask = (torch.arange(12) < torch.tensor([12, 5, 8])[:, None]).long()
    return torch.where(mask == 1, torch.randint(5, 32, (3, 12)), PAD), mask


def gradients(model):
    return {name: each.grad.clone() for name, each in model.named_parameters() if each.grad is not None}


def test_masked_tokens_are_learnt():
    model = new(DNABert2ForMaskedLM).train()
    generator = torch.Generator().manual_seed(0)
    # All tokens of a sequence are the same: what is hidden stands beside it.
    ids = torch.randint(5, 32, (64, 1), generator=generator).repeat(1, 8)
    hidden = ids.clone()
    hidden[:, 1::2] = MASK
    labels = torch.where(hidden == MASK, ids, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(30):
        loss = model(hidden, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_the_masked_loss_is_the_mean_cross_entropy_of_the_labels_unknown_tokens_among_them(batch):
    model = new(DNABert2ForMaskedLM).eval()
    ids, mask = batch
    labels = torch.full_like(ids, -100)
    labels[0, 3], labels[1, 2] = 9, UNKNOWN
    outputs = model(ids, mask, labels=labels)
    expected = functional.cross_entropy(outputs.logits[[0, 1], [3, 2]], torch.tensor([9, UNKNOWN]))
    torch.testing.assert_close(outputs.loss, expected)


def test_unknown_tokens_train_and_padding_does_not(batch):
    model = new(DNABert2ForSequenceClassification).train()
    ids, mask = batch
    ids[0, 3] = UNKNOWN
    model(ids, mask, labels=torch.tensor([0, 1, 0])).loss.backward()
    rows = model.get_input_embeddings().weight.grad.abs().sum(1)
    assert rows[UNKNOWN] > 0
    assert rows[PAD] == 0


def test_sparse_prediction_gives_the_same_loss_from_the_labelled_tokens_alone(batch):
    full, sparse = new(DNABert2ForMaskedLM).eval(), new(DNABert2ForMaskedLM, sparse_prediction=True).eval()
    ids, mask = batch
    labels = torch.full_like(ids, -100)
    labels[0, 3], labels[2, 2] = 9, 11
    outputs = sparse(ids, mask, labels=labels)
    assert outputs.logits.shape == (2, 32)
    torch.testing.assert_close(outputs.loss, full(ids, mask, labels=labels).loss)
    assert sparse(ids, mask).logits.shape == (3, 12, 32)


@pytest.mark.parametrize("kind", [DNABert2ForMaskedLM, DNABert2ForTokenClassification])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_batch_without_a_label_has_a_loss_of_0(kind, sparse, batch):
    model = new(kind, sparse_prediction=sparse).train()
    ids, mask = batch
    loss = model(ids, mask, labels=torch.full_like(ids, -100)).loss
    loss.backward()
    assert loss.item() == 0
    assert all(torch.isfinite(each).all() for each in gradients(model).values())


@pytest.mark.parametrize(
    ("problem", "labels", "expected"),
    [
        ("single_label_classification", torch.tensor([0, 2, 1]), functional.cross_entropy),
        ("multi_label_classification", torch.eye(3), functional.binary_cross_entropy_with_logits),
        ("regression", torch.tensor([[0.1, 2, 3], [1, -1, 0], [0, 0, 1]]), functional.mse_loss),
    ],
)
def test_sequences_are_labelled_by_the_problem_that_the_config_names(batch, problem, labels, expected):
    model = new(DNABert2ForSequenceClassification, num_labels=3, problem_type=problem).eval()
    outputs = model(*batch, labels=labels)
    assert outputs.logits.shape == (3, 3)
    torch.testing.assert_close(outputs.loss, expected(outputs.logits, labels))


def test_one_measured_value_a_sequence_is_regressed_on(batch):
    model = new(DNABert2ForSequenceClassification, num_labels=1, problem_type="regression").eval()
    labels = torch.tensor([0.5, -1.0, 2.0])
    outputs = model(*batch, labels=labels)
    torch.testing.assert_close(outputs.loss, functional.mse_loss(outputs.logits[:, 0], labels))


def test_token_labels_of_minus_100_are_left_out(batch):
    model = new(DNABert2ForTokenClassification, num_labels=5).eval()
    ids, mask = batch
    labels = torch.randint(0, 5, ids.shape).masked_fill(mask == 0, -100)
    outputs = model(ids, mask, labels=labels)
    torch.testing.assert_close(outputs.loss, functional.cross_entropy(outputs.logits[mask == 1], labels[mask == 1]))


def test_gradients_do_not_depend_on_padding(batch):
    ids, mask = batch
    labels = torch.tensor([0, 1, 1])
    model = new(DNABert2ForSequenceClassification, hidden_dropout_prob=0.0).train()
    model(ids, mask, labels=labels).loss.backward()
    together = gradients(model)
    model.zero_grad()
    for row in range(3):
        real = mask[row] == 1
        (model(ids[row : row + 1, real], labels=labels[row : row + 1]).loss / 3).backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(together[name], gradient, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("attention_dropout", [0.0, 0.2])
@pytest.mark.parametrize("reentrant", [False, True])
@pytest.mark.parametrize("block", [alibi._BLOCK, 3 * 12 * 5])
def test_gradient_checkpointing_gives_the_same_gradients(batch, attention_dropout, reentrant, block, monkeypatch):
    monkeypatch.setattr(alibi, "_BLOCK", block)
    ids, mask = batch
    labels = torch.tensor([0, 1, 1])
    plain = new(DNABert2ForSequenceClassification, attention_probs_dropout_prob=attention_dropout).train()
    saving = copy.deepcopy(plain)
    saving.activation_checkpointing_enable({"use_reentrant": reentrant})
    assert saving.is_activation_checkpointing
    found = []
    for model in (plain, saving):
        torch.manual_seed(5)
        model(ids, mask, labels=labels).loss.backward()
        found.append(gradients(model))
    assert found[0].keys() == found[1].keys()
    for name, gradient in found[0].items():
        torch.testing.assert_close(found[1][name], gradient, atol=1e-6, rtol=1e-4)


def test_dropout_acts_in_training_alone(batch):
    model = new(DNABert2ForSequenceClassification, attention_probs_dropout_prob=0.5, hidden_dropout_prob=0.0)
    with torch.no_grad():
        model.train()
        assert not torch.equal(model(*batch).logits, model(*batch).logits)
        model.eval()
        assert torch.equal(model(*batch).logits, model(*batch).logits)


def test_attention_maps_can_be_trained_through(batch):
    model = new(DNABert2ForSequenceClassification, hidden_dropout_prob=0.0).train()
    labels = torch.tensor([0, 1, 1])
    model(*batch, labels=labels).loss.backward()
    usual = gradients(model)
    model.zero_grad()
    outputs = model(*batch, labels=labels, output_attentions=True)
    outputs.loss.backward()
    for name, gradient in gradients(model).items():
        torch.testing.assert_close(usual[name], gradient, atol=1e-6, rtol=1e-4)


def adapted(model, **settings):
    return get_peft_model(model, LoraConfig(r=4, target_modules=list(LORA_TARGETS), **settings))


def test_adapters_go_on_the_four_linear_layers_of_every_block_and_on_nothing_else():
    model = adapted(new(DNABert2ForMaskedLM))
    found = {name.partition(".lora_A")[0] for name, _ in model.named_parameters() if ".lora_A." in name}
    blocks = "base_model.model.bert.encoder.layer"
    layers = ("attention.self.Wqkv", "attention.output.dense", "mlp.gated_layers", "mlp.wo")
    assert found == {f"{blocks}.{number}.{layer}" for number in range(2) for layer in layers}


def test_an_adapter_trains_with_its_head_is_saved_alone_and_merges_to_the_same(batch, tmp_path):
    ids, mask = batch
    labels = torch.tensor([0, 1, 1])
    base = new(DNABert2ForSequenceClassification)
    model = adapted(copy.deepcopy(base), task_type="SEQ_CLS").train()
    trained = [name for name, each in model.named_parameters() if each.requires_grad]
    assert trained
    assert all("lora_" in name or ".classifier." in name for name in trained)
    optimizer = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=1e-2)
    for _ in range(3):
        optimizer.zero_grad()
        model(input_ids=ids, attention_mask=mask, labels=labels).loss.backward()
        optimizer.step()
    model.eval().save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(copy.deepcopy(base), tmp_path).eval()
    with torch.no_grad():
        before, adapter = base.eval()(ids, mask).logits, model(input_ids=ids, attention_mask=mask).logits
        assert (before - adapter).abs().max() > 1e-3
        assert torch.equal(again(input_ids=ids, attention_mask=mask).logits, adapter)
        merged = again.merge_and_unload()(ids, mask).logits
    torch.testing.assert_close(merged, adapter, atol=1e-5, rtol=1e-4)


def test_an_adapter_trains_under_gradient_checkpointing(batch):
    model = new(DNABert2ForSequenceClassification)
    model.activation_checkpointing_enable()
    model.enable_input_require_grads()
    model = adapted(model, task_type="SEQ_CLS").train()
    model(input_ids=batch[0], attention_mask=batch[1], labels=torch.tensor([0, 1, 1])).loss.backward()
    assert all(each.grad is not None for name, each in model.named_parameters() if "lora_B" in name)
