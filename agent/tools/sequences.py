"""The sequences and tables behind handles, as tools read them: what is wrong with one names it and the way out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langchain_core.tools import ToolException

from agent.attachments.attachment import Attachment
from agent.attachments.pasted import SEQUENCES
from agent.turn import Turn
from seqmodels.data.alphabet import as_dna
from seqmodels.data.errors import DataError, Place
from seqmodels.data.tables import read_sequences

READ_AS_DNA = "{handle} is RNA: U was read as T."


@dataclass(frozen=True)
class Named:
    """A sequence of DNA in capitals, the attachment that it came with, and its name there."""

    handle: str
    name: str
    letters: str


@dataclass(frozen=True)
class Given:
    """The sequences of some attachments; `notices` are for the reader."""

    sequences: tuple[Named, ...]
    notices: tuple[str, ...]

    @property
    def bases(self) -> int:
        """How many there are in all."""
        return sum(len(sequence.letters) for sequence in self.sequences)

    @property
    def handles(self) -> tuple[str, ...]:
        """Of the attachments, each once."""
        return tuple(dict.fromkeys(sequence.handle for sequence in self.sequences))


def dna_of(turn: Turn, handles: Sequence[str]) -> Given:
    """All DNA behind some handles, bare, in FASTA or in the column `sequence` of a table; U is read as T.

    Raises ToolException for what is no DNA, with what was found and what is needed.
    """
    if not handles:
        raise ToolException("No sequence is named. Paste a DNA sequence, or attach a FASTA file.")
    attachments = [turn.attachments.read(handle) for handle in dict.fromkeys(handles)]
    several = len(attachments) > 1
    found = tuple(named for attachment in attachments for named in _read(attachment, several))
    rna = [attachment.handle for attachment in attachments if "U" in attachment.alphabet and attachment.kind != "table"]
    return Given(found, tuple(READ_AS_DNA.format(handle=handle) for handle in rna))


def proteins_of(turn: Turn, handles: Sequence[str]) -> Given:
    """All proteins behind some handles, as `dna_of`. Raises ToolException for what is none."""
    attachments = [turn.attachments.read(handle) for handle in dict.fromkeys(handles)]
    several = len(attachments) > 1
    return Given(tuple(named for each in attachments for named in _proteins(each, several)), ())


def _proteins(attachment: Attachment, several: bool) -> list[Named]:
    from seqmodels.train.inputs import read_inputs

    if attachment.kind in SEQUENCES:
        return [Named(attachment.handle, attachment.handle, attachment.letters().upper())]
    with reading(attachment) as path:
        read = read_inputs(path, "protein")
    prefix = f"{attachment.handle}:" if several else ""
    names = zip(read.names, read.sequences, strict=True)
    return [Named(attachment.handle, f"{prefix}{name}", letters) for name, letters in names]


def _read(attachment: Attachment, several: bool) -> list[Named]:
    with reading(attachment) as path:
        if attachment.kind in SEQUENCES:
            letters = as_dna(attachment.letters(), Place(path))
            return [Named(attachment.handle, attachment.handle, letters)]
        read = read_sequences(path)
        prefix = f"{attachment.handle}:" if several else ""
        names = zip(read.names, read.sequences, strict=True)
        return [Named(attachment.handle, f"{prefix}{name}", letters) for name, letters in names]


@contextmanager
def reading(attachment: Attachment) -> Iterator[Path]:
    """The file of an attachment; what is wrong in it is told under its handle, and its name where it has one."""
    told = f"{attachment.handle} ({attachment.name})" if attachment.name else attachment.handle
    try:
        yield attachment.path
    except DataError as error:
        raise ToolException(str(error).replace(str(attachment.path), told)) from error
