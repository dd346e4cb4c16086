"""A run of fine-tuning: rows in, an adapter (or a small model) with its card out. It goes on where it was stopped."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.serving.card import CARD
from finetune.card import write_card
from finetune.data.reading import Rows, rows_of
from finetune.data.rows import data_sha256
from finetune.errors import FinetuneError
from finetune.loading import folder_of, load_model, load_tokenizer
from finetune.packing import check_packing
from finetune.tokens import Example, examples
from finetune.watching import SCORES, Journal, Writing

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase, TrainerCallback
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    from finetune.config import Config

_log = logging.getLogger("finetune")
_CHECKPOINTS = "checkpoints"
_FINGERPRINT = "fingerprint"
_KEPT = 2


@dataclass(frozen=True)
class Outcome:
    """What a run made: the folder of its adapter or model, and the last scores on held-out rows."""

    folder: Path
    scores: Mapping[str, float]


def fit(config: "Config", command: str = "", callbacks: Sequence["TrainerCallback"] = ()) -> Outcome:
    """Train as a configuration says, from the last checkpoint where there is one.

    Raises NothingToLearn, LeakingPacks, DataError or FinetuneError before the first step.
    """
    made = config.folder / ("model" if config.task == "base" else "adapter")
    _claim(config)
    if (made / CARD).is_file():
        _log.info("%s has finished before", config.folder)
        return Outcome(made, json.loads((made / CARD).read_text(encoding="utf-8"))["scores"])
    _check_machine(config)
    rows = rows_of(config.data, config.seed)
    tokenizer, model = _beginning(config, rows)
    training, held_out = (_tokens(several, tokenizer, config) for several in rows)
    if config.fit.packing:
        check_packing(model, len(tokenizer))
    _log.info("%d rows, %d held out, %s", len(training), len(held_out), _amount(training))
    trainer = _trainer(config, model, tokenizer, (training, held_out), rows, callbacks)
    trainer.train(resume_from_checkpoint=_last_checkpoint(config))
    found = _last_scores(trainer)
    if trainer.is_world_process_zero():
        _keep(config, trainer, tokenizer, made)
        write_card(
            made,
            config,
            base=config.model.name or "",
            base_folder=folder_of(config.model.name) if config.model.name else None,
            template=str(tokenizer.chat_template) if tokenizer.chat_template else None,
            data_sha256=data_sha256(rows.training),
            counts=(len(training), len(held_out)),
            steps=trainer.state.global_step,
            scores=found,
            command=command,
        )
    return Outcome(made, found)


def _last_scores(trainer: "SFTTrainer") -> dict[str, float]:
    """The scores of the last weights, measured now where they were not at the last step."""
    told: dict[str, Any] = {}
    for entry in trainer.state.log_history:
        if entry["step"] == trainer.state.global_step:
            told |= entry
    if "eval_loss" not in told:
        told = trainer.evaluate()
    return {name.removeprefix("eval_"): float(told[name]) for name in SCORES if name in told}


def _check_machine(config: "Config") -> None:
    """Raise FinetuneError where this machine is not the one that is asked for."""
    import torch

    if config.trainer.device == "gpu" and not torch.cuda.is_available():
        raise FinetuneError("This machine has no GPU that torch can use", "Train with trainer=cpu.")
    if config.trainer.threads:
        torch.set_num_threads(config.trainer.threads)


def _claim(config: "Config") -> None:
    """Take the run's folder. Raises FinetuneError where another configuration has it."""
    config.folder.mkdir(parents=True, exist_ok=True)
    mine, told = config.folder / _FINGERPRINT, config.fingerprint()
    if mine.is_file() and mine.read_text(encoding="ascii") != told:
        raise FinetuneError(
            f"{config.folder} is a run of another configuration", "Name another with run=, or remove that one."
        )
    mine.write_text(told, encoding="ascii")


def _beginning(config: "Config", rows: Rows) -> "tuple[PreTrainedTokenizerBase, PreTrainedModel]":
    """The tokenizer and the model that training begins with."""
    from transformers import set_seed

    set_seed(config.seed)
    if config.model.shape is None:
        assert config.model.name is not None, "a model is named or shaped"
        return load_tokenizer(config.model.name, config.model.revision), load_model(config.model, config.trainer.device)
    from finetune.base.model import untrained
    from finetune.base.texts import said
    from finetune.base.tokenizer import trained_tokenizer

    tokenizer = trained_tokenizer(map(said, rows.training), config.model.shape.vocabulary)
    model = untrained(config.model.shape, tokenizer)
    _log.info("%d tokens, %d parameters", len(tokenizer), model.num_parameters())
    return tokenizer, model


