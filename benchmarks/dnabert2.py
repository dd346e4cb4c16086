"""How fast DNABERT-2 runs without padding, beside the same mathematics written plainly, and in how much memory.

The plain version is a padded transformer as the papers have it (arXiv:2306.15006, arXiv:2108.12409): biases of all
heads as one matrix, scores, softmax. It computes with the same weights, and is checked to give the same states and
gradients. It reads 32 sequences as one padded batch, and in groups of 8 of like length; a training step is in groups
for both, as one padded batch would keep 20 GB for its backward pass. Every contestant has a process of its own, which
tells its peak memory, model and libraries included (Linux). They run in turn, and ratios are medians of those within a
round. Weights are random at the published size, tokens are random, dropout is off.

    PYTHONPATH=. python -m benchmarks.dnabert2 [--rounds 3] [--training-rounds 2]
    PYTHONPATH=. python -m benchmarks.dnabert2 --gpu      training tokens a second in bfloat16
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import Module, functional

from seqmodels.alibi import alibi_slopes
from seqmodels.dnabert2 import DNABert2Config, DNABert2ForMaskedLM, DNABert2Layer

# 32 lengths from 10 to 512 tokens at even steps: 8,352 tokens in all.
LENGTHS = [round(10 + 502 * step / 31) for step in range(32)]
SHARE_MASKED = 0.15
Batch = tuple[Tensor, Tensor, Tensor]
States = Callable[[DNABert2ForMaskedLM, Tensor, Tensor], Tensor]


def plain_layer(layer: DNABert2Layer, states: Tensor, bias: Tensor, heads: int) -> Tensor:
    """One block, (batch, length, hidden) to the same; `bias` (batch, heads, length, length)."""
    attention, mlp = layer.attention, layer.mlp
    batch, length, hidden = states.shape
    qkv = attention.self.Wqkv(states).view(batch, length, 3, heads, hidden // heads).permute(2, 0, 3, 1, 4)
    query, key, value = qkv[0], qkv[1], qkv[2]
    scores = query @ key.transpose(-1, -2) / (hidden // heads) ** 0.5 + bias
    mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, hidden)
    states = attention.output.LayerNorm(attention.output.dense(mixed) + states)
    gate, passed = mlp.gated_layers(states).chunk(2, -1)
    return mlp.layernorm(mlp.wo(functional.gelu(gate) * passed) + states)  # type: ignore[no-any-return]


def plain_states(model: DNABert2ForMaskedLM, ids: Tensor, mask: Tensor) -> Tensor:
    """Last hidden states, (batch, length, hidden)."""
    heads, length = model.config.num_attention_heads, ids.shape[1]
    place = torch.arange(length, device=ids.device)
    alibi = -alibi_slopes(heads).to(ids.device)[:, None, None] * (place[:, None] - place).abs()
    bias = alibi + (1 - mask[:, None, None, :]) * -10000.0
    embeddings = model.bert.embeddings
    states = embeddings.LayerNorm(embeddings.word_embeddings(ids) + embeddings.token_type_embeddings.weight[0])
    for layer in model.bert.encoder.layer:
        assert isinstance(layer, DNABert2Layer)
        states = plain_layer(layer, states, bias, heads)
    return states  # type: ignore[no-any-return]


def our_states(model: DNABert2ForMaskedLM, ids: Tensor, mask: Tensor) -> Tensor:
    """Last hidden states, (batch, length, hidden)."""
    states: Tensor = model.bert(ids, mask).last_hidden_state
    return states


def batches_of(lengths: Sequence[int], most: int, vocabulary: int) -> list[Batch]:
    """Ids, mask and labels of random sequences, sorted by length into batches of at most so many."""
    generator = torch.Generator().manual_seed(0)
    batches = []
    for start in range(0, len(lengths), most):
        own = torch.tensor(sorted(lengths)[start : start + most])
        mask = (torch.arange(int(own.max())) < own[:, None]).long()
        ids = torch.randint(5, vocabulary, mask.shape, generator=generator)
        masked = (torch.rand(mask.shape, generator=generator) < SHARE_MASKED) & (mask == 1)
        batches.append((torch.where(mask == 1, ids, 3), mask, torch.where(masked, ids, -100)))
    return batches


def training_step(model: DNABert2ForMaskedLM, states: States, batches: Sequence[Batch]) -> None:
    """Gradients of the loss of the masked tokens, summed over batches."""
    model.zero_grad()
    labelled = sum(int((labels != -100).sum()) for _, _, labels in batches)
    for ids, mask, labels in batches:
        logits = model.cls.predictions(states(model, ids, mask)[labels != -100])
        loss = functional.cross_entropy(logits.float(), labels[labels != -100], reduction="sum") / labelled
        loss.backward()


def forward(model: DNABert2ForMaskedLM, states: States, batches: Sequence[Batch]) -> None:
    """Last hidden states of all batches."""
    with torch.no_grad():
        for ids, mask, _ in batches:
            states(model, ids, mask)


# What is measured: how states are made, how many sequences share a batch, and what is done with them.
CONTESTANTS: dict[str, tuple[States, int, Callable[..., None]]] = {
    "forward, ours": (our_states, 32, forward),
    "forward, one padded batch": (plain_states, 32, forward),
    "forward, padded groups of 8": (plain_states, 8, forward),
    "training step, ours in groups of 8": (our_states, 8, training_step),
    "training step, padded groups of 8": (plain_states, 8, training_step),
}


def new_model(layers: int = 12) -> DNABert2ForMaskedLM:
    """A model with random weights, dropout off."""
    torch.manual_seed(0)
    model = DNABert2ForMaskedLM(DNABert2Config(num_hidden_layers=layers))
    model.train(False)
    return model


def peak_mib() -> int:
    """Highest memory of this process in MiB since it was last forgotten."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def serve(name: str, threads: int, pipe: Connection) -> None:
    """Run one contestant whenever asked to; answers with seconds and with the process's peak memory."""
    torch.set_num_threads(threads)
    states, most, work = CONTESTANTS[name]
    model = new_model()
    batches = batches_of(LENGTHS, most, model.config.vocab_size)
    pipe.send("ready")
    while pipe.recv() == "run":
        model.zero_grad()
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the highest memory
        start = time.perf_counter()
        work(model, states, batches)
        pipe.send((time.perf_counter() - start, peak_mib()))


