"""Letters of DNA: what a sequence is made of, and its one upper-case form."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqmodels.data.errors import EmptyData, Place, WrongAlphabet

Kind = Literal["dna", "rna", "protein", "other"]

IUPAC_COMPLEMENTS = dict(zip("ACGTRYSWKMBDHVN", "TGCAYRSWMKVHDBN", strict=True))
"""Nucleotide codes and their complements (Cornish-Bowden 1985, Nucleic Acids Res. 13:3021)."""

_DNA_LETTERS = set(IUPAC_COMPLEMENTS)
_AMINO_ACIDS = set("ACDEFGHIKLMNPQRSTVWYXBZJUO*")
_SPACE = {ord(character): None for character in " \t\r\n\v\f"}
_DELETE_DNA = "".join(IUPAC_COMPLEMENTS).encode()

_CODES = np.full(256, 4, dtype=np.uint8)
for _code, _letter in enumerate("ACGT"):
    _CODES[ord(_letter)] = _CODES[ord(_letter.lower())] = _code


def kind_of(sequence: str) -> Kind:
    """Name what a sequence is.

    A peptide may happen to be spelt in IUPAC codes alone, so ten letters and more that are mostly ambiguity codes
    of four and more kinds are protein.
    """
    letters = set(sequence.upper().translate(_SPACE))
    if not letters:
        return "other"
    if letters - {"U"} <= _DNA_LETTERS:
        plain = sum(sequence.count(letter) for letter in "ACGTUNacgtun")
        if len(sequence) >= 10 and plain < len(sequence) / 2 and len(letters - set("ACGTUN")) >= 4:
            return "protein"
        return "rna" if "U" in letters and "T" not in letters else "dna"
    return "protein" if letters <= _AMINO_ACIDS else "other"


def as_dna(text: str, place: Place | None = None, *, keep_case: bool = False) -> str:
    """The one form of a DNA sequence: blanks removed, upper case, U read as T.

    Args:
        text: letters in any case, IUPAC codes allowed.
        place: where it stands, for the error.
        keep_case: leave lower case (soft-masked repeats) as it is.

    Raises:
        EmptyData: no letters.
        WrongAlphabet: a letter that is no nucleotide code; protein is named as such.
    """
    letters = text.translate(_SPACE) if not text.isalpha() else text
    if not letters:
        raise EmptyData("the sequence is empty", "Remove the record, or give its sequence.", place)
    upper = letters.upper() if letters.isascii() else letters  # ß would become SS
    if not upper.isascii() or upper.encode().translate(None, _DELETE_DNA + b"U") or kind_of(upper) == "protein":
        raise _no_dna(upper, place)
    form = letters if keep_case else upper
    return form.replace("U", "T").replace("u", "t")


def codes_of(sequence: str) -> NDArray[np.uint8]:
    """Numbers of the bases: A 0, C 1, G 2, T 3, anything else 4; uint8 (length,)."""
    return np.asarray(_CODES[np.frombuffer(sequence.encode("ascii", "replace"), dtype=np.uint8)])


def _no_dna(letters: str, place: Place | None) -> WrongAlphabet:
    if kind_of(letters) == "protein":
        return WrongAlphabet(
            f"this is a protein sequence ({letters[:12]}{'...' if len(letters) > 12 else ''})",
            "DNA is needed: give the gene's or transcript's nucleotide sequence, or use a protein model (ESM-2).",
            place,
        )
    position, letter = next((i, c) for i, c in enumerate(letters, 1) if c not in _DNA_LETTERS and c != "U")
    if letter in "-.":
        return WrongAlphabet(
            f"position {position} is a gap ({letter!r})",
            "Remove the gaps of an alignment; write unknown bases as N.",
            place,
        )
    return WrongAlphabet(
        f"position {position} holds {letter!r}, which is no nucleotide",
        "DNA is written with A C G T, N for unknown bases, and the IUPAC codes R Y S W K M B D H V.",
        place,
    )
