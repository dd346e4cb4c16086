import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels import alibi as alibi_module
from seqmodels.alibi import Alibi, alibi_slopes, attend, attend_with_maps
from seqmodels.padding import Packing

HEADS, DIMENSION = 3, 8
NEARLY_NONE = 1e-12
"""A dropout that drops nothing, but takes the way in blocks, which is the one on a GPU."""


def plain_attention(qkv, slopes):
    """The formula, for one sequence (tokens, 3, heads, dimension)."""
    query, key, value = qkv.permute(1, 2, 0, 3)
    place = torch.arange(len(qkv))
    bias = -slopes[:, None, None] * (place[:, None] - place).abs()
    maps = (query @ key.transpose(1, 2) / qkv.shape[-1] ** 0.5 + bias).softmax(-1)
    return (maps @ value).transpose(0, 1).flatten(1), maps


def batch(lengths, dtype=torch.float32):
    """Padded queries, keys and values of sequences, each of its own length, and their mask."""
    torch.manual_seed(0)
    mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return torch.randn(*mask.shape, 3, HEADS, DIMENSION).to(dtype), mask


def attended(qkv, mask, slack, dropout=0.0):
    """Attention of a padded batch, padded again."""
    packing = Packing.of(mask, slack, 8 if slack else 1)
    biases = Alibi(HEADS, max(group.width for group in packing.groups), qkv.device)
    parts = packing.pack(qkv).split([group.tokens for group in packing.groups])
    out = [attend(part, group, biases, dropout) for part, group in zip(parts, packing.groups, strict=True)]
    return packing.unpack(torch.cat(out))


def test_slopes_of_twelve_heads_are_those_of_the_published_model():
    eight = [2.0**-power for power in range(1, 9)]
    assert alibi_slopes(12).tolist() == pytest.approx([*eight, 0.707107, 0.353553, 0.176777, 0.088388], rel=1e-5)


def test_slopes_of_a_power_of_two_are_one_geometric_series():
    assert alibi_slopes(4).tolist() == [0.25, 0.0625, 0.015625, 0.00390625]
    assert alibi_slopes(1).tolist() == [2.0**-8]


def test_the_bias_is_a_view_of_one_line_a_head():
    biases = Alibi(HEADS, 1000, torch.device("cpu"))
    view = biases.reversed_keys(700)
    assert view.untyped_storage().nbytes() == HEADS * (2 * 1000 - 1) * 4
    distance = (torch.arange(700)[:, None] - torch.arange(700)).abs()
    assert torch.equal(view.flip(-1)[0], -alibi_slopes(HEADS)[:, None, None] * distance)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=5), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0, 1]))
def test_each_sequence_attends_as_the_formula_says_whatever_the_groups(lengths, slack, in_blocks):
    qkv, mask = batch(lengths)
    out = attended(qkv, mask, slack, NEARLY_NONE * in_blocks)
    for row, length in enumerate(lengths):
        expected, _ = plain_attention(qkv[row, :length], alibi_slopes(HEADS))
        torch.testing.assert_close(out[row, :length], expected, atol=2e-6, rtol=1e-5)


def test_distances_count_over_a_gap():
    qkv, _ = batch([7])
    mask = torch.tensor([[1, 1, 0, 0, 1, 0, 1]])
    place = torch.tensor([0, 1, 4, 6])
    query, key, value = qkv[0, place].permute(1, 2, 0, 3)
    bias = -alibi_slopes(HEADS)[:, None, None] * (place[:, None] - place).abs()
    expected = (query @ key.transpose(1, 2) / DIMENSION**0.5 + bias).softmax(-1) @ value
    out = attended(qkv, mask, slack=0.0)[0, place]
    torch.testing.assert_close(out, expected.transpose(0, 1).flatten(1), atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("slack", [0.0, 1.0])
@pytest.mark.parametrize("in_blocks", [0, 1])
def test_gradients_are_those_of_the_formula(slack, in_blocks, monkeypatch):
    monkeypatch.setattr(alibi_module, "_BLOCK", HEADS * 20 * 6)
    lengths = [20, 13, 1]
    qkv, mask = batch(lengths)
    qkv.requires_grad_()
    weight = torch.randn(len(lengths), max(lengths), HEADS * DIMENSION)
    (attended(qkv, mask, slack, NEARLY_NONE * in_blocks) * weight).sum().backward()
    got, qkv.grad = qkv.grad, None
    for row, length in enumerate(lengths):
        (plain_attention(qkv[row, :length], alibi_slopes(HEADS))[0] * weight[row, :length]).sum().backward()
    torch.testing.assert_close(got, qkv.grad, atol=5e-6, rtol=1e-5)


def test_in_blocks_no_more_biases_are_made_at_a_time_than_a_block_holds(monkeypatch):
    monkeypatch.setattr(alibi_module, "_BLOCK", HEADS * 64 * 10)
    made = []
    rows = Alibi._rows
    monkeypatch.setattr(Alibi, "_rows", lambda *given: made.append(rows(*given)) or made[-1])
    qkv, mask = batch([64])
    attended(qkv, mask, 0.0, NEARLY_NONE)
    assert max(each.numel() for each in made) <= HEADS * 64 * 10
    assert sum(each.shape[2] for each in made) == 64


def test_layers_share_a_bias_that_fits_one_block():
    biases = Alibi(HEADS, 16, torch.device("cpu"))
    assert biases.block(0, 16, 16, torch.bfloat16) is biases.block(0, 16, 16, torch.bfloat16)


@pytest.mark.parametrize("autocast", [False, True])
def test_bfloat16_states_are_close_to_float32_ones(autocast):
    qkv, mask = batch([300, 40])
    exact = attended(qkv, mask, 0.0)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        half = attended(qkv.bfloat16(), mask, 0.0)
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), exact, atol=0.05, rtol=0.05)


def test_maps_are_the_formulas_and_give_the_same_states():
    qkv, mask = batch([30])
    [group] = Packing.of(mask).groups
    biases = Alibi(HEADS, 30, qkv.device)
    out, maps = attend_with_maps(qkv[0], group, biases)
    expected, expected_maps = plain_attention(qkv[0], alibi_slopes(HEADS))
    torch.testing.assert_close(maps[0], expected_maps, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(out, expected, atol=2e-6, rtol=1e-5)
    torch.testing.assert_close(attend(qkv[0], group, biases), expected, atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize(("start", "end"), [(0, 13), (4, 9)])
def test_rows_of_a_block_begin_where_gpu_kernels_can_read_them(start, end):
    biases = Alibi(HEADS, 16, torch.device("cpu"))
    block = biases.block(start, end, 13, torch.float32)
    assert block.stride(2) % 8 == 0
    assert torch.equal(block, biases.reversed_keys(13)[:, :, start:end].flip(-1))
