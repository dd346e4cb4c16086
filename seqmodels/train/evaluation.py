"""The score of a finished model on a test file, which training has no way to see."""

import json
import math
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from seqmodels.data.splits import FinishedModel, TestFile
from seqmodels.families import family_named
from seqmodels.train.adapters import WEIGHTS
from seqmodels.train.batches import OrderedBatches
from seqmodels.train.config import Config, Fasta, Genotypes
from seqmodels.train.errors import ConfigError
from seqmodels.train.finishing import judged
from seqmodels.train.module import Training
from seqmodels.train.plan import change_of
from seqmodels.train.reading import read_rows
from seqmodels.train.run import Run, hash_of
from seqmodels.train.saved import load_trained
from seqmodels.train.scores import Scores


@dataclass(frozen=True)
class Evaluation:
    """Scores on a test file: of all rows, and of those that are in no training or validation row (`unseen`).

    `weights` are the SHA-256 of the judged model's file and `file` that of the test's; `times` is how often this file
    has been scored by this run: a test that is looked at again and again is no longer one.
    """

    path: str
    file: str
    weights: str
    rows: int
    seen: int
    times: int
    scores: Scores
    unseen: Scores


def evaluate(run: Run, path: Path, beside: Path | None = None) -> Evaluation:
    """Score a finished run's best weights on a test file, and write it down in the run's `evaluations/`.

    Args:
        run: a finished one; its model is judged as it is.
        path: a file of the same kind as the training file.
        beside: what stands beside it: the phenotypes of genotypes, the intervals of a FASTA file. By default those of
            the training data.

    Raises:
        RunError: the run has not finished.
        DataError: the file cannot be read, or has other classes than the training file.
    """
    config, _ = _beside(run.config(), beside), run.card
    finished = FinishedModel.of(run.model / (WEIGHTS if config.lora.rank else "model.safetensors"))
    trained = load_trained(str(run.model))
    family = family_named(config.model.family)
    read = partial(read_rows, config, family, trained.head, notes=trained.notes)
    rows = TestFile(path).open(read, finished)
    examples = rows.examples(trained.backbone, trained.head, both_strands=False)
    known = np.load(run.folder / "split.npz")["rows"]
    seen = np.isin(np.array([int(mark[:16], 16) for mark in rows.hashes()], np.uint64), known)
    module = Training(trained.backbone.model, trained.head, config.fit, steps=1, seed=config.seed, validation=examples)

    def scored(chosen: np.ndarray) -> Scores:
        part = examples.take(torch.from_numpy(np.flatnonzero(chosen)))
        batches = OrderedBatches(part, config.fit.batch_size, config.seed, change=change_of(config, trained.backbone))
        figures = judged(module, batches, config.trainer).figures() if len(part) else {}
        return {name: value for name, value in figures.items() if math.isfinite(value)}

    digest = hash_of([path])
    note = run.folder / "evaluations" / f"{digest[:16]}.json"
    times = json.loads(note.read_text(encoding="utf-8"))["times"] + 1 if note.is_file() else 1
    everything = scored(np.ones(len(rows), bool))
    evaluation = Evaluation(
        str(path),
        digest,
        finished.sha256,
        len(rows),
        int(seen.sum()),
        times,
        everything,
        scored(~seen) if seen.any() else everything,
    )
    run.write(f"evaluations/{note.name}", json.dumps(asdict(evaluation), indent=2, ensure_ascii=False))
    return evaluation


def _beside(config: Config, path: Path | None) -> Config:
    """The configuration with another file of phenotypes or intervals."""
    if path is None:
        return config
    if isinstance(config.data, Genotypes):
        return config.model_copy(update={"data": config.data.model_copy(update={"phenotypes": path})})
    if isinstance(config.data, Fasta):
        return config.model_copy(update={"data": config.data.model_copy(update={"intervals": path})})
    raise ConfigError(f"Nothing stands beside data={config.data.name}", "Leave --beside out.")
