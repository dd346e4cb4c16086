"""The gated convolution against sums written out, and its gradients against finite differences."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from seqmodels import gated_convolution
from seqmodels.gated_convolution import GatedConvolution, fft_size, transform


def inputs(length, batch=2, channels=3, width=3, filter_length=None, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)

    def random(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    return (
        random(batch, length, 3 * channels),
        random(3 * channels, 1, width),
        random(3 * channels),
        random(channels),
        random(channels, filter_length or length),
    )


def written_out(projected, short, short_bias, skip, taps):
    """The same by direct sums."""
    length, width = projected.shape[1], short.shape[-1]
    padded = functional.pad(projected.transpose(1, 2), (width - 1, 0))
    gate, first, value = functional.conv1d(padded, short, short_bias, groups=len(short)).chunk(3, dim=1)
    signal = first * value
    back = torch.arange(length)[:, None] - torch.arange(length)
    reaching = torch.where(back >= 0, taps[:, back.clamp(min=0)], 0.0)
    convolved = torch.einsum("dij,bdj->bdi", reaching, signal)
    return (gate * (convolved + skip[:, None] * signal)).transpose(1, 2)


@given(length=st.integers(1, 70), batch=st.integers(1, 3), width=st.integers(1, 4))
def test_it_is_the_sum_that_the_paper_writes(length, batch, width):
    arguments = inputs(length, batch, width=width)
    found = GatedConvolution.apply(*arguments, None, fft_size(length))
    torch.testing.assert_close(found, written_out(*arguments), atol=1e-10, rtol=0)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_gradients_agree_with_finite_differences(length):
    arguments = [tensor.requires_grad_() for tensor in inputs(length)]
    assert torch.autograd.gradcheck(lambda *given: GatedConvolution.apply(*given, None, fft_size(length)), arguments)


def test_gradients_pass_through_a_filter_that_takes_none():
    *learning, taps = inputs(5)
    learning = [tensor.requires_grad_() for tensor in learning]
    spectrum = transform(taps, fft_size(5))
    assert torch.autograd.gradcheck(lambda *g: GatedConvolution.apply(*g, None, spectrum, fft_size(5)), learning)


def test_results_and_gradients_do_not_depend_on_where_the_work_is_cut(monkeypatch):
    # More positions than one stretch has, and one channel at a time.
    arguments = [tensor.requires_grad_() for tensor in inputs(150, channels=4)]

    def result():
        output = GatedConvolution.apply(*arguments, None, fft_size(150))
        return output, *torch.autograd.grad(output.square().sum(), arguments)

    whole = result()
    monkeypatch.setattr(gated_convolution._Shape, "rows", lambda self: iter([(0, 1), (1, 2), (2, 70), (70, 150)]))
    monkeypatch.setattr(
        gated_convolution._Shape, "channel_groups", lambda self: (slice(c, c + 1) for c in range(self.channels))
    )
    for before, after in zip(whole, result(), strict=True):
        torch.testing.assert_close(after, before, atol=1e-9, rtol=1e-9)


def test_a_longer_kept_filter_gives_the_same():
    projected, short, bias, skip, taps = inputs(20, filter_length=32)
    kept = GatedConvolution.apply(projected, short, bias, skip, None, transform(taps, 64), 64)
    torch.testing.assert_close(kept, written_out(projected, short, bias, skip, taps), atol=1e-10, rtol=0)


def test_half_precision_input_is_computed_in_float32():
    projected, *others = inputs(40, dtype=torch.float32)
    rounded = projected.bfloat16()
    found = GatedConvolution.apply(rounded, *others, None, fft_size(40))
    assert found.dtype == torch.bfloat16
    exact = GatedConvolution.apply(rounded.float(), *others, None, fft_size(40))
    assert torch.equal(found, exact.bfloat16())


@given(st.integers(1, 1_100_000))
def test_transforms_have_room_for_both_and_only_small_factors(length):
    size = fft_size(length)
    assert size >= 2 * length
    assert size % 64 == 0
    rest = size
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    assert rest == 1
    # 64 by the next number without larger factors: never more than a quarter above, but for the first sizes.
    assert size <= 64 * 1.25 * (2 * length / 64 + 1)
