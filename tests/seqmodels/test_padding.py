import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from seqmodels.errors import ModelError
from seqmodels.padding import Packing, mean_over_real

masks = st.integers(0, 6).flatmap(
    lambda length: st.lists(st.lists(st.booleans(), min_size=length, max_size=length), min_size=1, max_size=6)
)


def states_for(mask):
    return torch.arange(1.0, mask.numel() + 1).view(*mask.shape, 1).expand(-1, -1, 2).contiguous()


@given(masks, st.sampled_from([0.0, 0.5]), st.sampled_from([1, 4]))
def test_packing_and_unpacking_keep_real_tokens_and_clear_padding(rows, slack, multiple):
    mask = torch.tensor(rows, dtype=torch.bool).view(len(rows), -1)
    packing = Packing.of(mask, slack, multiple)
    states = states_for(mask)
    packed = packing.pack(states)
    assert len(packed) == mask.sum()
    assert torch.equal(packing.unpack(packed), states * mask[..., None])


@given(masks, st.sampled_from([0.0, 0.5]), st.sampled_from([1, 4]))
def test_groups_cover_all_tokens_in_order_and_widening_loses_none(rows, slack, multiple):
    mask = torch.tensor(rows, dtype=torch.bool).view(len(rows), -1)
    packing = Packing.of(mask, slack, multiple)
    packed = packing.pack(states_for(mask))
    parts = packed.split([group.tokens for group in packing.groups]) if packing.groups else []
    back = [group.narrow(group.widen(part)) for group, part in zip(packing.groups, parts, strict=True)]
    assert torch.equal(torch.cat([packed[:0], *back]), packed)
    assert sum(group.sequences for group in packing.groups) == len(packing.rows) == int(mask.any(1).sum())


def test_without_slack_only_equal_lengths_share_a_group_and_no_place_is_empty():
    mask = torch.arange(9) < torch.tensor([9, 3, 9, 3, 4])[:, None]
    groups = Packing.of(mask).groups
    assert [(group.sequences, group.width, group.slots) for group in groups] == [
        (2, 9, None),
        (1, 4, None),
        (2, 3, None),
    ]


def test_with_slack_like_lengths_share_a_group_whose_width_is_rounded_up():
    mask = torch.arange(9) < torch.tensor([9, 3, 9, 6, 4])[:, None]
    groups = Packing.of(mask, slack=0.5, multiple=8).groups
    assert [(group.sequences, group.width, group.tokens) for group in groups] == [(3, 16, 24), (2, 8, 7)]


def test_a_gap_inside_a_row_keeps_its_place():
    mask = torch.tensor([[0, 1, 0, 1, 1]])
    [group] = Packing.of(mask).groups
    assert (group.width, group.slots.tolist()) == (4, [0, 2, 3])
    assert group.taken().tolist() == [[True, False, True, True]]


def test_a_mask_with_more_dimensions_is_refused():
    with pytest.raises(ModelError, match=r"\(2, 1, 4, 4\)"):
        Packing.of(torch.ones(2, 1, 4, 4))


def test_the_mean_is_over_real_tokens_and_0_where_there_is_none():
    states = torch.tensor([[[2.0], [4.0], [9.0]], [[1.0], [1.0], [1.0]]])
    mask = torch.tensor([[1, 1, 0], [0, 0, 0]])
    assert mean_over_real(states, mask).tolist() == [[3.0], [0.0]]
    assert mean_over_real(states, None).tolist() == [[5.0], [1.0]]
