"""The fine-tuning command: Hydra overrides in, an adapter out. Nothing heavy is loaded before they are understood."""

import argparse
import logging
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from seqmodels.errors import ModelError

if TYPE_CHECKING:
    from omegaconf import DictConfig

_CONFIGS = Path(__file__).parent / "configs"
_GROUPS = ("model", "data", "task", "trainer")
_USAGE = """\
usage: epicite finetune [KEY=VALUE]...
       epicite finetune task=embed data.source=PATH [run=FOLDER] [KEY=VALUE]...
       epicite finetune recipe=NAME [run=FOLDER] [KEY=VALUE]...
       epicite finetune data KIND OUT [--count N] [--seed N] [--held-out] [--source PATH]
       epicite finetune mask [--rows N] [KEY=VALUE]...
       epicite finetune evaluate ADAPTER [--base NAME] [--rows FILE | --count N] [--out FILE]
       epicite finetune merge ADAPTER OUT [--base NAME] [--dtype TYPE]

Teach a language model by LoRA, or train a small one from scratch, or go on with a run that was interrupted: the same
command does all. Overrides are Hydra's: `--cfg job` shows the whole configuration.
`task=embed` tunes the sentence encoder on questions and their papers; its keys are those of `configs/embed.yaml`,
which `epicite finetune task=embed --cfg job` shows.
`recipe` runs a whole chain: a small model from scratch, its adapter for tools, and the merged model.
`data` writes training data as JSONL, of the kinds tool_use, base, answers, extraction, chats and corrections.
`mask` shows token by token what is learnt of a run's first rows. `evaluate` scores what an adapter writes on held-out
rows. `merge` makes one model of an adapter and its base, and proves that both write the same.

examples: epicite finetune data=tool_use model.name=Qwen/Qwen2.5-0.5B-Instruct trainer=gpu
          epicite finetune data=sharegpt data.path=mine.jsonl model.name=models/llama model=quantized trainer=gpu
          epicite finetune recipe=smoke

choices:
"""
_EMBED = "task=embed"
_KINDS = ("tool_use", "base", "answers", "extraction", "chats", "corrections")


def main(argv: Sequence[str]) -> int:
    """Train, evaluate, build data, merge or help; the exit code: 0 well, 1 not, 2 not understood."""
    words = list(argv)
    if not words or words[0] in ("-h", "--help"):
        sys.stdout.write(_help())
        return 0 if words else 2
    if words[0].startswith("recipe="):
        return _told(lambda: _recipe(words))
    verbs = {"data": _data, "mask": _mask, "evaluate": _evaluate, "merge": _merge}
    if words[0] in verbs:
        return _told(lambda: verbs[words[0]](words[1:]))
    if _EMBED in words:
        return _train([word for word in words if word != _EMBED], "embed", _tune)
    return _train(words, "config", _fit)


def _help() -> str:
    """Usage, the groups' choices, and every key with what it means."""
    choices = [
        f"  {group + '=':<10}{', '.join(sorted(path.stem for path in (_CONFIGS / group).glob('*.yaml')))}\n"
        for group in (*_GROUPS, "recipe")
    ]
    text = (_CONFIGS / "config.yaml").read_text(encoding="utf-8")
    keys = text[: text.index("\ndefaults:")]
    data = (_CONFIGS / "data" / "messages.yaml").read_text(encoding="utf-8")
    told = "\n".join([keys, "# data=messages", data])
    return "".join([_USAGE, *choices, "\nkeys:\n", *(f"  {line}".rstrip() + "\n" for line in told.splitlines())])


def _train(words: list[str], name: str, work: Callable[["DictConfig", list[str]], Iterator[str]]) -> int:
    """Compose a configuration of a name with Hydra, and do its work."""
    import hydra

    told, codes = sys.argv, []

    @hydra.main(version_base="1.3", config_path=str(_CONFIGS), config_name=name)
    def job(composed: "DictConfig") -> None:
        sys.argv = told
        codes.append(_told(lambda: work(composed, words)))

    sys.argv = [told[0], *words]
    try:
        job()
    finally:
        sys.argv = told
    return max(codes, default=0)


def _fit(composed: "DictConfig", words: list[str]) -> Iterator[str]:
    from finetune.config import checked

    config = checked(composed)
    from finetune.fitting import fit

    outcome = fit(config, command=f"epicite finetune {shlex.join(words)}")
    yield f"{outcome.folder}: {_scores(outcome.scores)}"


