"""The training command: Hydra overrides in, a finished run out. Nothing heavy is loaded before they are understood."""

import argparse
import logging
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqmodels.errors import ModelError

if TYPE_CHECKING:
    from omegaconf import DictConfig

_CONFIGS = Path(__file__).parent / "configs"
_GROUPS = ("model", "task", "data", "trainer")
_USAGE = """\
usage: epicite train model=NAME task=NAME data=NAME data.path=FILE [KEY=VALUE]...
       epicite train evaluate RUN FILE [--beside FILE]

Train a sequence model, or go on with a run that was interrupted: the same command does both. Overrides are Hydra's:
`--cfg job` shows the whole configuration, `-m fit.learning_rate=1e-4,1e-3` trains for each value.
`evaluate` scores a finished run on a test file, which training cannot see.

example: epicite train model=hyenadna model.size=tiny task=classify data=csv data.path=promoters.csv

choices:
"""


def main(argv: Sequence[str]) -> int:
    """Train, evaluate or help; the exit code: 0 well, 1 not, 2 not understood."""
    words = list(argv)
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(_help())
        return 0 if words else 2
    if words[0] == "evaluate":
        return _evaluate(words[1:])
    return _train(words)


def _help() -> str:
    """Usage, the groups' choices, and every key with what it means."""
    choices = [
        f"  {group + '=':<10}{', '.join(sorted(path.stem for path in (_CONFIGS / group).glob('*.yaml')))}\n"
        for group in _GROUPS
    ]
    text = (_CONFIGS / "config.yaml").read_text(encoding="utf-8")
    keys = text[text.index("# The run's folder") : text.index("\nhydra:")]
    return "".join([_USAGE, *choices, "\nkeys:\n", *(f"  {line}".rstrip() + "\n" for line in keys.splitlines())])


def _train(words: list[str]) -> int:
    import hydra

    told, codes = sys.argv, []

    @hydra.main(version_base="1.3", config_path=str(_CONFIGS), config_name="config")
    def job(composed: "DictConfig") -> None:
        # The processes of trainer=ddp are started with what this one was started with.
        sys.argv = told
        codes.append(_run(composed, words))

    sys.argv = [told[0], *words]
    try:
        job()
    finally:
        sys.argv = told
    return max(codes, default=0)


def _run(composed: "DictConfig", words: list[str]) -> int:
    from seqmodels.train.config import checked

    try:
        config = checked(composed)
        from seqmodels.train.machine import is_first
        from seqmodels.train.training import train

        with _speaking():
            run = train(config, command=f"epicite train {shlex.join(words)}")
        if not is_first():
            return 0
        figures = ", ".join(f"{name} {value:.4f}" for name, value in run.scores.items())
    except (ModelError, OSError) as error:
        return _failed(error)
    sys.stdout.write(f"{run.folder}: {figures}\n")
    return 0


def _evaluate(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="epicite train evaluate", description="Score a finished run on a test file.")
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's folder")
    parser.add_argument("file", type=Path, metavar="FILE", help="rows of the same kind as the training file's")
    parser.add_argument("--beside", type=Path, metavar="FILE", help="its phenotypes (genotypes) or intervals (FASTA)")
    arguments = parser.parse_args(words)
    from seqmodels.train.run import Run

    try:
        run = Run(arguments.run)
        run.config()
        from seqmodels.train.evaluation import evaluate

        found = evaluate(run, arguments.file, arguments.beside)
    except (ModelError, OSError) as error:
        return _failed(error)
    lines = [f"{name}\t{value:.4f}" for name, value in found.scores.items()]
    if found.unseen and found.seen:
        lines.append(f"# {found.seen} of {found.rows} rows are training rows too; without them:")
        lines += [f"{name}\t{value:.4f}" for name, value in found.unseen.items()]
    elif found.seen:
        lines.append("# all of these rows are training rows too: this says nothing of other data")
    if found.times > 1:
        lines.append(f"# scored {found.times} times by now: do not choose by it")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


@contextmanager
def _speaking() -> Iterator[None]:
    """Have the loop say what it does on standard error."""
    logger, handler = logging.getLogger("seqmodels.train"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


def _failed(error: Exception) -> int:
    told = f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.filename else str(error)
    sys.stderr.write(f"epicite train: error: {told}\n")
    return 1
