"""What can be set of servers and clusters that a library grows onto."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class MilvusSettings(BaseModel):
    """Where Milvus is, for libraries whose index it is.

    Without `uri` each library has a Milvus Lite file in its own folder. `token` is "USER:PASSWORD" or an API key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    uri: SecretStr | None = None
    token: SecretStr | None = None


class RaySettings(BaseModel):
    """The Ray cluster of `epicite ingest --engine ray`.

    `address` is "local" for processes of this machine, "auto" for the cluster that it is part of, or
    `ray://HOST:PORT`; `workers` how many embed and tag at once, by default one for each CPU (or GPU) of the cluster;
    `num_gpus` the GPUs of each worker, which may be a part of one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str = Field(default="local", pattern=r"^(local|auto|ray://.+|[^/\s]+:\d+)$")
    workers: int | None = Field(default=None, ge=1)
    num_gpus: float = Field(default=0.0, ge=0)


def concealed(text: str, secrets: Iterable[str]) -> str:
    """A message on one line, with stars in the place of what is secret."""
    line = " ".join(text.split())
    for secret in secrets:
        line = line.replace(secret, "***")
    return line
