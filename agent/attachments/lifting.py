"""Finds what is pasted into a message and no language model should read: sequences, FASTA, VCF and tables."""

from collections.abc import Iterator

from agent.attachments.blocks import blocks
from agent.attachments.pasted import Pasted
from agent.attachments.sequences import sequences


def pasted(text: str) -> Iterator[Pasted]:
    """What is pasted into a text, in order and apart from each other; gene names and words are not."""
    start = 0
    for block in blocks(text):
        yield from _between(text, start, block.start)
        yield block
        start = block.end
    yield from _between(text, start, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Pasted]:
    for found in sequences(text[start:end]):
        yield Pasted(start + found.start, start + found.end, found.kind)
