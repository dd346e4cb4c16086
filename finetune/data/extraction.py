"""Abstracts, and the methylation of genes that they tell as JSON, from BioNLP stand-off annotations."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from agent.extraction.statement import Statement, question, written
from finetune.data.rows import Row
from finetune.data.tool_use import is_held_out
from finetune.errors import DataError
from seqmodels.errors import ModelError
from seqmodels.tagger.scoring import dna_events, gold_status
from seqmodels.tagger.standoff import Document, Event, read_standoff
from seqmodels.tagger.status import Status

# Most abstracts tell no methylation: of those, one for each that does.
_EMPTY_FOR_EACH = 1.0


def build(count: int, seed: int = 0, held_out: bool = False, source: Path | None = None) -> Iterator[Row]:
    """At most so many rows, from the files of a folder or one file. Documents are split by their PMID.

    Raises DataError where there are none.
    """
    if source is None:
        raise DataError("The corpus of extraction is not named", "Give --source a BioNLP stand-off file as JSONL.")
    rng = random.Random(f"extraction {seed}")  # noqa: S311  nothing is kept secret
    documents = [one for one in read_corpus(source) if is_held_out(one.pmid) == held_out]
    telling = [one for one in documents if dna_events(one)]
    silent = [one for one in documents if not dna_events(one)]
    chosen = telling + rng.sample(silent, min(len(silent), round(len(telling) * _EMPTY_FOR_EACH)))
    rng.shuffle(chosen)
    yield from map(_row, chosen[:count])


def read_corpus(source: Path) -> Iterator[Document]:
    """The abstracts of BioNLP stand-off as JSONL, or of a folder of such. Raises DataError where there are none."""
    for path in _files(source):
        yield from _read(path)


def _files(source: Path) -> list[Path]:
    found = [source] if source.is_file() else sorted(source.glob("train.jsonl*"))
    if not found:
        raise DataError(f"{source} has no train.jsonl", "Give a BioNLP stand-off file as JSONL.")
    return found


def _read(path: Path) -> list[Document]:
    try:
        return read_standoff(path)
    except (ModelError, KeyError, ValueError) as error:
        raise DataError(
            f"{path} is no BioNLP stand-off ({error})", 'Give {"pmid", "text", "a1", "a2"} a line.'
        ) from error


def _row(document: Document) -> Row:
    events = sorted(
        dna_events(document), key=lambda event: (event.trigger.start, event.theme.start if event.theme else 0)
    )
    return Row(
        messages=(
            *question(document.text),
            {"role": "assistant", "content": written(map(_statement, events))},
        ),
        kind="extraction",
        language="en",
    )


def _statement(event: Event) -> Statement:
    assert event.theme is not None, "an event on DNA has a gene"
    return Statement(
        gene=event.theme.text,
        status=cast(Status, gold_status(event)),
        site=event.site.text if event.site else None,
        negated=event.negated,
        speculated=event.speculated,
        trigger=event.trigger.text,
    )
