"""Training, from a configuration to a finished run."""

import hashlib
import logging

import torch

from seqmodels.families import family_named
from seqmodels.train.config import Config
from seqmodels.train.finishing import finish
from seqmodels.train.fitting import fit
from seqmodels.train.machine import is_first
from seqmodels.train.plan import audited, parted, planned
from seqmodels.train.reading import files_of, read_rows
from seqmodels.train.rows import Rows
from seqmodels.train.run import Run, hash_of, run_of

log = logging.getLogger(__name__)


def train(config: Config, rows: Rows | None = None, command: str = "seqmodels.train.training.train(config)") -> Run:
    """Train a model, or go on where an earlier call with the same configuration was interrupted.

    Args:
        config: what `config.compose([...])` gives.
        rows: in place of those of `config.data`, whose path then only names them.
        command: how the run was started, for its card.

    Returns:
        The finished run. One that had finished before is returned as it is.

    Raises:
        ConfigError: the configuration contradicts itself, the data or the machine.
        RunError: the run's folder is another run's, or the loss is no longer a number.
        ModelError: the data, or the model, cannot be used.
    """
    family = family_named(config.model.family)
    files = files_of(config)
    read = read_rows(config, family) if rows is None else rows
    data_hash = hash_of(files) if rows is None else hashlib.sha256("".join(read.hashes()).encode()).hexdigest()
    run = run_of(config, data_hash)
    if is_first():
        run.start(config, data_hash)
    if run.finished:
        log.info("%s has finished before, and is left as it is", run.folder)
        return run
    if config.trainer.threads:
        torch.set_num_threads(config.trainer.threads)
    findings = audited(run, read)
    plan = planned(config, family, read, parted(run, config, read, data_hash))
    if not (run.folder / "fitted.json").is_file():
        fit(run, config, plan)
    if is_first():
        finish(run, config, plan, findings, data_hash, files, command)
    return run
