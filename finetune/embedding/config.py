"""The configuration of embedder tuning: `configs/embed.yaml`, checked."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, field_validator

from finetune.config import validated

if TYPE_CHECKING:
    from omegaconf import DictConfig


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(_Part):
    """Papers, and how questions and negatives are made of them."""

    source: tuple[Path, ...] = Field(min_length=1)
    held_out: float = Field(default=0.3, ge=0, lt=1)
    max_length: int = Field(default=128, ge=8)
    neighbours: int = Field(default=10, ge=1)

    @field_validator("source", mode="before")
    @classmethod
    def _several(cls, given: object) -> object:
        return [given] if isinstance(given, str | Path) else given


class Lora(_Part):
    """Low-rank adapters (Hu et al. 2021, arXiv:2106.09685)."""

    rank: int = Field(default=16, ge=1, le=512)
    alpha: int = Field(default=32, ge=1)
    dropout: float = Field(default=0.05, ge=0, lt=1)


class Fit(_Part):
    """How weights are trained."""

    steps: int = Field(default=100, ge=1)
    batch_size: int = Field(default=16, ge=2)
    learning_rate: float = Field(default=2e-4, gt=0)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    scale: float = Field(default=20.0, gt=0)


class EmbeddingConfig(_Part):
    """A whole run."""

    run: Path | None = None
    seed: int = Field(default=0, ge=0)
    base: str | None = None
    data: Data
    lora: Lora = Lora()
    fit: Fit = Fit()
    evaluation: bool = True
    threads: int | None = Field(default=None, ge=1)

    @property
    def folder(self) -> Path:
        """Where the run lies: `run`, or a name made of its hash."""
        return self.run or Path("runs") / f"embed-{self.fingerprint()[:8]}"

    def fingerprint(self) -> str:
        """A hash of what makes the result."""
        told = self.model_dump(mode="json", exclude={"run", "evaluation", "threads"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def checked(composed: "DictConfig") -> EmbeddingConfig:
    """The configuration that Hydra has composed; raises ConfigError where a value is missing or impossible."""
    return validated(composed, EmbeddingConfig)
