"""Long sequences cut into windows, for pre-training and scanning."""

from collections.abc import Iterator
from dataclasses import dataclass

from seqmodels.data.fasta import Record


@dataclass(frozen=True)
class Window:
    """A stretch of a record: `start` counts from 0, `name` is the record's."""

    name: str
    start: int
    sequence: str


def cut(record: Record, length: int, stride: int | None = None, *, partial: bool = True) -> Iterator[Window]:
    """Windows of `length` bases, one every `stride` (default: `length`, side by side).

    With `partial`, the windows cover every base: the last one may be shorter. Otherwise all have `length` bases.
    """
    for start in starts(len(record.sequence), length, stride):
        sequence = record.sequence[start : start + length]
        if len(sequence) == length or partial:
            yield Window(record.name, start, sequence)


def starts(bases: int, length: int, stride: int | None = None) -> range:
    """Where windows begin that cover all `bases`: the first that reaches the end is the last."""
    if length < 1 or (stride is not None and not 1 <= stride <= length):
        raise ValueError(f"windows have 1 base and more, and strides up to their length; got {length} and {stride}")
    step = stride or length
    return range(0, max(0, bases - length) + step, step)