def contest(names: Sequence[str], rounds: int, threads: int) -> None:
    """Run contestants in turn; prints medians, and how much longer than the first the others take."""
    if not rounds:
        return
    spawn = multiprocessing.get_context("spawn")
    pipes, processes = {}, []
    for name in names:
        pipes[name], theirs = spawn.Pipe()
        processes.append(spawn.Process(target=serve, args=(name, threads, theirs), daemon=True))
        processes[-1].start()
        pipes[name].recv()
    seconds: dict[str, list[float]] = {name: [] for name in names}
    memory = dict.fromkeys(names, 0)
    for _ in range(rounds):
        for name in names:
            pipes[name].send("run")
            taken, highest = pipes[name].recv()
            seconds[name].append(taken)
            memory[name] = max(memory[name], highest)
    for name, process in zip(names, processes, strict=True):
        pipes[name].send("end")
        process.join()
        ratio = statistics.median(b / a for a, b in zip(seconds[names[0]], seconds[name], strict=True))
        print(
            f"{name}: {statistics.median(seconds[name]):.1f} s ({ratio:.2f}x), peak {memory[name]:,} MiB",
            flush=True,
        )


def check_equal() -> None:
    """End the program where the two versions differ, at the published width and two layers."""
    model = new_model(layers=2)
    batches = batches_of([10, 140, 300, 512], 4, model.config.vocab_size)
    (ids, mask, _), gradients = batches[0], []
    with torch.no_grad():
        real = mask == 1
        apart = (our_states(model, ids, mask)[real] - plain_states(model, ids, mask)[real]).abs().max().item()
    for states in (our_states, plain_states):
        training_step(model, states, batches)
        gradients.append([each.grad.clone() for each in model.parameters() if each.grad is not None])
    off = max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(*gradients, strict=True))
    print(f"same weights: states differ by at most {apart:.1e}, gradients by {off:.1e} of their largest", flush=True)
    if apart > 1e-4 or off > 1e-3:
        sys.exit("The two versions do not compute the same.")


def on_gpu(rounds: int) -> None:
    """Training tokens a second in bfloat16 autocast, and memory, of both versions."""
    if not torch.cuda.is_available():
        sys.exit("There is no GPU here: training in bfloat16 was not run.")
    model = new_model()
    Module.to(model, "cuda")
    ids, mask, labels = batches_of(LENGTHS, 32, model.config.vocab_size)[0]
    batches = [(ids.cuda(), mask.cuda(), labels.cuda())]
    rates: dict[str, list[float]] = {"ours": [], "plain": []}
    memory: dict[str, float] = {}
    for number in range(rounds + 2):
        for name, states in (("ours", our_states), ("plain", plain_states)):
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
            start = time.perf_counter()
            with torch.autocast("cuda", torch.bfloat16):
                training_step(model, states, batches)
            torch.cuda.synchronize()
            memory[name] = torch.cuda.max_memory_allocated() / 2**30
            if number >= 2:  # the first two choose kernels and fill the allocator
                rates[name].append(sum(LENGTHS) / (time.perf_counter() - start))
    for name, found in rates.items():
        print(f"training, {name}: {statistics.median(found):,.0f} real tokens/s, peak {memory[name]:.1f} GiB")


def main() -> None:
    """Print time and memory of all contestants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--training-rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--gpu", action="store_true")
    options = parser.parse_args()
    if options.gpu:
        return on_gpu(10)
    torch.set_num_threads(options.threads)
    print(
        f"DNABERT-2 at 117M, float32, {options.threads} threads: {len(LENGTHS)} sequences of {min(LENGTHS)} to "
        f"{max(LENGTHS)} tokens, {sum(LENGTHS):,} in all"
    )
    check_equal()
    names = list(CONTESTANTS)
    contest(names[:3], options.rounds, options.threads)
    contest(names[3:], options.training_rounds, options.threads)
    return None


if __name__ == "__main__":
    main()
