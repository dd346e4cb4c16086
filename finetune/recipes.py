"""Recipes: whole chains of runs, from a tokenizer to a merged model, each step a run with its overrides."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from finetune.config import CONFIGS, compose
from finetune.errors import ConfigError
from finetune.fitting import fit
from finetune.merging import merge

_MERGE = "merge"


class Step(NamedTuple):
    """A step of a recipe: its name, and the overrides of its run."""

    name: str
    words: list[str]


def names() -> list[str]:
    """The recipes that there are."""
    return sorted(path.stem for path in (CONFIGS / "recipe").glob("*.yaml"))


def steps(name: str, run: Path, beside: Sequence[str] = ()) -> list[Step]:
    """The steps of a recipe in a folder; `beside` are overrides for every step. Raises ConfigError."""
    from omegaconf import OmegaConf

    path = CONFIGS / "recipe" / f"{name}.yaml"
    if name not in names():
        raise ConfigError(f"There is no recipe {name!r}", f"There are {', '.join(names())}.")
    told: Any = OmegaConf.to_container(OmegaConf.load(path))
    return [
        Step(step, [str(word).replace("RUN", str(run)) for word in words] + list(beside))
        for step, words in told.items()
    ]


def follow(name: str, run: Path, beside: Sequence[str] = ()) -> Iterator[str]:
    """Run the steps of a recipe one after another, and say what each came to."""
    for step in steps(name, run, beside):
        if step.name == _MERGE:
            adapter, out = (Path(word) for word in step.words[:2])
            if not out.exists():
                yield f"{step.name}: {out}, logits at most {merge(adapter, out).apart:.2g} from the adapter's"
            continue
        outcome = fit(compose(step.words), command=f"epicite finetune {' '.join(step.words)}")
        told = ", ".join(f"{score} {value:.4f}" for score, value in outcome.scores.items())
        yield f"{step.name}: {outcome.folder}: {told}"
