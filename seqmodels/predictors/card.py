"""The card of a predictor: where it comes from and how well it did on what it had not seen."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from seqmodels.errors import ModelError

CARD = "card.json"
WEIGHTS = "model.safetensors"
_ADAPTER = "adapter_model.safetensors"


class Score(BaseModel):
    """A held-out score with its 95 % interval, over so many rows."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    rows: int


class Card(BaseModel):
    """What a reader must know before trusting a prediction."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    predicts: str
    data: str
    licence: str
    split: str
    seeds: tuple[int, ...]
    command: str
    scores: tuple[Score, ...]
    calibration: str
    limits: str
    sha256: str

    def score(self, name: str) -> Score | None:
        """The score of a name, where there is one."""
        return next((score for score in self.scores if score.name == name), None)


def read_card(folder: Path) -> Card:
    """The card in a predictor's folder, whose weights are those that it was written for.

    Raises ModelError where the card is missing or the weights are others.
    """
    path = folder / CARD
    if not path.is_file():
        raise ModelError(f"{folder.name} has no {CARD}", "Install Epicite again, or name the folder of a predictor.")
    card = Card.model_validate_json(path.read_text(encoding="utf-8"))
    if not any((folder / name).is_file() for name in (WEIGHTS, _ADAPTER)):
        raise ModelError(f"{folder.name} has a card and no weights", "Install Epicite again.")
    if card.sha256 != weights_hash(folder):
        raise ModelError(f"The weights of {card.name} are not those of its card", "Install Epicite again.")
    return card


def write_card(folder: Path, card: Card) -> None:
    """Put a card beside its weights."""
    (folder / CARD).write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")


def weights_hash(folder: Path) -> str:
    """SHA-256 of the weights in a model's folder; of the adapter where there are no others."""
    own = folder / WEIGHTS
    with (own if own.is_file() else folder / _ADAPTER).open("rb") as weights:
        return hashlib.file_digest(weights, "sha256").hexdigest()
