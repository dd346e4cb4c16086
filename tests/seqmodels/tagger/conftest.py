"""Abstracts of our own with stand-off annotations, in the words of papers."""

import json
from pathlib import Path

import pytest

from seqmodels.tagger.standoff import Document, read_standoff


def annotated(pmid: str, text: str, mentions: list[tuple[str, str, int]], events: list[str]) -> dict[str, str]:
    """A record whose mentions are told by kind, words and which of their occurrences is meant, from 0."""
    lines = []
    for number, (kind, words, which) in enumerate(mentions, 1):
        start = -1
        for _ in range(which + 1):
            start = text.index(words, start + 1)
        lines.append(f"T{number}\t{kind} {start} {start + len(words)}\t{words}")
    names = [line for line in lines if line.split("\t")[1].startswith(("Protein", "Gene", "Cancer", "Cell"))]
    others = [line for line in lines if line not in names]
    return {"pmid": pmid, "text": text, "a1": "\n".join(names), "a2": "\n".join([*others, *events])}


RECORDS = [
    annotated(
        "1",
        "Silencing of p16 in gastric cancer.\n"
        "Hypermethylation of p16 and E-cadherin (CDH1) was seen in 12 of 40 tumours. "
        "MLH1 was not methylated, and may be methylated in AGS cells.",
        [
            ("Protein", "p16", 0),
            ("Protein", "p16", 1),
            ("Protein", "E-cadherin", 0),
            ("Protein", "CDH1", 0),
            ("Protein", "MLH1", 0),
            ("Cancer", "gastric cancer", 0),
            ("DNA_methylation", "Hypermethylation", 0),
            ("DNA_methylation", "methylated", 0),
            ("DNA_methylation", "methylated", 1),
        ],
        [
            "E1\tDNA_methylation:T7 Theme:T2",
            "E2\tDNA_methylation:T7 Theme:T3",
            "E3\tDNA_methylation:T8 Theme:T5",
            "E4\tDNA_methylation:T9 Theme:T5",
            "M1\tNegation E3",
            "M2\tSpeculation E4",
            "*\tEquiv T3 T4",
        ],
    ),
    annotated(
        "2",
        "SUV39H1 and histone H3.\nMethylation of histone H3 at lysine 9 by SUV39H1 needs HP1.",
        [
            ("Protein", "SUV39H1", 0),
            ("Protein", "histone H3", 1),
            ("Protein", "SUV39H1", 1),
            ("Protein", "HP1", 0),
            ("Methylation", "Methylation", 0),
            ("Entity", "lysine 9", 0),
        ],
        ["E1\tMethylation:T5 Theme:T2 Site:T6"],
    ),
]


@pytest.fixture(scope="session")
def standoff(tmp_path_factory) -> Path:
    """A file of annotated abstracts."""
    path = tmp_path_factory.mktemp("standoff") / "train.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def abstracts(standoff) -> list[Document]:
    """The annotated abstracts: DNA methylation with a negation and a speculation, and that of a histone."""
    return read_standoff(standoff)


@pytest.fixture(scope="session")
def tokenizer():
    """Word pieces of the bundled encoder."""
    from seqmodels.encoder import bundled_folder
    from seqmodels.families import family_named

    return family_named("tagger").saved_tokenizer(str(bundled_folder()), True)
