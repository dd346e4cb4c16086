"""The Hyena operator between its projections: a convolution as long as the sequence, gated on both sides.

Poli et al. 2023, "Hyena Hierarchy", arXiv:2302.10866. Computed by real Fourier transforms in float32, a group of
channels at a time, so that little is held beside input and output.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor


def fft_size(length: int) -> int:
    """The size of the Fourier transforms that convolve `length` tokens: at least twice as long and fast.

    That is 64 times a number without prime factors above 5: without so many factors of 2 transforms are slower.
    """
    least = -(-2 * length // 64)
    odd: list[int] = [3**threes * 5**fives for threes in range(14) for fives in range(10)]
    return 64 * min(factor << (-(-least // factor) - 1).bit_length() for factor in odd)


def transform(signal: Tensor, size: int) -> Tensor:
    """The real Fourier transform of the last dimension, padded with zeros to `size`."""
    transformed: Tensor = torch.fft.rfft(signal, n=size)
    return transformed


def _blocks(length: int, step: int) -> Iterator[tuple[int, int]]:
    for start in range(0, length, step):
        yield start, min(start + step, length)


class _Shape:
    """How the convolution cuts its work, so that a block stays in the cache (CPU) or its temporaries small (GPU)."""

    def __init__(self, projected: Tensor, size: int) -> None:
        self.batch, self.length, width = projected.shape
        self.channels = width // 3
        on_cpu = projected.device.type == "cpu"
        self._rows = max(64, (2**18 if on_cpu else 2**28) // (self.batch * width))
        self._at_once = max(1, (2**20 if on_cpu else 2**26) // (self.batch * size))

    def rows(self) -> Iterator[tuple[int, int]]:
        """Stretches of positions."""
        return _blocks(self.length, self._rows)

    def channel_groups(self) -> Iterator[slice]:
        """Groups of channels."""
        return (slice(*block) for block in _blocks(self.channels, self._at_once))


class GatedConvolution(torch.autograd.Function):
    """The Hyena operator between its projections: short convolution, gate, long convolution, gate.

    With s the causal short convolution of the projected input, split into x0, x1 and v, it computes
    x0 (taps * (x1 v) + skip x1 v), `*` the causal convolution of each channel. Only the projected input is kept for the
    backward pass, where the rest is computed again block by block: less memory than autograd keeps, and no full complex
    transforms, as which autograd differentiates real ones.
    """

    @staticmethod
    def forward(
        ctx: Any,
        projected: Tensor,
        short: Tensor,
        short_bias: Tensor,
        skip: Tensor,
        taps: Tensor | None,
        spectrum: Tensor | None,
        size: int,
    ) -> Tensor:
        """Compute the gated convolution.

        Args:
            ctx: autograd's.
            projected: (batch, length, 3 d), the output of `in_proj`.
            short: (3 d, 1, width), the short convolution's weights.
            short_bias: (3 d,).
            skip: (d,), what of the gated input is added to its convolution.
            taps: (d, length), the filter; None where `spectrum` is given.
            spectrum: (d, size // 2 + 1), the transform of a filter that takes no gradient.
            size: of the transforms, at least length + the filter's length - 1.

        Returns:
            (batch, length, d), of the type of `projected`.
        """
        ctx.save_for_backward(projected, short, short_bias, skip, taps, spectrum)
        ctx.size = size
        shape = _Shape(projected, size)
        gate, signal = _gated(shape, projected, short[:, 0], short_bias)
        for group in shape.channel_groups():
            transformed = transform(signal[:, group], size)
            transformed *= _spectrum_of(group, taps, spectrum, size)
            convolved = torch.fft.irfft(transformed, n=size)[..., : shape.length]
            signal[:, group] *= skip[group, None]
            signal[:, group] += convolved
        for start, stop in shape.rows():
            gate[:, start:stop] *= _upright(signal, start, stop)
        return gate.to(projected.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, output_gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the first five inputs; the shapes are those of `forward`."""
        projected, short, short_bias, skip, taps, spectrum = ctx.saved_tensors
        shape = _Shape(projected, ctx.size)
        gate, signal = _gated(shape, projected, short[:, 0], short_bias)
        gradient = torch.empty_like(signal)
        for start, stop in shape.rows():
            gradient[:, :, start:stop] = (output_gradient[:, start:stop] * gate[:, start:stop]).transpose(1, 2)
        del gate
        skip_gradient = torch.empty_like(skip)
        taps_gradient = None if taps is None else torch.empty_like(taps)
        for group in shape.channel_groups():
            skip_gradient[group] = (gradient[:, group] * signal[:, group]).sum((0, 2))
            filtered = _spectrum_of(group, taps, spectrum, ctx.size)
            of_signal = transform(signal[:, group], ctx.size)
            of_gradient = transform(gradient[:, group], ctx.size)
            if taps is not None and taps_gradient is not None:
                correlated = (of_signal.conj() * of_gradient).sum(0)
                taps_gradient[group] = torch.fft.irfft(correlated, n=ctx.size)[:, : taps.shape[1]]
            of_signal *= filtered
            of_gradient *= filtered.conj()
            convolved = torch.fft.irfft(of_signal, n=ctx.size)[..., : shape.length]
            correlated = torch.fft.irfft(of_gradient, n=ctx.size)[..., : shape.length]
            signal[:, group] = torch.addcmul(convolved, signal[:, group], skip[group, None])
            gradient[:, group] = torch.addcmul(correlated, gradient[:, group], skip[group, None])
        through_short = _short_backward(shape, projected, short[:, 0], short_bias, signal, gradient, output_gradient)
        return *through_short, skip_gradient, taps_gradient, None, None


def _spectrum_of(group: slice, taps: Tensor | None, spectrum: Tensor | None, size: int) -> Tensor:
    if spectrum is not None:
        return spectrum[group]
    assert taps is not None
    return transform(taps[group], size)


def _upright(signal: Tensor, start: int, stop: int) -> Tensor:
    """Rows `start:stop` of a (batch, d, length) tensor as (batch, rows, d)."""
    # Copied first: channels that lie far apart are slow to read one position at a time.
    return signal[:, :, start:stop].contiguous().transpose(1, 2)


def _convolved(projected: Tensor, short: Tensor, bias: Tensor, start: int, stop: int) -> Tensor:
    """Rows `start:stop` of the causal short convolution, (batch, rows, 3 d), at least float32."""
    most = short.shape[1] - 1
    before = min(most, start)
    rows = projected[:, start - before : stop].to(torch.promote_types(projected.dtype, torch.float32))
    out = torch.addcmul(bias, rows[:, before:], short[:, most])
    for lag in range(1, most + 1):
        missing = max(0, lag - before)
        out[:, missing:].addcmul_(rows[:, before + missing - lag : max(0, rows.shape[1] - lag)], short[:, most - lag])
    return out


def _gated(shape: _Shape, projected: Tensor, short: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
    """The output's gate x0 (batch, length, d), and the long convolution's input x1 v (batch, d, length)."""
    exact = torch.promote_types(projected.dtype, torch.float32)
    gate = projected.new_empty(shape.batch, shape.length, shape.channels, dtype=exact)
    signal = projected.new_empty(shape.batch, shape.channels, shape.length, dtype=exact)
    for start, stop in shape.rows():
        rows = _convolved(projected, short, bias, start, stop)
        gate[:, start:stop], first, value = rows.chunk(3, dim=-1)
        signal[:, :, start:stop] = first.mul_(value).transpose(1, 2)
    return gate, signal


def _short_backward(
    shape: _Shape,
    projected: Tensor,
    short: Tensor,
    bias: Tensor,
    convolved: Tensor,
    signal_gradient: Tensor,
    output_gradient: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the projected input and of the short convolution's weights (3 d, 1, width) and bias."""
    projected_gradient = torch.empty_like(projected)
    short_gradient, bias_gradient = torch.zeros_like(short), torch.zeros_like(bias)
    most = short.shape[1] - 1
    for start, stop in shape.rows():
        # A row of the input reaches the rows after it too.
        reach = min(stop + most, shape.length)
        _, first, value = _convolved(projected, short, bias, start, reach).chunk(3, dim=-1)
        of_gate = output_gradient[:, start:reach] * _upright(convolved, start, reach)
        of_signal = _upright(signal_gradient, start, reach)
        rows = torch.cat([of_gate, of_signal * value, of_signal * first], dim=-1)
        own = rows[:, : stop - start]
        total = own * short[:, most]
        for lag in range(1, most + 1):
            later = rows[:, lag : lag + stop - start]
            total[:, : later.shape[1]].addcmul_(later, short[:, most - lag])
        projected_gradient[:, start:stop] = total
        bias_gradient += own.sum((0, 1))
        for lag in range(most + 1):
            missing = max(0, lag - start)
            earlier = projected[:, start + missing - lag : max(0, stop - lag)]
            short_gradient[:, most - lag] += (own[:, missing:] * earlier).sum((0, 1))
    return projected_gradient, short_gradient[:, None], bias_gradient
