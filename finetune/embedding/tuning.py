"""Contrastive tuning of a sentence encoder by LoRA: questions drawn to their papers, and away from those like them.

The loss tells each question's passage from all passages of its batch (Henderson et al. 2017, arXiv:1705.00652), hard
negatives among them (Karpukhin et al. 2020, arXiv:2004.04906).
"""

import json
import logging
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agent.serving.card import CARD, weights_sha256
from finetune.embedding.config import EmbeddingConfig
from finetune.embedding.negatives import hard_negatives, word_scores
from finetune.embedding.questions import Paper, Question, gene_questions, parted, read_papers, title_questions
from finetune.embedding.ranking import Ranks, changes, ranks, table
from finetune.errors import DataError, FinetuneError
from seqmodels.train.card import commit, versions

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_log = logging.getLogger("finetune")
_BATCH = 32
_FEWEST = 4


@dataclass(frozen=True)
class Tuned:
    """The folder of the merged model, and the lines of its table: none where nothing was measured."""

    folder: Path
    table: Sequence[str]


def tune(config: EmbeddingConfig, command: str = "") -> Tuned:
    """Tune an encoder and save it with its adapter merged, as a sentence-transformers folder.

    Raises DataError where there is too little to train on, FinetuneError where the model cannot be loaded or the run's
    folder holds another run.
    """
    made = config.folder / "model"
    if (made / CARD).is_file():
        return _finished(config, made)
    import torch

    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    papers, held_out = parted(read_papers(config.data.source), config.data.held_out)
    questions = [*title_questions(papers), *gene_questions(papers)]
    if len(papers) < _FEWEST or len(questions) < config.fit.batch_size:
        named = ", ".join(map(str, config.data.source))
        raise DataError(
            f"{named} gives {len(questions)} questions on {len(papers)} papers to train on",
            f"Give at least {config.fit.batch_size} questions and {_FEWEST} papers, or a smaller fit.batch_size.",
        )
    _log.info("%d questions on %d papers, %d papers held out", len(questions), len(papers), len(held_out))
    model = load(config.base)
    asked = _held_out(held_out) if config.evaluation and held_out else {}
    before = {name: ranks(several, cosines(model, several, held_out)) for name, several in asked.items()}
    _train(model, _rows(config, model, questions, papers), config)
    found = {
        name: Ranks(before[name], ranks(several, cosines(model, several, held_out))) for name, several in asked.items()
    }
    _keep(config, model, made, found, command, (len(questions), len(papers), len(held_out)))
    return Tuned(made, table(found) if found else ())


def load(name: str | None) -> "SentenceTransformer":
    """An encoder by name or folder; None: the one that comes along. Raises FinetuneError where it cannot be loaded."""
    from sentence_transformers import SentenceTransformer

    from seqmodels.encoder import bundled_folder

    try:
        return SentenceTransformer(name or str(bundled_folder()), trust_remote_code=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise FinetuneError(
            f"The encoder {name!r} cannot be loaded ({error})", "Name a sentence-transformers model or its folder."
        ) from error


def cosines(
    model: "SentenceTransformer", questions: Sequence[Question], papers: Sequence[Paper]
) -> NDArray[np.float32]:
    """The cosine of each question and paper, shape (questions, papers), float32."""
    given: Any = {"batch_size": _BATCH, "normalize_embeddings": True, "show_progress_bar": False}
    asked = model.encode_query([question.text for question in questions], **given)
    texts = model.encode_document([paper.text for paper in papers], **given)
    found: NDArray[np.float32] = np.asarray(asked, np.float32) @ np.asarray(texts, np.float32).T
    return found


def _held_out(papers: Sequence[Paper]) -> dict[str, list[Question]]:
    asked = {"titles of held-out papers": title_questions(papers)}
    if genes := gene_questions(papers, held_out=True):
        asked["gene + methylation of held-out papers"] = genes
    return asked


def _rows(
    config: EmbeddingConfig, model: "SentenceTransformer", questions: Sequence[Question], papers: Sequence[Paper]
) -> dict[str, list[str]]:
    """The columns of training: question, passage that answers it, passage that does not; in a drawn order."""
    whole, model.max_seq_length = model.max_seq_length, config.data.max_length
    near = cosines(model, questions, papers)
    model.max_seq_length = whole
    words = word_scores(questions, papers)
    negatives = hard_negatives(questions, near, words, config.data.neighbours, config.seed)
    order = list(range(len(questions)))
    random.Random(f"order {config.seed}").shuffle(order)  # noqa: S311  nothing is kept secret
    return {
        "question": [questions[at].text for at in order],
        "passage": [questions[at].passage for at in order],
        "negative": [papers[negatives[at]].text for at in order],
    }


def _train(model: "SentenceTransformer", rows: dict[str, list[str]], config: EmbeddingConfig) -> None:
    from datasets import Dataset
    from peft import LoraConfig, TaskType
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    fit, lora = config.fit, config.lora
    model.add_adapter(
        LoraConfig(
            task_type=TaskType.FEATURE_EXTRACTION,
            r=lora.rank,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules="all-linear",
        )
    )
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(config.folder / "checkpoints"),
        seed=config.seed,
        max_steps=fit.steps,
        per_device_train_batch_size=fit.batch_size,
        learning_rate=fit.learning_rate,
        warmup_steps=fit.warmup,
        batch_sampler="no_duplicates",
        save_strategy="no",
        logging_steps=10,
        report_to="none",
        dataloader_pin_memory=False,
        disable_tqdm=True,
    )
    whole, model.max_seq_length = model.max_seq_length, config.data.max_length
    loss = MultipleNegativesRankingLoss(model, scale=fit.scale)
    trainer = SentenceTransformerTrainer(model=model, args=arguments, train_dataset=Dataset.from_dict(rows), loss=loss)
    trainer.train()
    model.max_seq_length = whole
    _merge(model)
    shutil.rmtree(config.folder / "checkpoints", ignore_errors=True)


def _merge(model: "SentenceTransformer") -> None:
    """Add adapters to the weights that they are on, and leave plain layers."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    network = model.transformers_model
    assert network is not None, "an encoder with an adapter has a transformer"
    for name, layer in list(network.named_modules()):
        if isinstance(layer, BaseTunerLayer):
            layer.merge(safe_merge=True)
            network.set_submodule(name, layer.get_base_layer())
    network._hf_peft_config_loaded = False  # else only an adapter would be saved


def _keep(
    config: EmbeddingConfig,
    model: "SentenceTransformer",
    made: Path,
    found: dict[str, Ranks],
    command: str,
    counts: tuple[int, int, int],
) -> None:
    """Save the model, its card last: a folder with a card is whole."""
    model.save(str(made), create_model_card=False, safe_serialization=True)
    questions, papers, held_out = counts
    scores = {
        name: {measure: vars(change) for measure, change in changes(several).items()} for name, several in found.items()
    }
    told = {
        "fingerprint": config.fingerprint(),
        "weights_sha256": weights_sha256(made),
        "commit": commit(),
        "questions": questions,
        "papers": papers,
        "held_out_papers": held_out,
        "scores": scores,
        "command": command,
        "config": config.model_dump(mode="json", exclude={"run"}),
        "versions": versions(),
    }
    (made / CARD).write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _finished(config: EmbeddingConfig, made: Path) -> Tuned:
    told = json.loads((made / CARD).read_text(encoding="utf-8"))
    if told.get("fingerprint") != config.fingerprint():
        raise FinetuneError(f"{config.folder} holds another run", "Give run= another folder.")
    _log.info("%s has finished before", config.folder)
    return Tuned(made, ())
