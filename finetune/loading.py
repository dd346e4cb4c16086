"""Loads language models and their tokenizers: weights as safetensors alone, and no code that comes with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.errors import FinetuneError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from finetune.config import Model

_MENDED = "Name a folder with config.json, tokenizer and *.safetensors, or a model that this machine can fetch."


def load_tokenizer(name: str, revision: str | None = None) -> "PreTrainedTokenizerBase":
    """The tokenizer of a model by name or folder. Raises FinetuneError where there is none."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(name, revision=revision, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise FinetuneError(f"{name} has no tokenizer that can be loaded ({_first_line(error)})", _MENDED) from error


def load_model(model: "Model", device: str = "cpu") -> "PreTrainedModel":
    """A model with its weights, quantized where that is asked for. Raises FinetuneError where it cannot be."""
    import torch
    from transformers import AutoModelForCausalLM

    assert model.name is not None, "a model with weights has a name"
    given: dict[str, Any] = {}
    if model.quantize:
        given["quantization_config"] = _quantization(model)
    try:
        return AutoModelForCausalLM.from_pretrained(
            model.name,
            revision=model.revision,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=getattr(torch, model.dtype),
            attn_implementation=model.attention,
            device_map={"": 0} if model.quantize and device == "gpu" else None,
            **given,
        )
    except (OSError, ValueError, ImportError) as error:
        raise FinetuneError(f"{model.name} cannot be loaded ({_first_line(error)})", _MENDED) from error


def _quantization(model: "Model") -> Any:
    import importlib.util

    import torch
    from transformers import BitsAndBytesConfig

    if importlib.util.find_spec("bitsandbytes") is None:
        raise FinetuneError(
            f"model.quantize={model.quantize} needs bitsandbytes, which is not installed",
            "Install it beside a GPU build of torch, or set model.quantize=null.",
        )
    if model.quantize == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, model.dtype),
    )


def folder_of(name: str) -> Path | None:
    """The folder of a model that lies on this machine under a name or path."""
    from agent.serving.base import Base

    return Base.find(name).folder


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
