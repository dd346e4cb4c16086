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
    if length < 1 or (stride is not None and stride < 1):
        raise ValueError(f"length and stride count bases, from 1 up; got {length} and {stride}")
    step = stride or length
    for start in range(0, len(record.sequence), step):
        sequence = record.sequence[start : start + length]
        if len(sequence) == length or partial:
            yield Window(record.name, start, sequence)
        if start + length >= len(record.sequence):
            return
