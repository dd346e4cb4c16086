"""How well a model of one species does on held-out windows of another: measured once, kept beside the weights."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TRANSFER = "transfer.json"


@dataclass(frozen=True)
class Transfer:
    """AUC of the model of one training set on held-out windows of another (or of its own), and how many those were."""

    model: str
    windows_of: str
    auroc: float
    rows: int


@dataclass(frozen=True)
class Transfers:
    """All that were measured."""

    measured: tuple[Transfer, ...] = ()

    def auroc(self, model: str, windows_of: str) -> float | None:
        """The AUC of a pair, where it was measured."""
        pairs = ((each.model, each.windows_of, each.auroc) for each in self.measured)
        return next((auroc for own, others, auroc in pairs if (own, others) == (model, windows_of)), None)


@cache
def read_transfers(folder: Path) -> Transfers:
    """The table in a predictor's folder; an empty one where there is none."""
    path = folder / TRANSFER
    if not path.is_file():
        return Transfers()
    return Transfers(tuple(Transfer(**row) for row in json.loads(path.read_text(encoding="utf-8"))))


def write_transfers(folder: Path, transfers: Transfers) -> None:
    """Keep a table beside a predictor's weights."""
    rows = (json.dumps(vars(each)) for each in transfers.measured)
    (folder / TRANSFER).write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