def _tune(composed: "DictConfig", words: list[str]) -> Iterator[str]:
    from finetune.embedding.config import checked

    config = checked(composed)
    from finetune.embedding.tuning import tune

    tuned = tune(config, command=f"epicite finetune {_EMBED} {shlex.join(words)}")
    yield from tuned.table
    yield f"{tuned.folder}: set it as embedder"


def _recipe(words: list[str]) -> Iterator[str]:
    from finetune.recipes import follow

    name = words[0].partition("=")[2]
    runs = [word.partition("=")[2] for word in words[1:] if word.startswith("run=")]
    run = Path(runs[-1] if runs else f"runs/{name}")
    yield from follow(name, run, [word for word in words[1:] if not word.startswith("run=")])


def _data(words: list[str]) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="epicite finetune data", description="Write training data as JSONL.")
    parser.add_argument("kind", choices=_KINDS, metavar="KIND", help=", ".join(_KINDS))
    parser.add_argument("out", type=Path, metavar="OUT", help="a new JSONL file")
    parser.add_argument("--count", type=int, default=1000, help="rows, of kinds that are made (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--held-out", action="store_true", help="of templates and documents that training does not see")
    source = (
        "of extraction, a folder of BioNLP stand-off files; of chats, conversations.db; of corrections, exported "
        "evidence; of answers, PubMedQA as JSONL (default: the starter corpus)"
    )
    parser.add_argument("--source", type=Path, help=source)
    told = parser.parse_args(words)
    from finetune.data.building import write

    yield f"{told.out}: {write(told.kind, told.out, told.count, told.seed, told.held_out, told.source)} rows"


def _mask(words: list[str]) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="epicite finetune mask", description="Show what is learnt of the first rows.")
    parser.add_argument("--rows", type=int, default=1, help="how many (default: 1)")
    parser.add_argument("words", nargs="+", metavar="KEY=VALUE", help="overrides, as of the run itself")
    told = parser.parse_args(words)
    from finetune.config import compose
    from finetune.data.reading import rows_of
    from finetune.loading import load_tokenizer
    from finetune.tokens import mask_view

    config = compose(told.words)
    if config.model.name is None:
        from finetune.errors import ConfigError

        raise ConfigError("A model from scratch has no tokenizer yet", "Name a model with model.name=.")
    tokenizer = load_tokenizer(config.model.name, config.model.revision)
    for number, row in enumerate(rows_of(config.data, config.seed).training[: told.rows], 1):
        yield f"# row {number}"
        yield from mask_view(row, tokenizer, config.data.learn, config.data.max_length)


def _evaluate(words: list[str]) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="epicite finetune evaluate", description="Score what an adapter writes.")
    parser.add_argument("adapter", metavar="ADAPTER", help="an adapter's folder, or that of a model alone")
    parser.add_argument("--base", help="another place of its base model")
    parser.add_argument("--rows", type=Path, help="rows as JSONL messages (default: made tool use, held out)")
    parser.add_argument("--count", type=int, default=400, help="made rows (default: 400)")
    parser.add_argument("--tokens", type=int, default=192, help="the longest answer (default: 192)")
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--out", type=Path, help="where to keep what was written, as JSONL")
    told = parser.parse_args(words)
    from finetune.measuring import measured

    found = measured(told.adapter, told.base, told.rows, told.count, told.tokens, told.batch_size, told.out)
    for group, scores in found.items():
        yield f"{group}\t{_scores(scores)}"


def _merge(words: list[str]) -> Iterator[str]:
    parser = argparse.ArgumentParser(prog="epicite finetune merge", description="Make one model of adapter and base.")
    parser.add_argument("adapter", type=Path, metavar="ADAPTER")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder")
    parser.add_argument("--base", help="another place of its base model")
    parser.add_argument(
        "--dtype", choices=("float32", "bfloat16", "float16"), default="float32", help="as it is written"
    )
    told = parser.parse_args(words)
    from finetune.merging import merge

    merged = merge(told.adapter, told.out, told.base, told.dtype)
    yield f"{merged.folder}: logits at most {merged.apart:.2g} from those of base and adapter"


def _scores(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in found.items())


def _told(work: Callable[[], Iterator[str]]) -> int:
    """Do the work, telling each line of its result; what went wrong is one message."""
    try:
        with _speaking():
            for line in work():
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    except (ModelError, OSError) as error:
        told = f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.filename else str(error)
        sys.stderr.write(f"epicite finetune: error: {told}\n")
        return 1
    return 0


@contextmanager
def _speaking() -> Iterator[None]:
    """Have training say what it does on standard error."""
    logger, handler = logging.getLogger("finetune"), logging.StreamHandler()
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
