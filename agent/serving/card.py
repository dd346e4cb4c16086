"""The card of an adapter: what it was trained on, so that it is not served on anything else."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.errors import AgentError

CARD = "card.json"


class AdapterCard(BaseModel):
    """What training writes beside an adapter's weights; more than this may stand in it.

    `base` is the name or path of the base model, `base_sha256` the hash of its weights (`weights_sha256`),
    `template_sha256` that of its chat template (`text_sha256`), `data_sha256` that of the training file and `commit`
    the commit of the code that trained.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    base: str = ""
    base_sha256: str | None = None
    template_sha256: str | None = None
    data_sha256: str | None = None
    commit: str | None = None


def read_card(folder: Path) -> AdapterCard | None:
    """The card in an adapter's folder, None where there is none. Raises AgentError where it is no card."""
    path = folder / CARD
    if not path.is_file():
        return None
    try:
        return AdapterCard.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise AgentError(f"{path} is no card ({error.error_count()} errors)", "Train the adapter again.") from error


def weights_sha256(folder: Path) -> str:
    """The hash of every weight file of a model or adapter, in the order of their names."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def text_sha256(text: str) -> str:
    """The hash of a chat template."""
    return hashlib.sha256(text.encode()).hexdigest()
