"""Makes one model of a base and its adapter, and proves that it scores as both did together."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.errors import AgentError
from agent.serving.adapter import Adapter
from agent.serving.card import CARD, weights_sha256
from finetune.errors import FinetuneError
from finetune.loading import folder_of, load_tokenizer

if TYPE_CHECKING:
    import torch

# Of logits in fp32.
MOST_APART = 1e-3
_PROBES, _LENGTH = 4, 48


class Merged(NamedTuple):
    """Where a merged model lies, and how far its logits are from those of base and adapter at most."""

    folder: Path
    apart: float


def merge(adapter: Path, out: Path, base: str | None = None, dtype: str = "float32") -> Merged:
    """Write base and adapter as one model into a new folder.

    `base` is the adapter's own where it is None. The logits of the model as written are compared with those of base and
    adapter, in fp32. Raises FinetuneError where they differ by more than 1e-3 (written in fp32: of a shorter `dtype`
    the difference is told), where the base is not the one that the adapter was trained on, or the folder has something
    in it.
    """
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    if out.exists() and any(out.iterdir()):
        raise FinetuneError(f"{out} has something in it", "Name a new folder.")
    name = base_of(adapter, base)
    model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32, use_safetensors=True)
    both = PeftModel.from_pretrained(model, str(adapter)).eval()
    wanted = _logits(both, model.config.vocab_size)
    one: Any = both.merge_and_unload()
    out.mkdir(parents=True, exist_ok=True)
    one.to(getattr(torch, dtype)).save_pretrained(str(out))
    load_tokenizer(str(adapter)).save_pretrained(str(out))
    written = AutoModelForCausalLM.from_pretrained(str(out), dtype=torch.float32, use_safetensors=True).eval()
    apart = (_logits(written, model.config.vocab_size) - wanted).abs().max().item()
    if dtype == "float32" and not apart <= MOST_APART:
        raise FinetuneError(
            f"The merged model's logits differ by {apart:.3g}", "Serve the adapter on its base instead."
        )
    _tell(adapter, out, apart)
    return Merged(out, apart)


def base_of(adapter: Path, base: str | None) -> str:
    """The base by name or folder. Raises FinetuneError where it is not what the adapter was trained on."""
    try:
        read = Adapter.read(adapter)
        name = base or str(read.config.get("base_model_name_or_path"))
        folder, card = folder_of(name), read.card
    except AgentError as error:
        raise FinetuneError(error.reason, error.remedy) from error
    if card and card.base_sha256 and folder and weights_sha256(folder) != card.base_sha256:
        raise FinetuneError(f"{name} has other weights than the base that {adapter} was trained on", "Name that base.")
    return name


def _logits(model: "torch.nn.Module", vocabulary: int) -> "torch.Tensor":
    """Logits of the same made tokens, whichever model."""
    import torch

    ids = torch.randint(0, vocabulary, (_PROBES, _LENGTH), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found: Any = model(input_ids=ids, use_cache=False)
    logits: torch.Tensor = found.logits.float()
    return logits


def _tell(adapter: Path, out: Path, apart: float) -> None:
    """The adapter's card goes on, with what it was merged from."""
    card = adapter / CARD
    told = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}
    told["merged"] = {"adapter_sha256": weights_sha256(adapter), "most_apart": apart}
    told["weights_sha256"] = weights_sha256(out)
    (out / CARD).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
