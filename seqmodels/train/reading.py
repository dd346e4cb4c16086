"""From the configuration's `data` to rows: which reader, and whether model, task and data go together."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from seqmodels.data.annotations import label_bases, read_labelled_bases
from seqmodels.data.conll import read_conll
from seqmodels.data.markers import join, read_phenotypes
from seqmodels.data.tables import TargetKind
from seqmodels.families import Family
from seqmodels.train.bases import BaseRows, windowed
from seqmodels.train.config import Config, Conll, Csv, Fasta, Genotypes
from seqmodels.train.errors import ConfigError
from seqmodels.train.head import Head
from seqmodels.train.inputs import read_lines
from seqmodels.train.lines import LineRows
from seqmodels.train.rows import Rows
from seqmodels.train.sentences import SentenceRows
from seqmodels.train.sequences import in_windows, read_table, read_windows

_PRETRAINING = ("masked", "next_token")


def read_rows(
    config: Config,
    family: Family,
    head: Head | None = None,
    path: Path | None = None,
    notes: Mapping[str, Any] | None = None,
) -> Rows:
    """The rows of the configuration's data.

    Args:
        config: the whole configuration.
        family: the model's, which says what letters it reads.
        head: of a finished model, whose classes and traits hold; None where the rows say what there is.
        path: another file of the same kind, in place of `data.path`.
        notes: of a finished model, which say how its inputs were read.

    Raises:
        ConfigError: model, task and data do not go together.
        DataError: the file cannot be read, with the line.
    """
    family.class_for(config.task.name)
    _refuse_mismatch(config, family)
    file = path or config.data.path
    match config.data:
        case Csv() as data:
            return _table(config, data, family, head, file)
        case Fasta() as data if config.task.name == "token_label":
            return _annotated(data, head, file)
        case Fasta() as data:
            return read_windows(file, family.reads, data.window, data.stride)
        case Conll() as data:
            classes = head.names if head else None
            return SentenceRows(read_conll(file, token=data.token, tag=data.tag, classes=classes))
        case Genotypes() as data:
            return _lines(data, head, notes or {}, file)


def files_of(config: Config) -> list[Path]:
    """The files that the rows come from."""
    data = config.data
    others = [data.intervals] if isinstance(data, Fasta) else [data.phenotypes] if isinstance(data, Genotypes) else []
    return [data.path, *(path for path in others if path is not None)]


def _table(config: Config, data: Csv, family: Family, head: Head | None, path: Path) -> Rows:
    task = config.task.name
    if task == "token_label":
        if family.reads != "dna":
            raise ConfigError(f"Labels of bases are for DNA, {family.name} reads {family.reads}", "Say data=conll.")
        labels = _only_one(data.targets)
        return BaseRows(
            read_labelled_bases(path, sequence=data.sequence, labels=labels, classes=head.names if head else None)
        )
    rows = read_table(
        path,
        family.reads,
        _kind(config, head),
        sequence=data.sequence,
        targets=data.targets,
        classes=head.names if head and head.kind == "classes" else None,
        missing=data.missing,
        inputs=data.inputs,
    )
    return in_windows(rows, data.window) if task in _PRETRAINING and data.window else rows


def _lines(data: Genotypes, head: Head | None, notes: Mapping[str, Any], path: Path) -> LineRows:
    """Lines with both tables; markers in the order of those that a finished model knows."""
    markers = read_lines(path, notes, vcf=data.name == "vcf", id_column=data.id_column)
    traits = head.names if head else data.traits
    return LineRows(join(markers, read_phenotypes(data.phenotypes, id_column=data.id_column, traits=traits)))


def _annotated(data: Fasta, head: Head | None, path: Path) -> BaseRows:
    if data.intervals is None:
        raise ConfigError("Bases of a FASTA file have no labels", "Add data.intervals=FILE (BED or GFF3), or data=csv.")
    labelled = label_bases(path, data.intervals, features=data.features or None)
    if head is not None and labelled.classes != head.names:
        raise ConfigError(
            f"{data.intervals} labels {', '.join(labelled.classes)}, the model {', '.join(head.names)}",
            "Give annotation of the same kinds.",
        )
    return windowed(labelled, data.window, data.stride)


def _kind(config: Config, head: Head | None) -> TargetKind | None:
    """What targets the task asks of a table."""
    if config.task.name in _PRETRAINING:
        return None
    if head is not None:
        return cast(TargetKind, head.kind)
    if config.task.name == "regress":
        return "values"
    return "flags" if isinstance(config.data, Csv) and len(config.data.targets) > 1 else "classes"


def _only_one(targets: Sequence[str]) -> str:
    if len(targets) != 1:
        raise ConfigError(f"data.targets names {len(targets)} columns, labels of bases stand in one", "Name one.")
    return targets[0]


def _refuse_mismatch(config: Config, family: Family) -> None:
    """What a task needs of data, and a model of both."""
    task, data = config.task.name, config.data
    if (family.reads == "genotypes") != isinstance(data, Genotypes):
        raise ConfigError(
            f"{family.name} reads {family.reads}, data={data.name} holds "
            f"{'genotypes' if isinstance(data, Genotypes) else 'sequences'}",
            "Genotypes (data=vcf, data=markers) go with model=gmlp, sequences with the other models.",
        )
    if isinstance(data, Fasta) and task in ("classify", "regress"):
        raise ConfigError(f"FASTA has no targets for task={task}", "Say data=csv, with columns sequence and label.")
    if isinstance(data, Conll) and task != "token_label":
        raise ConfigError(f"CoNLL files tag words, task={task} does not use them", "Say task=token_label.")
