"""Any sentence-transformers model as a sentence encoder."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer

from seqmodels.encoder import Encoded, Span, Vector, sentence_means, unit
from seqmodels.errors import ModelError

_BATCH = 32
_DEFAULT_WINDOW = 512
# Half precision on a GPU rounds by less; another pooling is off by far more.
_TOLERANCE = 0.01


@dataclass(frozen=True)
class _Window:
    """A stretch of one text's characters that fits the model."""

    text: int
    start: int
    end: int


class SentenceTransformerEncoder:
    """A sentence-transformers model by hub name or folder, on the GPU where there is one.

    Passage vectors are the model's own; a sentence's vector is the mean of its own token states in the same
    forward pass. A passage longer than the model's window is read window by window and its vector is the mean
    of theirs, so nothing is cut off. Code that comes with a model is never run. Raises ModelError where the
    model cannot be loaded or does not pool its token states by their mean.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._model = _loaded(name)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.hash = self._hash()
        self._prompt = self._model.prompts.get("document") or self._model.prompts.get("passage") or ""
        self._tokenizer: Any = self._model.tokenizer
        if not self._tokenizer.is_fast or not self._pools_by_mean():
            raise ModelError(
                f"The embedder {name!r} gives no vectors for single sentences",
                "Choose a model with a fast tokenizer that pools token states by their mean, such as all-MiniLM-L6-v2.",
            )
        self._window_tokens = self._model.max_seq_length or _DEFAULT_WINDOW

    def encode(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Iterator[Encoded]:
        """Vectors of whole texts and of the sentences at the character spans inside them."""
        windows = [window for index, text in enumerate(texts) for window in self._windows(index, text)]
        written = [self._prompt + texts[window.text][window.start : window.end] for window in windows]
        features = self._features(written)
        for index in range(len(texts)):
            own = [number for number, window in enumerate(windows) if window.text == index]
            states = np.concatenate([_states(features[number]) for number in own])
            offsets = [offset for number in own for offset in self._offsets(written[number], windows[number])]
            passage = np.mean([_passage(features[number]) for number in own], axis=0)
            yield Encoded(unit(passage), sentence_means(states, offsets, spans[index]))

    def encode_query(self, query: str) -> Vector:
        """Vector of a question, shape (dimension,), float32, unit length."""
        return unit(self._model.encode_query(query, show_progress_bar=False))

    def _features(self, written: list[str]) -> list[dict[str, Any]]:
        """Token states, masks and vectors of texts that fit the model."""
        features: Any = self._model.encode(
            written, prompt="", output_value=None, batch_size=_BATCH, show_progress_bar=False
        )
        return list(features)

    def _pools_by_mean(self) -> bool:
        """Whether the mean of token states is a text's vector, so that sentences lie where passages do."""
        [features] = self._features(["Several tokens tell a mean from a first state."])
        mean, whole = _states(features).mean(axis=0), _passage(features)
        return mean.shape == whole.shape and bool(np.allclose(unit(mean), unit(whole), atol=_TOLERANCE))

    def _windows(self, index: int, text: str) -> Iterator[_Window]:
        offsets = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        # Cutting at a window's edge can split a word into one more token, hence a little room.
        room = self._window_tokens - len(self._tokenizer(self._prompt)["input_ids"]) - 4
        for first in range(0, max(1, len(offsets)), room):
            part = offsets[first : first + room]
            yield _Window(index, part[0][0] if part else 0, part[-1][1] if part else len(text))

    def _offsets(self, written: str, window: _Window) -> list[Span]:
        """Where the tokens of a window lie in its text; those of the prompt and special ones lie nowhere."""
        encoding = self._tokenizer(
            written, return_offsets_mapping=True, truncation=True, max_length=self._window_tokens
        )
        shift = window.start - len(self._prompt)
        inside = ((start, end) if start >= len(self._prompt) else (0, 0) for start, end in encoding["offset_mapping"])
        return [(start + shift, end + shift) if end > start else (0, 0) for start, end in inside]

    def _hash(self) -> str:
        digest = hashlib.sha256(str(self._model.prompts).encode())
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().float().contiguous().numpy(force=True).tobytes())
        return digest.hexdigest()


def _loaded(name: str) -> SentenceTransformer:
    try:
        if not name:
            raise ValueError("its name is empty")
        return SentenceTransformer(name, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"The embedder {name!r} cannot be loaded ({error})",
            "Give the name of a sentence-transformers model that can be downloaded here, or its folder.",
        ) from error


def _passage(features: dict[str, Any]) -> Vector:
    passage: Vector = features["sentence_embedding"].float().numpy(force=True)
    return passage


def _states(features: dict[str, Any]) -> Vector:
    states: Vector = features["token_embeddings"][features["attention_mask"] == 1].float().numpy(force=True)
    return states
