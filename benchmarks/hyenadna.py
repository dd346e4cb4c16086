"""How fast HyenaDNA runs beside the same mathematics written plainly, and in how much memory.

The plain version follows the papers (arXiv:2306.15794, arXiv:2302.10866) line by line with PyTorch's own operations, on
the same weights; it is checked to give the same hidden states and gradients. Both run in turn, and medians are printed;
peak memory is that of a process of its own. Sequences are random.

    PYTHONPATH=. python -m benchmarks.hyenadna [--tokens 32768] [--rounds 5] [--threads 1]
    PYTHONPATH=. python -m benchmarks.hyenadna --gpu      one forward pass over 1,000,000 bases
"""

import argparse
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from seqmodels.hyenadna import HyenaBlock, HyenaDNAConfig, HyenaDNAForCausalLM, HyenaFilter, position_features

Run = Callable[[], object]
NAMES = ("forward ours", "forward plain", "training step ours", "training step plain")


def plain_filter(layer: HyenaFilter, config: HyenaDNAConfig, length: int) -> Tensor:
    """The taps of every channel, (d, length): a network of sines under an exponential window."""
    weights = dict(layer.implicit_filter.named_parameters())
    taps = position_features(config.max_seq_len, config.emb_dim)[:length]
    for number in (0, 2, 4):
        taps = torch.sin(
            weights["1.freq"] * functional.linear(taps, weights[f"{number}.weight"], weights[f"{number}.bias"])
        )
    taps = functional.linear(taps, weights["6.weight"])
    passed = torch.linspace(0, 1, config.max_seq_len)[:length, None]
    rates = torch.linspace(math.log(0.01) / 1.5, math.log(0.01) / 0.3, config.d_model)
    return (taps * (torch.exp(-passed * rates.abs()) + 0.05)).transpose(0, 1)


def plain_block(block: HyenaBlock, config: HyenaDNAConfig, residual: Tensor) -> Tensor:
    """One layer, (batch, length, d) to the same."""
    length, mixer = residual.shape[1], block.mixer
    states = functional.layer_norm(residual, (config.d_model,), block.norm1.weight, block.norm1.bias)
    projected = mixer.in_proj(states).transpose(1, 2)
    short = mixer.short_filter
    short_convolved = functional.conv1d(projected, short.weight, short.bias, padding=2, groups=projected.shape[1])
    gate, first, value = short_convolved[..., :length].chunk(3, dim=1)
    signal = first * value
    taps = torch.fft.rfft(plain_filter(mixer.filter_fn, config, length), n=2 * length)
    convolved = torch.fft.irfft(torch.fft.rfft(signal, n=2 * length) * taps, n=2 * length)[..., :length]
    mixed = (convolved + signal * mixer.filter_fn.bias[:, None]) * gate
    residual = residual + mixer.out_proj(mixed.transpose(1, 2))
    states = functional.layer_norm(residual, (config.d_model,), block.norm2.weight, block.norm2.bias)
    outer: Tensor = block.mlp.fc2(functional.gelu(block.mlp.fc1(states), approximate="tanh"))
    return residual + outer


def plain_states(model: HyenaDNAForCausalLM, ids: Tensor) -> Tensor:
    """The last hidden states, (batch, length, d)."""
    backbone, config = model.hyena.backbone, model.config
    residual: Tensor = backbone.embeddings.word_embeddings(ids)
    for block in backbone.layers:
        assert isinstance(block, HyenaBlock)
        residual = plain_block(block, config, residual)
    return functional.layer_norm(residual, (config.d_model,), backbone.ln_f.weight, backbone.ln_f.bias)


def next_token_loss(model: HyenaDNAForCausalLM, states: Tensor, ids: Tensor) -> Tensor:
    """Mean cross-entropy of the next token."""
    return functional.cross_entropy(model.lm_head(states)[0, :-1], ids[0, 1:])


def step(model: HyenaDNAForCausalLM, states: Callable[[], Tensor], ids: Tensor) -> dict[str, Tensor]:
    """Forward and backward of one training step; gives every gradient."""
    model.zero_grad()
    next_token_loss(model, states(), ids).backward()
    return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}


