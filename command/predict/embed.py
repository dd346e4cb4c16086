"""`epicite predict embed`: a vector for each sequence."""

import argparse
import csv
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from command.errors import InputError
from command.options import whole_number, words
from command.output import warn
from command.predict.files import refuse_absent, refuse_without_folder
from command.predict.options import add_output

if TYPE_CHECKING:
    from command.progress import Bars
    from seqmodels.embedding import Embedder, Vectors

_FORMATS = (".csv", ".npy", ".npz", ".parquet")
_MOST_AT_ONCE = 100_000


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the action."""
    parser = actions.add_parser("embed", help="a vector for each sequence")
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="FASTA, CSV with a column sequence, or of a gMLP markers (CSV, VCF)"
    )
    add_output(parser, _FORMATS)
    parser.add_argument(
        "--model",
        type=words,
        default="dnabert2",
        metavar="NAME_OR_PATH",
        help="a family, a hub id, a model's folder or a run's (default: dnabert2)",
    )
    parser.add_argument(
        "--batch-size", type=whole_number(1, _MOST_AT_ONCE), default=32, metavar="N", help="read at once (default: 32)"
    )
    parser.add_argument("--column", type=words, default="sequence", help="a table's column (default: sequence)")
    parser.add_argument(
        "--long",
        choices=("window", "refuse"),
        default="window",
        help="what is longer than the model reads: windows, averaged (default), or an error",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Write the vectors."""
    from command.progress import Bars
    from seqmodels.embedding import load_embedder

    refuse_absent(arguments.input)
    if arguments.output:
        _refuse_unwritable(arguments.output)
    embedder = load_embedder(arguments.model)
    with Bars() as progress:
        names, vectors = _embedded(embedder, arguments, progress)
    if arguments.output is None:
        _write_csv(sys.stdout, names, vectors)
    else:
        _write(arguments.output, names, vectors)
        warn(f"{len(names)} vectors of {embedder.dimension} numbers: {arguments.output}")
    return 0


def _refuse_unwritable(path: Path) -> None:
    """Before hours are spent."""
    refuse_without_folder(path)
    if path.suffix.lower() == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise InputError("Parquet needs the package pyarrow. Install it, or write .npz.")


def _embedded(embedder: "Embedder", arguments: argparse.Namespace, progress: "Bars") -> "tuple[list[str], Vectors]":
    from seqmodels.train.inputs import read_inputs, read_lines

    if embedder.reads == "genotypes":
        is_vcf = arguments.input.name.removesuffix(".gz").endswith(".vcf")
        markers = read_lines(arguments.input, embedder.notes, vcf=is_vcf)
        return list(markers.lines), embedder.embed_genotypes(markers.dosages)
    inputs = read_inputs(arguments.input, embedder.reads, arguments.column)
    return list(inputs.names), embedder.embed(inputs.sequences, arguments.batch_size, arguments.long, progress)


def _write(path: Path, names: Sequence[str], vectors: "Vectors") -> None:
    """Whole or not at all."""
    import numpy as np

    unfinished = path.with_name(f".{path.name}.tmp{path.suffix}")
    match path.suffix.lower():
        case ".csv":
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                _write_csv(file, names, vectors)
        case ".npy":
            np.save(unfinished, vectors)
        case ".npz":
            np.savez_compressed(unfinished, names=np.array(names, dtype=str), vectors=vectors)
        case _:
            import pandas

            columns = [f"v{number}" for number in range(vectors.shape[1])]
            pandas.DataFrame(vectors, index=names, columns=columns).rename_axis("name").to_parquet(unfinished)
    unfinished.replace(path)


def _write_csv(file: TextIO, names: Sequence[str], vectors: "Vectors") -> None:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["name", *(f"v{number}" for number in range(vectors.shape[1]))])
    rows.writerows([name, *(format(value, ".7g") for value in row)] for name, row in zip(names, vectors, strict=True))
