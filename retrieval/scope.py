"""In what something was seen: tumours, cell lines, normal tissue, blood, animals."""

import re
from typing import Literal

from retrieval.sentences import Span

Sample = Literal["tumour", "cell line", "normal", "blood", "animal"]

_WORDS: dict[Sample, str] = {
    "cell line": r"cell[- ]lines?|cultured|cells\b|细胞系|细胞株",
    "normal": r"normal|healthy|non-?malignant|non-?(?:tumou?r|cancer)\w*|adjacent|正常|癌旁",
    "blood": r"blood|plasma|serum|sera\b|leu[kc]ocytes?|lymphocytes?|circulating|血清|血浆|血液|外周血",
    "animal": r"mice|mouse|murine|rats?\b|zebrafish|xenografts?|小鼠|大鼠",
    "tumour": r"tumou?rs?|carcinomas?|cancers?|patients|biops\w+|specimens?|adenomas?|肿瘤|癌组织|患者",
}
# The word that tells most of a place comes first.
_TELLING: tuple[Sample, ...] = ("animal", "normal", "blood", "cell line", "tumour")
_ANY = re.compile(
    "|".join(f"(?P<{name.replace(' ', '_')}>(?<![A-Za-z])(?:{words}))" for name, words in _WORDS.items()), re.IGNORECASE
)


def sample_of(text: str, sentence: Span, place: Span) -> Sample | None:
    """What a sentence says a place in it was seen in: the nearest word that tells, those behind it before others.

    Args:
        text: the paper's.
        sentence: the characters that are looked through.
        place: where the finding is told, inside the sentence.
    """
    told = list(_ANY.finditer(text, *sentence))
    if not told:
        return None
    return _name(min(told, key=lambda match: _distance(match.span(), place)))


def sample_of_place(text: str, place: Span) -> Sample | None:
    """What words that name a place alone say it is: blood cells are blood, cells of a mouse are an animal's."""
    told = {_name(match) for match in _ANY.finditer(text, *place)}
    return next((sample for sample in _TELLING if sample in told), None)


def _name(match: re.Match[str]) -> Sample:
    return next(sample for sample in _WORDS if sample.replace(" ", "_") == match.lastgroup)


def _distance(word: Span, place: Span) -> int:
    """Characters between; what stands before counts double, for English tells the sample after the finding."""
    return max(0, word[0] - place[1]) if word[0] >= place[1] else 2 * max(0, place[0] - word[1])
