"""What a model writes on held-out rows: the right tool, the very arguments, calls that fit their schemas."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.calls import Judgement, judged
from finetune.data.rows import Row
from finetune.tokens import prompt

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_log = logging.getLogger("finetune")


def answers(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Row], tokens: int, batch_size: int
) -> list[str]:
    """What a model writes, greedily, as each row's last message; at most `tokens` tokens."""
    import torch

    # Rows of like length together: what is padded is computed for nothing.
    told = [tokenizer.encode(prompt(row, tokenizer), add_special_tokens=False) for row in rows]
    order = sorted(range(len(rows)), key=lambda at: len(told[at]))
    found = [""] * len(rows)
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            for start in range(0, len(order), batch_size):
                batch = order[start : start + batch_size]
                for at, text in zip(batch, _written(model, tokenizer, [told[at] for at in batch], tokens), strict=True):
                    found[at] = text
    finally:
        model.train(training)
    return found


def _written(
    model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", asked: Sequence[Sequence[int]], tokens: int
) -> Iterator[str]:
    import torch

    longest = max(map(len, asked))
    pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
    filler = end if pad is None else pad
    ids = torch.tensor([[filler] * (longest - len(one)) + list(one) for one in asked], device=model.device)
    mask = torch.tensor([[0] * (longest - len(one)) + [1] * len(one) for one in asked], device=model.device)
    generate: Any = model.generate
    written = generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=tokens,
        do_sample=False,
        temperature=None,
        top_p=None,
        top_k=None,
        eos_token_id=end,
        pad_token_id=filler,
    )
    for row in written[:, longest:].tolist():
        stop = row.index(end) if end in row else len(row)
        yield str(tokenizer.decode(row[:stop])).strip()


def scores(found: Sequence[str], rows: Sequence[Row]) -> dict[str, float]:
    """Shares of rows with the right tool (or none), the very arguments, and calls that fit their schemas."""
    judgements = [judged(text, row.last, _schemas(row)) for text, row in zip(found, rows, strict=True)]
    return {
        "tool": _share(judgements, "tool"),
        "exact": _share(judgements, "exact"),
        "valid": _share(judgements, "valid"),
    }


def by_group(found: Sequence[str], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The scores of rows by their kind and language."""
    groups: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        for group in (row.kind, row.language):
            if group:
                groups.setdefault(group, []).append(at)
    return {
        group: {"rows": float(len(places)), **scores([found[at] for at in places], [rows[at] for at in places])}
        for group, places in sorted(groups.items())
    }


def write_answers(path: Path, found: Sequence[str], rows: Sequence[Row]) -> None:
    """Keep what was written beside what was wanted, a row a line."""
    with path.open("w", encoding="utf-8") as file:
        for text, row in zip(found, rows, strict=True):
            asked = next((message["content"] for message in reversed(row.messages) if message["role"] == "user"), "")
            one = {"asked": asked, "wanted": row.last.get("tool_calls") or row.last["content"], "written": text}
            file.write(json.dumps(one, ensure_ascii=False) + "\n")


def _schemas(row: Row) -> list[Mapping[str, Any]]:
    return [tool for tool in row.tools if not isinstance(tool, str)]


def _share(judgements: Sequence[Judgement], name: str) -> float:
    return sum(bool(getattr(one, name)) for one in judgements) / max(len(judgements), 1)
