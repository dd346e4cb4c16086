"""The configuration of a training run: what the YAML files under `configs/` compose to, checked."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from seqmodels.families import Task as TaskName
from seqmodels.train.errors import ConfigError

if TYPE_CHECKING:
    from omegaconf import DictConfig

_Mapping = TypeVar("_Mapping")

CONFIGS = Path(__file__).parent / "configs"
VERSION_BASE = "1.3"

Share = Field(gt=0, lt=1)
# In YAML nothing, not {}: Hydra lets no key be added to a mapping that stands there, but it does fill a gap.
Mapped = Annotated[_Mapping, BeforeValidator(lambda found: found or {})]


class _Part(BaseModel):
    """A part of the configuration: unknown keys are refused, and nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(_Part):
    """Which backbone, and where its weights come from."""

    family: str
    pretrained: str | None
    size: str
    settings: Mapped[dict[str, Any]]


class Task(_Part):
    """What is learnt; `share` of the tokens is masked in the task masked."""

    name: TaskName
    share: float | None = Field(default=None, gt=0, lt=1)


class Csv(_Part):
    """Sequences in a table; `inputs` names what else the model takes and the column that it stands in."""

    name: Literal["csv"]
    path: Path
    sequence: str
    targets: tuple[str, ...] = Field(min_length=1)
    missing: Literal["refuse", "skip"]
    inputs: Mapped[dict[str, str]]
    window: int | None = Field(ge=1)


class Fasta(_Part):
    """Sequences by name, cut into windows; with `intervals` (BED, GFF3) their bases are labelled."""

    name: Literal["fasta"]
    path: Path
    window: int = Field(ge=1)
    stride: int | None = Field(ge=1)
    intervals: Path | None
    features: tuple[str, ...]


class Genotypes(_Part):
    """Markers of breeding lines (VCF, or a table) with a table of phenotypes."""

    name: Literal["vcf", "markers"]
    path: Path
    phenotypes: Path
    id_column: str | None
    traits: tuple[str, ...] | None


class Conll(_Part):
    """Words and tags, in columns counted from 0, or from the last by negative numbers."""

    name: Literal["conll"]
    path: Path
    token: int
    tag: int


class Split(_Part):
    """How rows are set aside for validation."""

    validation: float = Share
    similar: Literal["near", "exact"]


class Lora(_Part):
    """Low-rank adapters (Hu et al. 2021, arXiv:2106.09685); without a rank all weights are trained."""

    rank: int | None = Field(ge=1)
    alpha: int | None = Field(ge=1)
    dropout: float = Field(ge=0, lt=1)
    merge: bool
    start: Path | None = None


class Fit(_Part):
    """How the weights are trained and which are kept; `configs/config.yaml` says what each key means."""

    epochs: int = Field(ge=1)
    steps: int | None = Field(ge=1)
    batch_size: int = Field(ge=1)
    accumulate: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    weight_decay: float = Field(ge=0)
    warmup: float = Field(ge=0, lt=1)
    schedule: Literal["linear", "cosine", "constant"]
    clip: float | None = Field(gt=0)
    label_smoothing: float = Field(ge=0, lt=1)
    reverse_complement: bool
    like_lengths: bool
    validate_every: int | None = Field(ge=1)
    checkpoint_every: int | None = Field(ge=1)
    patience: int | None = Field(ge=1)
    monitor: str


class Trainer(_Part):
    """The machine: Lightning's own words."""

    accelerator: str
    devices: int
    nodes: int = Field(ge=1)
    strategy: str
    precision: Literal["32-true", "bf16-mixed", "16-mixed", "bf16-true"]
    recompute: bool
    threads: int | None = Field(ge=1)
    progress: bool


class Config(_Part):
    """A whole run."""

    run: Path | None
    seed: int = Field(ge=0)
    plots: bool
    model: Model
    task: Task
    data: Csv | Fasta | Genotypes | Conll = Field(discriminator="name")
    split: Split
    lora: Lora
    fit: Fit
    trainer: Trainer

    @model_validator(mode="after")
    def _batches_divide(self) -> "Config":
        if self.fit.batch_size % self.fit.accumulate:
            raise ValueError(
                f"fit.batch_size={self.fit.batch_size} is not a multiple of fit.accumulate={self.fit.accumulate}"
            )
        return self

    def fingerprint(self) -> str:
        """A hash of what makes the result: everything but the run's folder and the machine."""
        told = self.model_dump(mode="json", include={"seed", "model", "task", "data", "split", "lora", "fit"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def checked(composed: "DictConfig") -> Config:
    """The configuration that Hydra has composed; raises ConfigError where a value is missing or impossible."""
    from omegaconf import OmegaConf

    missing = sorted(str(key) for key in OmegaConf.missing_keys(composed))
    if missing:
        raise ConfigError(
            f"{' and '.join(missing)} must be given", f"Add {' '.join(f'{key}=VALUE' for key in missing)}."
        )
    try:
        return Config.model_validate(OmegaConf.to_container(composed, resolve=True))
    except ValidationError as error:
        raise ConfigError(*_complaint(error)) from error


def compose(overrides: Sequence[str]) -> Config:
    """A configuration from Hydra overrides, such as `["model=esm2", "task=classify", "data=csv", "data.path=a.csv"]`.

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
        raise ConfigError(str(error).strip().replace("\n", " "), "See `epicite train --help`.") from error


def _complaint(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_url=False)[0]
    # The name of a data format is pydantic's own step in the path, no key.
    place = [str(step) for step in first["loc"] if step not in {"csv", "fasta", "vcf", "markers", "conll"}]
    key = ".".join(place)
    if first["type"] == "extra_forbidden":
        return f"{key} is no setting", "See `epicite train --help`."
    if first["type"] == "value_error":
        return str(first["ctx"]["error"]), "Change one of them."
    found = f"{key}={first['input']!r}" if key else repr(first["input"])
    return f"{found}: {first['msg'][0].lower()}{first['msg'][1:]}", f"Give {key} another value." if key else ""
