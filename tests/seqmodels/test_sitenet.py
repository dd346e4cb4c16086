"""SiteNet: windows judged by their bases alone, alone or within a longer sequence."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from seqmodels.errors import ModelError
from seqmodels.sitenet import FIRST_BASE, SiteNetConfig, SiteNetForSequenceClassification


@pytest.fixture(scope="module")
def net() -> SiteNetForSequenceClassification:
    torch.manual_seed(0)
    net = SiteNetForSequenceClassification(SiteNetConfig(channels=8, hidden=8, blocks=2, domains=3))
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.running_mean.uniform_(-1, 1)
            module.running_var.uniform_(0.5, 2)
    return net.eval()


def bases(*shape: int, seed: int = 0) -> Tensor:
    return torch.randint(FIRST_BASE, FIRST_BASE + 5, shape, generator=torch.Generator().manual_seed(seed))


@given(length=st.integers(41, 200), domain=st.integers(0, 2), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_a_window_of_a_long_sequence_is_judged_as_if_it_were_cut_out(
    net: SiteNetForSequenceClassification, length: int, domain: int, seed: int
) -> None:
    sequence = bases(length, seed=seed)
    starts = torch.arange(length - 40)
    with torch.inference_mode():
        scanned = net.forward_sites(sequence, starts, domain)
        cut = net(sequence.unfold(0, 41, 1), domain_ids=torch.full_like(starts, domain)).logits
    torch.testing.assert_close(scanned, cut, atol=1e-5, rtol=1e-5)


def test_every_base_of_the_window_and_the_domain_matter(net: SiteNetForSequenceClassification) -> None:
    window = bases(1, 41)
    with torch.inference_mode():
        logits = net(window).logits
        for position in range(41):
            other = window.clone()
            other[0, position] = FIRST_BASE + (window[0, position] - FIRST_BASE + 1) % 4
            assert not torch.equal(net(other).logits, logits), position
        assert not torch.equal(net(window, domain_ids=torch.tensor([1])).logits, logits)


def test_what_is_no_base_is_read_as_nothing(net: SiteNetForSequenceClassification) -> None:
    unknown, padding = torch.full((1, 41), 11), torch.full((1, 41), 4)
    torch.testing.assert_close(net(unknown).logits, net(padding).logits)


def test_a_saved_net_answers_as_before(net: SiteNetForSequenceClassification, tmp_path) -> None:
    net.save_pretrained(tmp_path)
    loaded = SiteNetForSequenceClassification.from_pretrained(tmp_path).eval()
    torch.testing.assert_close(loaded(bases(4, 41)).logits, net(bases(4, 41)).logits)


def test_a_net_learns_where_a_base_stands() -> None:
    torch.manual_seed(0)
    net = SiteNetForSequenceClassification(SiteNetConfig(channels=8, hidden=16, blocks=1, dropout=0.0))
    windows = bases(512, 41)
    labels = (windows[:, 15] == FIRST_BASE).long()
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        loss = net(windows, labels=labels).loss
        loss.backward()
        optimizer.step()
    assert loss < 0.1


def test_windows_of_another_length_are_refused_with_the_way_out(net: SiteNetForSequenceClassification) -> None:
    with pytest.raises(ModelError, match=r"Windows of 40 bases.*model of 41.*scan"):
        net(bases(1, 40))


def test_a_shape_that_leaves_no_position_is_refused() -> None:
    with pytest.raises(ModelError, match="window of 20 bases is too short"):
        SiteNetForSequenceClassification(SiteNetConfig(window=20, blocks=6))


def test_a_pooled_net_reads_windows_and_refuses_to_share_its_trunk() -> None:
    net = SiteNetForSequenceClassification(SiteNetConfig(window=70, pool=4)).eval()
    assert net(bases(2, 70)).logits.shape == (2, 2)
    with pytest.raises(ModelError, match="pooled"):
        net.forward_sites(bases(100), torch.arange(3))
