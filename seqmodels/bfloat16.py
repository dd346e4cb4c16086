"""The bundled encoder's forward pass in bfloat16, on PyTorch: for CPUs that multiply it natively."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# From the model's config.json.
_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12


def is_native() -> bool:
    """Whether this CPU multiplies bfloat16 itself (AVX512-BF16 or AMX); others convert it, which is slow."""
    import torch

    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


class BFloat16States:
    """Token states of BERT (Devlin et al. 2019, doi:10.18653/v1/N19-1423), all weights in bfloat16.

    Written out rather than taken from transformers, which would double the time until a first question is answered.
    """

    def __init__(self, folder: Path) -> None:
        import torch
        from safetensors.torch import load_file

        weights = {name: tensor.bfloat16() for name, tensor in load_file(folder / "model.safetensors").items()}
        positions = weights["embeddings.position_embeddings.weight"]
        self._words = weights["embeddings.word_embeddings.weight"]
        self._positions = positions + weights["embeddings.token_type_embeddings.weight"][0]
        self._norm = _pair(weights, "embeddings.LayerNorm")
        self._layers = [_Layer(weights, f"encoder.layer.{number}.") for number in range(_LAYERS)]
        self._torch = torch

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        """States of shape (texts, tokens, dimension), float32, of token ids and of what of them is no padding."""
        torch = self._torch
        with torch.inference_mode():
            states = self._words[torch.from_numpy(ids)] + self._positions[: ids.shape[1]]
            states = torch.nn.functional.layer_norm(states, states.shape[-1:], *self._norm, _EPSILON)
            real = None if mask.all() else torch.from_numpy(mask).bool()[:, None, None, :]
            for layer in self._layers:
                states = layer(states, real)
            rows: NDArray[np.float32] = states.float().numpy()
            return rows


class _Layer:
    """Self-attention and feed-forward, each added to what came in and normalised."""

    def __init__(self, weights: dict[str, Any], place: str) -> None:
        import torch

        own = [_pair(weights, f"{place}attention.self.{name}") for name in ("query", "key", "value")]
        self._queries_keys_values = tuple(torch.cat(parts) for parts in zip(*own, strict=True))
        self._attended = _pair(weights, f"{place}attention.output.dense")
        self._attended_norm = _pair(weights, f"{place}attention.output.LayerNorm")
        self._wide = _pair(weights, f"{place}intermediate.dense")
        self._narrow = _pair(weights, f"{place}output.dense")
        self._narrow_norm = _pair(weights, f"{place}output.LayerNorm")

    def __call__(self, states: Any, real: Any) -> Any:
        from torch.nn import functional

        texts, tokens, dimension = states.shape
        projected = functional.linear(states, *self._queries_keys_values)
        query, key, value = projected.view(texts, tokens, 3, _HEADS, dimension // _HEADS).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=real).transpose(1, 2)
        attended = functional.linear(attended.reshape(texts, tokens, dimension), *self._attended)
        states = functional.layer_norm(states + attended, (dimension,), *self._attended_norm, _EPSILON)
        wide = functional.gelu(functional.linear(states, *self._wide))
        return functional.layer_norm(
            states + functional.linear(wide, *self._narrow), (dimension,), *self._narrow_norm, _EPSILON
        )


def _pair(weights: dict[str, Any], name: str) -> tuple[Any, Any]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]
