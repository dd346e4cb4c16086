"""The tool that turns sequences into vectors."""

import csv
from collections.abc import Sequence
from io import StringIO
from itertools import combinations
from typing import TYPE_CHECKING, Annotated

import numpy as np
from langchain.tools import ToolRuntime, tool
from langchain_core.tools import ToolException
from pydantic import Field

from agent.attachments.pasted import Kind
from agent.tools import asked
from agent.tools.arguments import EmbeddingModel, Handles
from agent.tools.declaration import Declaration, declare
from agent.tools.predicted import SHOWN_ROWS, Prediction, file_of, rounded, told
from agent.tools.sequences import Given, dna_of, proteins_of
from agent.turn import Turn
from agent.wording import Phrase

if TYPE_CHECKING:
    from seqmodels.embedding import Embedder, Vectors

MODELS = ("dnabert2", "hyenadna", "dnabert", "nucleotide-transformer", "esm2")
# Vectors of so many letters are made while a person waits; the network is large.
MOST_LETTERS = 200_000
_COLUMNS = ("sequence", "other", "cosine")
_PROTEIN: frozenset[Kind] = frozenset({"protein"})
_MADE = Phrase(
    "{model} made {count} vectors of {dimension} numbers of {of}.",
    "{model} 为 {of} 生成了 {count} 个 {dimension} 维向量。",
)
_NEAREST = Phrase(
    "The nearest to each other are {one} and {other}, with a cosine of {cosine}.",
    "最接近的是 {one} 与 {other}，余弦为 {cosine}。",
)


@tool("embed_sequence")
def _embed_sequence(
    sequences: Annotated[
        Handles,
        Field(
            description="Handles of attached sequences, FASTA files or tables with a column sequence, such as seq1 or "
            "file2; several at once."
        ),
    ],
    runtime: ToolRuntime[Turn],
    model: Annotated[
        EmbeddingModel,
        Field(description="Which pretrained model; left out, dnabert2 for DNA and esm2 for proteins."),
    ] = None,
) -> str:
    """Turn attached sequences into vectors (embeddings) by a pretrained sequence model, and compare them by cosine.

    For requests for embeddings, vectors, representations or features of sequences, and for how similar sequences are to
    each other by such a model. Gives the length of the vectors and the cosines; the vectors are kept as a file for the
    user. Leave out what the user does not say.
    """
    turn = runtime.context
    if model is not None and model not in MODELS:
        raise ToolException(f"There is no model {model} to embed with. There are {', '.join(MODELS)}.")
    is_protein = model == "esm2" or (model is None and _are_proteins(turn, sequences))
    given = proteins_of(turn, sequences) if is_protein else dna_of(turn, sequences)
    if given.bases > MOST_LETTERS:
        raise ToolException(
            f"{given.bases:,} letters are too many to wait for here, where {MOST_LETTERS:,} are the most. Embed the "
            f"file with `epicite predict embed FILE --model {model or 'dnabert2'}`, or attach a part."
        )
    name = model or ("esm2" if is_protein else "dnabert2")
    embedder = turn.predictors.embedder(name)
    vectors = embedder.embed([sequence.letters for sequence in given.sequences])
    pairs = _pairs(given, vectors)
    count = {"count": f"{len(given.sequences):,}", "dimension": embedder.dimension}
    says = [told(_MADE, model=name, of=", ".join(given.handles), **count)]
    for one, other, cosine in pairs[:1]:
        says.append(told(_NEAREST, one=one, other=other, cosine=f"{cosine:g}"))
    kept = turn.keep(f"{name}_{'_'.join(given.handles)}.csv", "table", _table(given, embedder, vectors))
    return Prediction(
        predicted="vectors",
        of=given.handles,
        says=tuple(says),
        columns=_COLUMNS,
        rows=tuple(pairs[:SHOWN_ROWS]),
        total=len(pairs),
        files=(file_of(kept),),
        notices=given.notices,
    ).model_dump_json()


def _are_proteins(turn: Turn, handles: Sequence[str]) -> bool:
    """Whether all that is given is protein, by what it was taken for when it came, or by its letters."""
    found = [turn.attachments.read(handle) for handle in handles]
    return bool(found) and all(each.kind in _PROTEIN or _spells_protein(each.alphabet) for each in found)


def _spells_protein(alphabet: str) -> bool:
    return bool(set(alphabet) & set("EFILPQ"))


def _pairs(given: Given, vectors: "Vectors") -> list[tuple[str, str, float]]:
    """The cosine of each two sequences, the nearest first."""
    names = [sequence.name for sequence in given.sequences]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (vectors / lengths) @ (vectors / lengths).T
    pairs = [
        (names[one], names[other], rounded(cosines[one, other])) for one, other in combinations(range(len(names)), 2)
    ]
    return sorted(pairs, key=lambda pair: -pair[2])


def _table(given: Given, embedder: "Embedder", vectors: "Vectors") -> str:
    content = StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(["name", *(f"v{number}" for number in range(embedder.dimension))])
    for sequence, row in zip(given.sequences, vectors, strict=True):
        writer.writerow([sequence.name, *(format(value, ".7g") for value in row)])
    return content.getvalue()


embed_sequence = declare(
    _embed_sequence,
    Declaration(
        examples=(
            "Embed this sequence",
            "Give me the embedding of these sequences",
            "Turn this FASTA file into vectors",
            "DNABERT-2 representation of this sequence",
            "How similar are these two sequences by their embeddings?",
            "Extract features from these sequences with a language model",
            "Vector of this protein with ESM-2",
            "compute embeddings with HyenaDNA",
            "cosine similarity between the sequences",
            "numerical features of each sequence from the nucleotide transformer",
            "把这条序列转成向量",
            "用DNABERT-2计算这些序列的嵌入",
            "这两条序列的表示有多相似？",
            "提取这个FASTA的特征向量",
            "用ESM-2嵌入这个蛋白质",
            "计算序列之间的余弦相似度",
        ),
        readers={
            "sequences": asked.sequences,
            "model": asked.one_of(
                **{
                    "nucleotide-transformer": r"nucleotide[- ]transformer|核苷酸\s*transformer",
                    "hyenadna": r"hyena",
                    "esm2": r"\besm\b|esm-?2|ESM",
                    "dnabert2": r"dna-?bert-?\s?2",
                    "dnabert": r"dna-?bert(?!-?\s?2)",
                }
            ),
        },
        takes=asked.HOLD_SEQUENCES,
        asks=Phrase(
            "Which sequences? Paste them, or attach a FASTA file.", "哪些序列？请粘贴序列，或上传 FASTA 文件。"
        ),
    ),
)
