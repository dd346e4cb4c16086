"""The rows of a run: read from files, or made; and which of them are held out."""

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from finetune.data.formats import read_rows
from finetune.data.rows import Row, checked
from finetune.errors import DataError

if TYPE_CHECKING:
    from finetune.config import Data

_HELD_OUT = 0.05


class Rows(NamedTuple):
    """Rows that are trained on, and rows that are held out."""

    training: list[Row]
    held_out: list[Row]


class Builder(Protocol):
    """What makes rows."""

    def build(self, count: int, seed: int = 0, held_out: bool = False) -> Iterator[Row]:
        """So many rows, trained on or held out."""
        ...


def rows_of(data: "Data", seed: int) -> Rows:
    """The rows that a configuration names. Raises DataError where there are none."""
    if data.name == "tool_use":
        from finetune.data import tool_use

        return _made(tool_use, data)
    if data.name == "base":
        from finetune.base import texts

        return _made(texts, data)
    assert data.path is not None, "files have paths"
    rows = read_rows(data.path, data.name)
    if data.validation_path is not None:
        return Rows(rows, read_rows(data.validation_path, data.name))
    if len(rows) < 2:
        raise DataError(f"{data.path} has one row, and none is left to hold out", "Give more, or data.validation_path.")
    order = random.Random(seed).sample(range(len(rows)), len(rows))  # noqa: S311  an even choice
    count = max(1, round(len(rows) * _HELD_OUT))
    return Rows([rows[at] for at in sorted(order[count:])], [rows[at] for at in sorted(order[:count])])


def made_rows(builder: Builder, count: int, seed: int, held_out: bool = False) -> list[Row]:
    """Rows of a builder, with the schemas that they name."""
    from finetune.data import tool_use

    schemas = {schema["function"]["name"]: schema for schema in tool_use.schemas()}
    return [checked(row.model_dump(), "a made row", schemas) for row in builder.build(count, seed, held_out)]


def _made(builder: Builder, data: "Data") -> Rows:
    assert data.count is not None, "made rows are counted"
    held_out = made_rows(builder, max(data.held_out, 1), data.seed, held_out=True)
    return Rows(made_rows(builder, data.count, data.seed), held_out)
