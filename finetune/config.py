"""The configuration of fine-tuning: what the YAML files under `configs/` compose to, checked."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from finetune.base.model import Shape
from finetune.errors import ConfigError
from finetune.tokens import Learn

if TYPE_CHECKING:
    from omegaconf import DictConfig

CONFIGS = Path(__file__).parent / "configs"
VERSION_BASE = "1.3"
Checked = TypeVar("Checked", bound=BaseModel)


class _Part(BaseModel):
    """A part of the configuration: unknown keys are refused, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(_Part):
    """Which language model: one by name or folder, or a small one from scratch of a shape."""

    name: str | None
    revision: str | None
    shape: Shape | None
    attention: str
    dtype: Literal["float32", "bfloat16", "float16"]
    quantize: Literal["4bit", "8bit"] | None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Model":
        if (self.name is None) == (self.shape is None):
            raise ValueError("model.name must be given, or model=small with task=base")
        return self


class Data(_Part):
    """Rows, from a file or made; `configs/config.yaml` says what each key means."""

    name: Literal["messages", "sharegpt", "alpaca", "tool_use", "base"]
    path: Path | None = None
    validation_path: Path | None = None
    count: int | None = Field(default=None, ge=1)
    held_out: int = Field(default=0, ge=0)
    seed: int = 0
    learn: Learn
    max_length: int = Field(ge=8)
    unlearnable: Literal["refuse", "skip"]


class Lora(_Part):
    """Low-rank adapters (Hu et al. 2021, arXiv:2106.09685), without a rank all weights are trained."""

    rank: int | None = Field(ge=1, le=512)
    alpha: int = Field(ge=1)
    dropout: float = Field(ge=0, lt=1)
    targets: str | tuple[str, ...]
    rank_stabilised: bool


class Fit(_Part):
    """How weights are trained."""

    steps: int | None = Field(ge=1)
    epochs: float = Field(gt=0)
    batch_size: int = Field(ge=1)
    accumulate: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    schedule: Literal["linear", "cosine", "constant_with_warmup"]
    warmup: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    clip: float = Field(gt=0)
    packing: bool
    like_lengths: bool
    checkpoint_every: int | None = Field(ge=1)


class Evaluation(_Part):
    """What is measured while training: loss, and what the model writes on held-out rows."""

    every: int | None = Field(ge=1)
    rows: int = Field(ge=0)
    tokens: int = Field(ge=1)
    batch_size: int = Field(ge=1)


class Trainer(_Part):
    """The machine."""

    device: Literal["cpu", "gpu"]
    precision: Literal["fp32", "bf16", "fp16"]
    strategy: Literal["single", "ddp", "fsdp"]
    recompute: bool
    threads: int | None = Field(ge=1)


class Config(_Part):
    """A whole run."""

    run: Path | None
    seed: int = Field(ge=0)
    task: Literal["adapt", "base"]
    model: Model
    data: Data
    lora: Lora
    fit: Fit
    evaluation: Evaluation
    trainer: Trainer

    @model_validator(mode="after")
    def _fitting(self) -> "Config":
        if (self.task == "base") != (self.lora.rank is None):
            raise ValueError("task=adapt trains an adapter and needs lora.rank; task=base trains all weights")
        if self.model.shape is not None and self.task != "base":
            raise ValueError(
                "model=small has no weights yet: train them with task=base, then give model.name its folder"
            )
        if self.data.name in ("messages", "sharegpt", "alpaca") and self.data.path is None:
            raise ValueError(f"data.path must be given with data={self.data.name}")
        if self.data.name in ("tool_use", "base") and self.data.count is None:
            raise ValueError(f"data.count must be given with data={self.data.name}")
        return self

    def fingerprint(self) -> str:
        """A hash of what makes the result: everything but the run's folder, the machine and what is only watched."""
        told = self.model_dump(mode="json", exclude={"run", "trainer", "evaluation"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def folder(self) -> Path:
        """Where the run lies: `run`, or a name made of its hash."""
        return self.run or Path("runs") / f"{self.task}-{self.fingerprint()[:8]}"


def checked(composed: "DictConfig") -> Config:
    """The configuration that Hydra has composed; raises ConfigError where a value is missing or impossible."""
    return validated(composed, Config)


def validated(composed: "DictConfig", kind: type[Checked]) -> Checked:
    """What Hydra has composed as a configuration of a kind; raises ConfigError as `checked` does."""
    from omegaconf import OmegaConf

    missing = sorted(str(key) for key in OmegaConf.missing_keys(composed))
    if missing:
        told = " ".join(f"{key}=VALUE" for key in missing)
        raise ConfigError(f"{' and '.join(missing)} must be given", f"Add {told}.")
    try:
        return kind.model_validate(OmegaConf.to_container(composed, resolve=True))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        if first["type"] == "value_error":
            raise ConfigError(str(first["ctx"]["error"]), "See `epicite finetune --help`.") from error
        raise ConfigError(f"{key}={first['input']!r}: {first['msg']}", "See `epicite finetune --help`.") from error


def compose(overrides: Sequence[str]) -> Config:
    """A configuration from Hydra overrides, such as `["data=tool_use", "model.name=Qwen/Qwen2.5-0.5B-Instruct"]`.

    Raises ConfigError where Hydra does not understand them, or a value is missing or impossible.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        with initialize_config_dir(str(CONFIGS), version_base=VERSION_BASE):
            return checked(hydra_compose("config", list(overrides)))
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(str(error).strip().replace("\n", " "), "See `epicite finetune --help`.") from error
