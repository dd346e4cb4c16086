"""A training run's folder: what lies where, and how far it has come."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqmodels.train.adapters import MODEL
from seqmodels.train.config import Config
from seqmodels.train.errors import RunError


@dataclass(frozen=True)
class Run:
    """A folder with `config.yaml`, `audit.json`, `split.json`, `forecast.json`, `metrics.csv`, `tensorboard/`,
    `checkpoints/`, `model/`, `plots/`, `evaluations/`, and the card as `card.json` and `model.md`.
    """  # noqa: D205 - a list of names

    folder: Path

    @property
    def finished(self) -> bool:
        """Whether the model is trained and its card written, which comes last."""
        return (self.folder / "card.json").is_file()

    @property
    def model(self) -> Path:
        """The folder of the trained model, or of its adapter."""
        return self.folder / MODEL

    @property
    def last(self) -> Path:
        """The checkpoint to go on from."""
        return self.folder / "checkpoints" / "last.ckpt"

    @property
    def best(self) -> Path:
        """The checkpoint with the best score on the validation rows."""
        return self.folder / "checkpoints" / "best.ckpt"

    @property
    def card(self) -> dict[str, Any]:
        """The card of a finished run; raises RunError where it has not finished."""
        if not self.finished:
            raise RunError(f"{self.folder} has not finished", "Give the run's command again, and it goes on.")
        card: dict[str, Any] = json.loads((self.folder / "card.json").read_text(encoding="utf-8"))
        return card

    @property
    def scores(self) -> dict[str, float]:
        """Scores of the best weights on the validation rows."""
        scores: dict[str, float] = self.card["scores"]
        return scores

    def config(self) -> Config:
        """The configuration that it was started with; raises RunError where there is none."""
        path = self.folder / "config.yaml"
        if not path.is_file():
            raise RunError(f"{self.folder} is no training run: config.yaml is missing", "Name a run's folder.")
        from omegaconf import OmegaConf

        return Config.model_validate(OmegaConf.to_container(OmegaConf.load(path)))

    def start(self, config: Config, data_hash: str) -> None:
        """Make the folder, or find that it is this run's.

        Raises RunError where it holds another run, or other things.
        """
        path = self.folder / "config.yaml"
        if not path.is_file():
            if self.folder.is_dir() and any(self.folder.iterdir()):
                raise RunError(f"{self.folder} is not empty, and is no training run", "Name another folder with run=.")
            self._begin(config, data_hash)
            return
        if not self.last.is_file() and not self.finished:
            # It never came to a checkpoint: there is nothing to lose.
            self._begin(config, data_hash)
            return
        before = self.config()
        if before.fingerprint() != config.fingerprint():
            raise RunError(
                f"{self.folder} holds a run with {_difference(before, config)}", "Name another folder with run=."
            )
        if (self.folder / "data.sha256").read_text(encoding="utf-8").strip() != data_hash:
            raise RunError(f"The data has changed since {self.folder} was started", "Name another folder with run=.")

    def _begin(self, config: Config, data_hash: str) -> None:
        from omegaconf import OmegaConf

        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "audit.json").unlink(missing_ok=True)
        self.write("data.sha256", data_hash + "\n")
        self.write("config.yaml", OmegaConf.to_yaml(config.model_dump(mode="json")))

    def write(self, name: str, text: str) -> Path:
        """Write a file whole or not at all."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
        return path


def run_of(config: Config, data_hash: str) -> Run:
    """The run of a configuration: in the folder that it names, or in one named after all that makes the result."""
    if config.run is not None:
        return Run(config.run)
    mark = hashlib.sha256(f"{config.fingerprint()} {data_hash}".encode()).hexdigest()[:8]
    return Run(Path("runs") / f"{config.model.family}-{config.task.name}-{mark}")


def hash_of(files: list[Path]) -> str:
    """SHA-256 over files, one after the other."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _difference(before: Config, now: Config) -> str:
    old, new = _flat(before.model_dump(mode="json")), _flat(now.model_dump(mode="json"))
    differing = [key for key in old if old[key] != new.get(key) and not key.startswith(("run", "trainer", "plots"))]
    shown = ", ".join(f"{key}={old[key]}" for key in differing[:3])
    return f"{shown or 'other data'}, not {', '.join(str(new.get(key)) for key in differing[:3]) or 'these'}"


def _flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
