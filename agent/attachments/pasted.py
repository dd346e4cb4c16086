"""What is lifted out of a message: a span of it, and what it holds."""

from typing import Literal, NamedTuple

Kind = Literal["dna", "rna", "protein", "ambiguous sequence", "fasta", "table", "vcf", "file"]
SEQUENCES: frozenset[Kind] = frozenset(("dna", "rna", "protein", "ambiguous sequence"))


class Pasted(NamedTuple):
    """A character span of a message, and the kind of its content."""

    start: int
    end: int
    kind: Kind
