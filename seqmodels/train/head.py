"""What a model's last layer says: classes, flags, measured values or tags, and in which units."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Kind = Literal["classes", "flags", "values", "tags", "tracks", "tokens"]

_PROBLEMS = {
    "classes": "single_label_classification",
    "flags": "multi_label_classification",
    "values": "regression",
}


@dataclass(frozen=True)
class Head:
    """The outputs of a model.

    `kind` "classes": one of `names` a row; "flags": each of `names` yes or no; "values": measured `names`, which the
    model gives in units of `spread` from `centre`; "tags": one of `names` a base or word; "tracks": one tag of each
    track a word, `names` being "TRACK:TAG" track by track; "tokens": the vocabulary.
    """

    kind: Kind
    names: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    spread: tuple[float, ...] = ()

    @classmethod
    def of_values(cls, names: Sequence[str], values: NDArray[np.float32]) -> "Head":
        """A head for measured values (rows, names), in units of the spread of these rows; NaN is missing."""
        spread = np.nanstd(values.astype(np.float64), axis=0)
        centre = np.nanmean(values.astype(np.float64), axis=0)
        return cls("values", tuple(names), tuple(centre.tolist()), tuple(np.where(spread > 0, spread, 1.0).tolist()))

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Head":
        """Read what `to_json` gave."""
        return cls(record["kind"], tuple(record["names"]), tuple(record["centre"]), tuple(record["spread"]))

    def to_json(self) -> dict[str, Any]:
        """The fields, for a file."""
        return asdict(self)

    @property
    def tracks(self) -> dict[str, tuple[str, ...]]:
        """The tags of each track, in their order."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.names:
            track, _, tag = name.partition(":")
            found[track] = (*found.get(track, ()), tag)
        return found

    def settings(self) -> dict[str, Any]:
        """What a model's config must say to have this head."""
        if self.kind == "tokens":
            return {}
        if self.kind == "tracks":
            return {"num_labels": len(self.names), "tracks": [list(tags) for tags in self.tracks.values()]}
        problem = {"problem_type": _PROBLEMS[self.kind]} if self.kind in _PROBLEMS else {}
        ids = dict(enumerate(self.names))
        return {**problem, "num_labels": len(ids), "id2label": ids, "label2id": {name: at for at, name in ids.items()}}

    def scaled(self, values: Tensor) -> Tensor:
        """Measured values (rows, names) as the model gives them."""
        return (values - torch.tensor(self.centre)) / torch.tensor(self.spread)

    def measured(self, outputs: Tensor) -> Tensor:
        """The model's outputs (rows, names) in the units of the measurements."""
        return outputs * torch.tensor(self.spread) + torch.tensor(self.centre)
