"""Scores of a finished adapter, or of a model alone, on rows that it was not trained on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finetune.data.formats import read_rows
from finetune.data.reading import made_rows
from finetune.evaluation import answers, by_group, scores, write_answers
from finetune.loading import load_tokenizer
from finetune.merging import base_of


def measured(
    adapter: str, base: str | None, path: Path | None, count: int, tokens: int, batch_size: int, out: Path | None
) -> Mapping[str, dict[str, float]]:
    """Scores of all rows, and by kind and language. Raises DataError or FinetuneError."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    from finetune.data import tool_use

    rows = read_rows(path, "messages") if path else made_rows(tool_use, count, 0, held_out=True)
    is_adapter = (Path(adapter) / "adapter_config.json").is_file()
    name = base_of(Path(adapter), base) if is_adapter else adapter
    model: Any = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32, use_safetensors=True)
    if is_adapter:
        model = PeftModel.from_pretrained(model, adapter)
    written = answers(model.eval(), load_tokenizer(adapter), rows, tokens, batch_size)
    if out:
        write_answers(out, written, rows)
    return {"all": {"rows": float(len(rows)), **scores(written, rows)}, **by_group(written, rows)}
