"""The two strands of DNA."""

from seqmodels.data.alphabet import IUPAC_COMPLEMENTS

_COMPLEMENT = str.maketrans(
    {
        **IUPAC_COMPLEMENTS,
        **{letter.lower(): other.lower() for letter, other in IUPAC_COMPLEMENTS.items()},
        "U": "A",
        "u": "a",
    }
)


def reverse_complement(sequence: str) -> str:
    """The other strand, read in its own direction; case and IUPAC codes are kept (R becomes Y, N stays N)."""
    return sequence.translate(_COMPLEMENT)[::-1]


def canonical(sequence: str) -> str:
    """One spelling for both strands: the sequence or its reverse complement, whichever sorts first."""
    return min(sequence, reverse_complement(sequence))
