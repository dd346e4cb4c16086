"""The settings of the agent's language model."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ModelSettings(BaseModel):
    """Which language model answers: that of the endpoint at `url`, without one that which `epicite serve` runs.

    `name` is the model's name at the endpoint, or its adapter's, `extractor` that which extracts records from texts;
    `key` is what the endpoint asks for, `patience` how many seconds it may keep silent, `context` its window in tokens.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str | None = Field(default=None, pattern=r"^https?://")
    name: str = ""
    extractor: str = ""
    key: SecretStr = SecretStr("none")
    patience: float = Field(default=60.0, gt=0)
    context: int = Field(default=8192, ge=1024)
