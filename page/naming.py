"""What the kinds, samples and diseases of evidence are called in the language of the page."""

import re

from corpora.cancers import cancer_names
from page import words
from page.words import Language, Phrase

STATUSES: dict[str, Phrase] = {
    "methylated": words.METHYLATED,
    "hypermethylated": words.HYPERMETHYLATED,
    "hypomethylated": words.HYPOMETHYLATED,
    "unmethylated": words.UNMETHYLATED,
    "demethylated": words.DEMETHYLATED,
    "differentially methylated": words.DIFFERENTIALLY_METHYLATED,
}
SIGNS: dict[str, Phrase] = {"+": words.MORE_METHYLATION, "-": words.LESS_METHYLATION}
SAMPLES: dict[str, Phrase] = {
    "tumour": words.SAMPLE_TUMOUR,
    "cell line": words.SAMPLE_CELL_LINE,
    "normal": words.SAMPLE_NORMAL,
    "blood": words.SAMPLE_BLOOD,
    "animal": words.SAMPLE_ANIMAL,
}
SOURCES: dict[str, Phrase] = {
    "tagger": words.SOURCE_TAGGER,
    "curated": words.SOURCE_CURATED,
    "person": words.SOURCE_PERSON,
}
VERDICTS: dict[str, Phrase] = {
    "accepted": words.ACCEPTED,
    "rejected": words.REJECTED,
    "corrected": words.CORRECTED,
}
_HAN = re.compile(r"[\u4e00-\u9fff]")


def disease_name(name: str, language: Language) -> str:
    """A disease as the page calls it: its first Chinese name on a Chinese page, where there is one."""
    if language == "en":
        return name
    return next((written for written in cancer_names(name) if _HAN.search(written)), name)
