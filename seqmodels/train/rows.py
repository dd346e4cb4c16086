"""What every kind of training rows can say of itself, whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqmodels.backbones import Backbone
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Examples
from seqmodels.train.head import Head

Groups = NDArray[np.int64]


@dataclass(frozen=True)
class Findings:
    """What an audit of rows has found: a short report, the record, and why nothing can be learnt (empty: it can)."""

    report: str
    record: dict[str, Any]
    refusals: tuple[str, ...] = ()


class Rows(ABC):
    """Rows to train or to judge a model on, in the order of their file."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def groups(self, similar: str) -> Groups:
        """A number for each row; rows of one number stay on one side of a split. int64 (rows,)."""

    @abstractmethod
    def strata(self) -> Groups | None:
        """A number for each row, to balance a split by; None where there is nothing to balance."""

    @abstractmethod
    def audit(self) -> Findings:
        """What a model could learn wrongly from these rows."""

    @abstractmethod
    def head(self, rows: ArrayLike, /) -> Head:
        """The outputs that a model needs, units taken from the training rows alone."""

    @abstractmethod
    def examples(self, backbone: Backbone, head: Head, /, *, both_strands: bool) -> Examples:
        """The rows as tensors; raises ModelError where a row is longer than the model takes."""

    @abstractmethod
    def hashes(self) -> list[str]:
        """A hash of each row's content, to know it again in another file."""

    def letters(self, _rows: ArrayLike, /) -> Sequence[str]:
        """The sequences of some rows, for a tokenizer to be learnt from; none where none is."""
        return ()

    def settings(self) -> dict[str, Any]:
        """What a new model's config must say to read these rows."""
        return {}

    def notes(self) -> dict[str, Any]:
        """What must be known to read other rows in the same way."""
        return {}


def refuse_strands(what: str, both_strands: bool) -> None:
    """Only DNA has another strand; raises ConfigError."""
    if both_strands:
        raise ConfigError(f"fit.reverse_complement is for DNA, these rows are {what}", "Leave it out.")