def runs(tokens: int) -> dict[str, Run]:
    """What is measured, by name: small-32k, one random sequence, dropout off, forward and training step."""
    torch.manual_seed(0)
    model = HyenaDNAForCausalLM(HyenaDNAConfig.preset("small-32k", embed_dropout=0.0)).train(False)
    ids = torch.randint(7, 11, (1, tokens))

    def without_gradients(states: Callable[[], Tensor]) -> Tensor:
        with torch.no_grad():
            return states()

    def ours() -> Tensor:
        states: Tensor = model.hyena(ids).last_hidden_state
        return states

    def plain() -> Tensor:
        return plain_states(model, ids)

    return {
        "forward ours": lambda: without_gradients(ours),
        "forward plain": lambda: without_gradients(plain),
        "training step ours": lambda: step(model, ours, ids),
        "training step plain": lambda: step(model, plain, ids),
    }


def check_equal(measured: dict[str, Run]) -> None:
    """End the program where the two versions differ."""
    ours, plain = measured["forward ours"](), measured["forward plain"]()
    assert isinstance(ours, Tensor)
    assert isinstance(plain, Tensor)
    apart = (ours - plain).abs().max().item()
    ours_step, plain_step = measured["training step ours"](), measured["training step plain"]()
    assert isinstance(ours_step, dict)
    assert isinstance(plain_step, dict)
    gradients = max(
        ((ours_step[name] - plain_step[name]).abs().max() / plain_step[name].abs().max().clamp(min=1e-12)).item()
        for name in plain_step
    )
    print(f"same weights: hidden states differ by at most {apart:.1e}, gradients by {gradients:.1e} of their largest")
    if apart > 1e-4 or gradients > 1e-2:
        sys.exit("The two versions do not compute the same.")


def compare(measured: dict[str, Run], what: str, rounds: int) -> None:
    """Run both versions in turn and print the medians and their ratio."""
    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    for _ in range(rounds):
        for version, taken in seconds.items():
            start = time.perf_counter()
            measured[f"{what} {version}"]()
            taken.append(time.perf_counter() - start)
    ratio = statistics.median(plain / ours for ours, plain in zip(seconds["ours"], seconds["plain"], strict=True))
    ours, plain = (statistics.median(taken) for taken in seconds.values())
    print(f"{what}: ours {ours:.2f} s, plain {plain:.2f} s, {ratio:.2f}x (median of {rounds} pairs)", flush=True)


def peak(tokens: int, name: str) -> int:
    """Peak memory in MiB that one run needs beside the loaded model, in a process of its own."""
    code = (
        "import resource, torch\n"
        "from benchmarks.hyenadna import runs\n"
        f"torch.set_num_threads({torch.get_num_threads()})\n"
        f"run = runs({tokens})[{name!r}]\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "run()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout) // 1024


def on_gpu() -> None:
    """Time one forward pass of large-1m over 1,000,000 bases in float32, and its memory."""
    if not torch.cuda.is_available():
        sys.exit("There is no GPU here: the 1,000,000-base forward pass was not run.")
    torch.manual_seed(0)
    model = HyenaDNAForCausalLM(HyenaDNAConfig.preset("large-1m")).train(False).to("cuda")
    ids = torch.randint(7, 11, (1, 1_000_000), device="cuda")
    for note in ("first", "second"):
        torch.cuda.reset_peak_memory_stats()
        start = time.perf_counter()
        with torch.no_grad():
            states = model.hyena(ids).last_hidden_state
        torch.cuda.synchronize()
        taken, memory = time.perf_counter() - start, torch.cuda.max_memory_allocated() / 2**30
        finite = bool(states.isfinite().all())
        print(f"1,000,000 bases, {note} pass: {taken:.2f} s, peak {memory:.1f} GiB, finite: {finite}")


def main() -> None:
    """Print time and memory of both versions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokens", type=int, default=32768)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--gpu", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.gpu:
        on_gpu()
        return
    print(f"HyenaDNA small-32k, {options.tokens:,} tokens, {torch.get_num_threads()} threads, float32")
    # First, as a process starts with the peak of the one that began it.
    for name in NAMES:
        print(f"peak memory, {name}: {peak(options.tokens, name):,} MiB", flush=True)
    measured = runs(options.tokens)
    check_equal(measured)
    compare(measured, "forward", options.rounds)
    compare(measured, "training step", options.rounds)


if __name__ == "__main__":
    main()
