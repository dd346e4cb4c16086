"""What people said of evidence rows, as `epicite evidence` exports them: sentences, and the records in them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from agent.extraction.statement import STATUSES, Statement, question, written
from finetune.data.rows import Row, read_lines
from finetune.data.tool_use import is_held_out
from finetune.errors import DataError


def build(count: int, seed: int = 0, held_out: bool = False, source: Path | None = None) -> Iterator[Row]:
    """At most so many sentences that somebody judged. Papers are split by their hash.

    A record that was accepted stands as it is, one that was corrected with its correction, and one that was rejected
    not at all. Raises DataError where `source` is no such file.
    """
    del seed
    if source is None:
        raise DataError("The corrections are not named", "Give --source an export of the evidence as JSON lines.")
    sentences: dict[tuple[str, int], tuple[str, list[Statement]]] = {}
    for number, found in read_lines(source):
        try:
            told = found.get("correction") or {}
            verdict = found.get("verdict") or ("corrected" if any(told.values()) else None)
            # Of a difference without a direction a model is taught nothing: it has no word for it.
            if verdict is None or (told.get("status") or found["status"]) not in STATUSES:
                continue
            _, records = sentences.setdefault((found["sha256"], found["start"]), (found["quote"], []))
            if verdict != "rejected":
                records.append(_statement(found, told))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"{source}, line {number} is no row of evidence ({error})", "Export it again.") from error
    ours = ((quote, records) for (sha256, _), (quote, records) in sentences.items() if is_held_out(sha256) == held_out)
    for (quote, records), _ in zip(ours, range(count), strict=False):
        yield Row(
            messages=(
                *question(quote),
                {"role": "assistant", "content": written(records)},
            ),
            kind="correction",
            language="en",
        )


def _statement(found: Mapping[str, Any], told: Mapping[str, Any]) -> Statement:
    return Statement(
        gene=told.get("gene") or found["gene"],
        status=told.get("status") or found["status"],
        site=found["site"],
        negated=found["negated"],
        speculated=found["speculated"],
        trigger=_trigger(found),
    )


def _trigger(found: Mapping[str, Any]) -> str:
    """The word that tells it, by the row's key; of a curated row, which is a whole sentence, its status."""
    if found["source"] == "curated":
        return str(found["status"])
    start, _, end = str(found["key"]).split(":")[1].partition("-")
    begin = int(found["start"])
    return str(found["quote"])[int(start) - begin : int(end) - begin]
