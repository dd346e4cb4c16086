"""The card of what was trained: the very base, template, data, settings and code, so that it is served on no other."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.serving.card import CARD, AdapterCard, text_sha256, weights_sha256
from seqmodels.train.card import commit, versions

if TYPE_CHECKING:
    from finetune.config import Config


def write_card(
    folder: Path,
    config: "Config",
    base: str,
    base_folder: Path | None,
    template: str | None,
    data_sha256: str,
    counts: Sequence[int],
    steps: int,
    scores: Mapping[str, float],
    command: str,
) -> None:
    """Write the card beside weights; `counts` are the rows trained on and held out."""
    card = AdapterCard(
        base=base,
        base_sha256=weights_sha256(base_folder) if base_folder else None,
        template_sha256=text_sha256(template) if template else None,
        data_sha256=data_sha256,
        commit=commit(),
    )
    told: dict[str, Any] = {
        **card.model_dump(),
        "weights_sha256": weights_sha256(folder),
        "rows": counts[0],
        "held_out_rows": counts[1],
        "steps": steps,
        "seed": config.seed,
        "scores": {name: round(score, 4) for name, score in scores.items()},
        "command": command,
        "config": config.model_dump(mode="json", exclude={"run"}),
        "versions": versions(),
    }
    (folder / CARD).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
