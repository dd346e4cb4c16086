"""Names of authors, written as PubMed writes them: surname, then initials."""

import re

_HAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


def author(surname: str | None, given: str | None = None) -> str | None:
    """Surname and initials ("Yi JM"); a Chinese, Japanese or Korean name in its own script stays whole."""
    family, forenames = " ".join((surname or "").split()), " ".join((given or "").split())
    if not family:
        return forenames or None
    if _HAN.search(family):
        return family + forenames
    return " ".join(filter(None, (family, _initials(forenames))))


def inverted(name: str) -> str | None:
    """A name given as "Surname, Forenames", or as it is printed where there is no comma."""
    surname, comma, given = name.partition(",")
    return author(surname, given) if comma else author(name)


def _initials(forenames: str) -> str:
    """The first letters; what is in capitals already ("JM", "J.-P.") keeps its letters."""
    letters = []
    for word in re.split(r"[\s.\-‐]+", forenames):
        letters.append(word if word.isupper() and len(word) <= 3 else word[:1].upper())
    return "".join(letters)
