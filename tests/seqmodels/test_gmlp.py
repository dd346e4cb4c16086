"""What a gMLP does with genotypes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from seqmodels.errors import ModelError
from seqmodels.gmlp import LORA_TARGETS, GMLPConfig, GMLPForRegression, GMLPModel, SpatialGatingUnit


@pytest.fixture
def config() -> GMLPConfig:
    return GMLPConfig(num_markers=50, block_size=16, hidden_size=8, intermediate_size=12, num_labels=3)


def trained_looking(config: GMLPConfig) -> GMLPForRegression:
    """A model whose every weight matters, the gates' and the head's too."""
    torch.manual_seed(5)
    model = GMLPForRegression(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return model


def genotypes(lines: int, markers: int = 50, copies: int = 2) -> torch.Tensor:
    return torch.randint(0, copies + 1, (lines, markers), generator=torch.Generator().manual_seed(lines)).float()


@given(blocks=st.integers(1, 40), half=st.integers(1, 16), scale=st.floats(0.1, 100.0), seed=st.integers(0, 99))
@settings(max_examples=40)
def test_at_the_start_the_gate_lets_its_half_through(blocks, half, scale, seed):
    torch.manual_seed(seed)
    shape = GMLPConfig(num_markers=blocks, block_size=1, hidden_size=4, intermediate_size=2 * half)
    gate = GMLPModel(shape).layers[0].gate
    states = scale * torch.randn(3, blocks, 2 * half)
    torch.testing.assert_close(gate(states), states[..., :half], rtol=0.05, atol=1e-6)


def test_the_gate_multiplies_by_a_mixture_over_the_blocks(config):
    gate = SpatialGatingUnit(config)
    torch.nn.init.normal_(gate.weight)
    torch.nn.init.normal_(gate.bias)
    states = torch.randn(2, config.num_blocks, config.intermediate_size)
    left, right = states.chunk(2, -1)
    mixed = torch.stack(
        [
            sum(gate.weight[i, j] * gate.norm(right)[:, j] for j in range(config.num_blocks)) + gate.bias[i]
            for i in range(config.num_blocks)
        ],
        dim=1,
    )
    torch.testing.assert_close(gate(states), left * mixed)


def test_through_the_gate_an_effect_depends_on_the_genotype_in_another_block(config):
    """Additive models give 0 here for every pair of markers, and so does a gMLP whose gates are 1."""
    lines = torch.zeros(4, 50)
    lines[1, 0] = lines[2, 49] = lines[3, 0] = lines[3, 49] = 2

    def interaction(model: GMLPForRegression) -> float:
        neither, first, last, both = model(lines).logits
        return float((both - first - last + neither).abs().max())

    model = trained_looking(config)
    assert interaction(model) > 1e-3
    with torch.no_grad():
        for layer in model.gmlp.layers:
            layer.gate.weight.zero_()
    assert interaction(model) < 1e-5


def test_before_training_every_line_has_the_traits_means(config):
    model, phenotypes = GMLPForRegression(config), torch.tensor([[1.0, 2.0, 3.0], [3.0, float("nan"), 5.0]])
    model.standardise_by(genotypes(2), phenotypes)
    torch.testing.assert_close(model(genotypes(4)).logits, torch.tensor([2.0, 2.0, 4.0]).expand(4, 3))


@pytest.mark.parametrize("mark", [float("nan"), -1.0])
def test_a_missing_genotype_counts_as_the_training_mean(config, mark):
    model, table = trained_looking(config), genotypes(20)
    model.standardise_by(table, torch.randn(20, 3))
    missing, imputed = table.clone(), table.clone()
    missing[:, 3:9], imputed[:, 3:9] = mark, table.mean(0)[3:9]
    torch.testing.assert_close(model(missing).logits, model(imputed).logits, rtol=1e-5, atol=1e-5)
    observed = torch.ones_like(table, dtype=torch.bool)
    observed[:, 3:9] = False
    torch.testing.assert_close(model(table, observed=observed).logits, model(missing).logits)


def test_means_and_scales_are_of_the_known_genotypes(config):
    model, table = GMLPModel(config), genotypes(30)
    table[:, 4] = 1.0
    table[:10, 7] = float("nan")
    table[10:, 8] = -1
    model.standardise_by(table)
    torch.testing.assert_close(model.blocks.mean[7], table[10:, 7].mean())
    torch.testing.assert_close(model.blocks.mean[8], table[:10, 8].mean())
    torch.testing.assert_close(model.blocks.scale[0], 1 / table[:, 0].std(correction=0))
    assert model.blocks.scale[4] == 0


def test_a_line_does_not_depend_on_its_batch(config):
    model, table = trained_looking(config), genotypes(17)
    alone = torch.cat([model(line[None]).logits for line in table])
    torch.testing.assert_close(model(table).logits, alone, rtol=1e-5, atol=1e-5)


def test_saved_and_loaded_it_says_the_same(config, tmp_path):
    model, table = trained_looking(config), genotypes(9)
    model.standardise_by(table, torch.randn(9, 3))
    model.carry.copy_(torch.tensor([0.2, 0.5, 0.9]))
    model.save_pretrained(tmp_path)
    loaded, polygenic = GMLPForRegression.from_pretrained(tmp_path), torch.randn(9, 3)
    assert loaded.config.num_labels == 3
    assert not loaded.training
    torch.testing.assert_close(
        loaded(table, polygenic=polygenic).logits, model(table, polygenic=polygenic).logits, rtol=0, atol=0
    )
    bare = GMLPModel.from_pretrained(tmp_path)
    torch.testing.assert_close(bare(table).last_hidden_state, model.gmlp(table).last_hidden_state, rtol=0, atol=0)


def test_unknown_phenotypes_do_not_enter_the_loss_nor_its_gradient(config):
    model, table, labels = trained_looking(config), genotypes(6), torch.randn(6, 3)
    labels[2, 1] = labels[4, 0] = float("nan")
    output = model(table, labels=labels)
    known = ~labels.isnan()
    torch.testing.assert_close(output.loss, functional.mse_loss(output.logits[known], labels[known]))
    output.loss.backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())
    assert model(table, labels=torch.full_like(labels, float("nan"))).loss == 0


def test_labels_of_one_trait_may_lie_in_a_row(config):
    config = GMLPConfig(num_markers=50, block_size=16)
    model, labels = trained_looking(config), torch.randn(6)
    assert config.num_labels == 1
    torch.testing.assert_close(
        model(genotypes(6), labels=labels).loss, model(genotypes(6), labels=labels[:, None]).loss
    )


def test_the_carry_starts_with_the_mixed_models_value_alone(config):
    model, polygenic = trained_looking(config), torch.randn(5, 3)
    torch.testing.assert_close(model(genotypes(5), polygenic=polygenic).logits, polygenic)


def test_the_carry_is_the_share_of_least_squared_error_on_held_out_lines(config):
    model, own, polygenic = GMLPForRegression(config), torch.randn(400, 3), torch.randn(400, 3)
    truth = own + torch.tensor([0.3, 1.7, -0.5]) * (polygenic - own)
    truth[:5, 0] = float("nan")
    model.set_carry(own, polygenic, truth)
    torch.testing.assert_close(model.carry, torch.tensor([0.3, 1.0, 0.0]))


def test_training_finds_what_two_blocks_do_together():
    torch.manual_seed(0)
    config = GMLPConfig(num_markers=8, block_size=4, hidden_size=16, intermediate_size=32, marker_dropout=0.0)
    model, table = GMLPForRegression(config).train(), torch.randint(0, 2, (256, 8)).float()
    labels = (2 * table[:, :1] - 1) * (2 * table[:, 7:] - 1)
    model.standardise_by(table, labels)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-2)
    for _ in range(120):
        optimiser.zero_grad()
        model(table, labels=labels).loss.backward()
        optimiser.step()
    new = torch.randint(0, 2, (100, 8)).float()
    truth = (2 * new[:, 0] - 1) * (2 * new[:, 7] - 1)
    assert functional.mse_loss(model.eval()(new).logits[:, 0], truth) < 0.1


def test_adapters_go_on_the_named_layers(config):
    from peft import LoraConfig, get_peft_model

    adapted = get_peft_model(trained_looking(config), LoraConfig(target_modules=list(LORA_TARGETS), r=2))
    trainable = {
        name.split(".lora_")[0].rsplit(".", 1)[-1] for name, w in adapted.named_parameters() if w.requires_grad
    }
    assert trainable == set(LORA_TARGETS)


def test_wrong_numbers_of_markers_and_impossible_shapes_are_refused(config):
    with pytest.raises(ModelError, match=r"\(2, 49\), the model 50 markers"):
        GMLPForRegression(config)(genotypes(2, 49))
    with pytest.raises(ModelError, match="7 inside"):
        GMLPConfig(intermediate_size=7)
