"""What a trigger says of a gene's methylation."""

import re
from typing import Literal

Status = Literal["methylated", "hypermethylated", "hypomethylated", "unmethylated", "demethylated"]
SIGNS: dict[str, Literal["+", "-"]] = {
    "methylated": "+",
    "hypermethylated": "+",
    "hypomethylated": "-",
    "unmethylated": "-",
    "demethylated": "-",
}
_NOT = re.compile(r"(?:un|non)[-\u2010-\u2013\s]?meth")
_LOST = re.compile(r"\bde[-\u2010-\u2013]?meth")


def status_of(trigger: str, *, negated: bool) -> Status:
    """The status that a trigger's words tell; what they say outranks everything else.

    "not hypermethylated" is unmethylated, "hypomethylated" stays so whether negated or not (curators of the BioNLP
    corpora write its negation for the loss itself), "not demethylated" is methylated.
    """
    word = trigger.lower()
    if "hyper" in word:
        return "unmethylated" if negated else "hypermethylated"
    if "hypo" in word or "under" in word:
        return "hypomethylated"
    if _NOT.match(word):
        return "unmethylated"
    if _LOST.search(word):
        return "methylated" if negated else "demethylated"
    return "unmethylated" if negated else "methylated"
