"""What is watched while a model is trained: what it writes on held-out rows."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from finetune.data.rows import Row
from finetune.evaluation import answers, scores

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from finetune.config import Config

JOURNAL = "log.jsonl"
SCORES = ("eval_loss", "eval_tool", "eval_exact", "eval_valid")
_log = logging.getLogger("finetune")


class Journal(TrainerCallback):
    """Keeps what training says of each step in the run's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / JOURNAL

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002  the base class names the parameters
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **given: Any,
    ) -> None:
        """Write one line."""
        if not state.is_world_process_zero:
            return
        told = {"step": state.global_step, **given["logs"]}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")
        if "loss" in told:
            _log.info("step %d of %d: loss %.4f", state.global_step, state.max_steps, told["loss"])


class Writing(TrainerCallback):
    """At each evaluation, adds to its metrics how often held-out calls are right, exact and valid."""

    def __init__(self, rows: Sequence[Row], tokenizer: "PreTrainedTokenizerBase", config: "Config") -> None:
        self._rows = [row for row in rows if row.messages]
        self._tokenizer = tokenizer
        self._config = config.evaluation
        self._folder = config.folder

    def on_evaluate(
        self,
        args: TrainingArguments,  # noqa: ARG002  the base class names the parameters
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **given: Any,
    ) -> None:
        """Have the model write, and judge it."""
        metrics: dict[str, float] = given["metrics"]
        model: PreTrainedModel = given["model"]
        if self._rows:
            written = answers(model, self._tokenizer, self._rows, self._config.tokens, self._config.batch_size)
            found = {f"eval_{name}": value for name, value in scores(written, self._rows).items()}
            metrics |= found
            state.log_history.append({"step": state.global_step, **found})
            with (self._folder / JOURNAL).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"step": state.global_step, **found}) + "\n")
        told = ", ".join(f"{name.removeprefix('eval_')} {metrics[name]:.4f}" for name in SCORES if name in metrics)
        _log.info("step %d: %s", state.global_step, told)
