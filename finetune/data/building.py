"""Writes training data of every kind."""

from collections.abc import Iterator
from pathlib import Path

from finetune.data.rows import Row, write_rows
from finetune.errors import DataError


def write(kind: str, out: Path, count: int, seed: int, held_out: bool, source: Path | None) -> int:
    """Write rows of a kind as JSONL, with the schemas of their tools beside them; gives how many there are.

    Raises DataError where the file exists, or its source holds nothing.
    """
    from finetune.data import tool_use

    if out.exists():
        raise DataError(f"{out} is there already", "Name a new file.")
    rows = list(_rows(kind, count, seed, held_out, source))
    if not rows:
        raise DataError(f"There is no row of {kind} in {source}", "Give another source.")
    write_rows(out, rows, tool_use.schemas())
    return len(rows)


def _rows(kind: str, count: int, seed: int, held_out: bool, source: Path | None) -> Iterator[Row]:
    from finetune.base import texts
    from finetune.data import answers, chats, corrections, extraction, tool_use

    match kind:
        case "tool_use":
            return tool_use.build(count, seed, held_out)
        case "base":
            return texts.build(count, seed, held_out)
        case "answers":
            return answers.build(count, seed, held_out, source)
        case "extraction":
            return extraction.build(count, seed, held_out, source)
        case "corrections":
            return corrections.build(count, seed, held_out, source)
        case _:
            return chats.build(count, seed, held_out, source)