def _tokens(rows: Sequence[Any], tokenizer: "PreTrainedTokenizerBase", config: "Config") -> list[Example]:
    skip = config.data.unlearnable == "skip"
    return examples(rows, tokenizer, config.data.learn, config.data.max_length, skip)


def _amount(training: Sequence[Example]) -> str:
    tokens, learnt = sum(len(one.ids) for one in training), sum(one.learnt for one in training)
    return f"{tokens:,} tokens, {learnt:,} of them learnt"


def _trainer(
    config: "Config",
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    told: tuple[Sequence[Example], Sequence[Example]],
    rows: Rows,
    callbacks: Sequence["TrainerCallback"],
) -> "SFTTrainer":
    from datasets import disable_progress_bars
    from transformers import PrinterCallback
    from transformers.utils import logging as told_by_transformers
    from trl.trainer.sft_trainer import SFTTrainer

    disable_progress_bars()
    told_by_transformers.disable_progress_bar()
    lora = _lora(config) if config.lora.rank else None
    watching = [Writing(rows.held_out[: config.evaluation.rows], tokenizer, config)] if config.evaluation.rows else []
    training, held_out = map(_dataset, told)
    trainer = SFTTrainer(
        model=model,
        args=_arguments(config),
        train_dataset=training,
        eval_dataset=held_out,
        processing_class=tokenizer,
        peft_config=lora,
        callbacks=[Journal(config.folder), *watching, *callbacks],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _dataset(told: Sequence[Example]) -> Any:
    from datasets import Dataset

    return Dataset.from_dict(
        {"input_ids": [list(one.ids) for one in told], "labels": [list(one.labels) for one in told]}
    )


def _lora(config: "Config") -> Any:
    from peft import LoraConfig

    targets = config.lora.targets
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=config.lora.rank or 0,
        lora_alpha=config.lora.alpha,
        lora_dropout=config.lora.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        use_rslora=config.lora.rank_stabilised,
        bias="none",
    )


def _arguments(config: "Config") -> "SFTConfig":
    """Trl's own words for the configuration; its defaults for GPUs are not this machine's."""
    from trl.trainer.sft_config import SFTConfig

    fit, every = config.fit, config.evaluation.every
    saving = fit.checkpoint_every or every
    on_cpu = config.trainer.device == "cpu"
    return SFTConfig(
        output_dir=str(config.folder / _CHECKPOINTS),
        seed=config.seed,
        max_steps=fit.steps or -1,
        num_train_epochs=fit.epochs,
        per_device_train_batch_size=max(1, fit.batch_size // fit.accumulate),
        per_device_eval_batch_size=config.evaluation.batch_size,
        gradient_accumulation_steps=fit.accumulate,
        learning_rate=fit.learning_rate,
        lr_scheduler_type=fit.schedule,
        warmup_steps=fit.warmup,
        weight_decay=fit.weight_decay,
        max_grad_norm=fit.clip,
        max_length=config.data.max_length,
        packing=fit.packing,
        # Rows come cut and labelled, and are only laid out here where they are packed.
        dataset_kwargs=None if fit.packing else {"skip_prepare_dataset": True},
        eval_packing=False,
        train_sampling_strategy="group_by_length" if fit.like_lengths and not fit.packing else "random",
        eval_strategy="steps" if every else "no",
        eval_steps=every,
        save_strategy="steps" if saving else "no",
        save_steps=saving or 500,
        save_total_limit=_KEPT,
        logging_steps=max(1, min(20, every or 20)),
        use_cpu=on_cpu,
        bf16=config.trainer.precision == "bf16",
        fp16=config.trainer.precision == "fp16",
        activation_checkpointing=config.trainer.recompute,
        fsdp="full_shard" if config.trainer.strategy == "fsdp" else None,
        ddp_find_unused_parameters=False if config.trainer.strategy == "ddp" else None,
        dataloader_pin_memory=not on_cpu,
        disable_tqdm=True,
        report_to="none",
        shuffle_dataset=False,
    )


def _last_checkpoint(config: "Config") -> str | None:
    from transformers.trainer_utils import get_last_checkpoint

    folder = config.folder / _CHECKPOINTS
    found = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    if found:
        _log.info("going on from %s", found)
    return found


def _keep(config: "Config", trainer: "SFTTrainer", tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Write what was learnt: an adapter's own weights, or a small model in bf16."""
    import torch

    model = trainer.accelerator.unwrap_model(trainer.model)
    if config.task == "base":
        model = model.to(torch.bfloat16)
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    (folder / "README.md").unlink(missing_ok=True)
