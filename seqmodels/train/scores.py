"""How good predictions are: the figures that a run prints, chooses by and writes into its card.

Expected calibration error as in Guo et al. 2017 (arXiv:1706.04599), 15 bins of equal width.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics.functional.classification import (
    multiclass_auroc,
    multiclass_average_precision,
    multiclass_calibration_error,
    multiclass_f1_score,
    multiclass_matthews_corrcoef,
)
from torchmetrics.functional.regression import pearson_corrcoef, r2_score

Scores = dict[str, float]

_BINS = 15
LOWER_IS_BETTER = frozenset({"loss", "perplexity", "ece", "rmse"})


def of_classes(logits: Tensor, labels: Tensor) -> Scores:
    """Scores of a choice among classes.

    For two classes F1, AUROC and AUPRC are those of the second; for more, means over the classes that occur.

    Args:
        logits: (rows, classes), float.
        labels: (rows,), int64; -100 where not known.
    """
    logits, labels = logits[labels >= 0].float(), labels[labels >= 0]
    if not len(labels):
        return {}
    classes, shares = logits.shape[1], logits.softmax(1)
    chosen = logits.argmax(1)
    present = labels.unique()
    f1 = multiclass_f1_score(chosen, labels, classes, average=None)
    auroc, auprc = (
        measure(shares, labels, classes, average=None) for measure in (multiclass_auroc, multiclass_average_precision)
    )
    counted = torch.tensor([1]) if classes == 2 else present
    # With one class alone there is nothing to rank.
    ranked = len(present) > 1
    return {
        "accuracy": float((chosen == labels).double().mean()),
        "mcc": float(multiclass_matthews_corrcoef(chosen, labels, classes)),
        "f1": float(f1[counted].mean()),
        "auroc": float(auroc[counted].mean()) if ranked else math.nan,
        "auprc": float(auprc[counted].mean()) if ranked else math.nan,
        "ece": float(multiclass_calibration_error(shares, labels, classes, n_bins=_BINS)),
    }


def of_flags(logits: Tensor, labels: Tensor) -> Scores:
    """Means, over the columns that have both answers, of each column's scores.

    Args:
        logits: (rows, flags), float.
        labels: (rows, flags), 0 and 1, NaN where not known.
    """
    columns = []
    for column in range(labels.shape[1]):
        known = ~labels[:, column].isnan()
        truth, said = labels[known, column].long(), logits[known, column].float()
        if len(truth.unique()) == 2:
            columns.append(of_classes(torch.stack([torch.zeros_like(said), said], 1), truth))
    return _means(columns)


def of_values(predicted: Tensor, measured: Tensor) -> Scores:
    """Means over the columns of correlation (r), root mean square error and R2.

    Args:
        predicted: (rows, values), in the units of the measurements.
        measured: (rows, values), NaN where not known.
    """
    columns = []
    for column in range(measured.shape[1]):
        known = ~measured[:, column].isnan()
        truth, said = measured[known, column].double(), predicted[known, column].double()
        if len(truth) > 1:
            varied = float(said.std()) > 0 and float(truth.std()) > 0
            columns.append(
                {
                    "r": float(pearson_corrcoef(said, truth)) if varied else 0.0,
                    "rmse": float((said - truth).square().mean().sqrt()),
                    "r2": float(r2_score(said, truth)),
                }
            )
    return _means(columns)


def of_tags(chosen: Tensor, truth: Tensor, lengths: Sequence[int], names: Sequence[str]) -> Scores:
    """Scores of tags of words or bases; with IOB2 tags those of whole entities too.

    `f1` is the entities' where there are such, else the mean over the classes that occur.

    Args:
        chosen: (units,) class numbers, the rows behind one another.
        truth: (units,), -100 where not known.
        lengths: units of each row.
        names: the classes' names.
    """
    known = truth >= 0
    said, right = chosen[known], truth[known]
    per_class = multiclass_f1_score(said, right, len(names), average=None)[right.unique()]
    scores = {
        "accuracy": float((said == right).double().mean()),
        "mcc": float(multiclass_matthews_corrcoef(said, right, len(names))),
        "token_f1": float(per_class.mean()),
    }
    if not any(name.startswith("B-") for name in names):
        return {**scores, "f1": scores["token_f1"]}
    found, real, both = _entity_counts(chosen, truth, lengths, names)
    precision, recall = both / found if found else 0.0, both / real if real else 0.0
    harmonic = 2 * both / (found + real) if found + real else 0.0
    return {**scores, "entity_precision": precision, "entity_recall": recall, "f1": harmonic}


def of_tracks(chosen: Tensor, truth: Tensor, lengths: Sequence[int], tracks: Mapping[str, Sequence[str]]) -> Scores:
    """F1 of each track that has known tags, `f1_TRACK`, and their mean, `f1`.

    Of IOB2 tags it is the whole entities', else that of all tags but the first, pooled.

    Args:
        chosen: (units, tracks) tag numbers, the rows behind one another.
        truth: (units, tracks), -100 where not known.
        lengths: units of each row.
        tracks: the tags of each track, in the order of the last axis.
    """
    scores: Scores = {}
    for at, (track, names) in enumerate(tracks.items()):
        said, right = chosen[:, at], truth[:, at]
        known = right >= 0
        if not known.any():
            continue
        if any(name.startswith("B-") for name in names):
            # What is said of words that nobody has judged is neither right nor wrong.
            counts = _entity_counts(torch.where(known, said, 0), right, lengths, names)
        else:
            found, real = known & (said > 0), known & (right > 0)
            counts = int(found.sum()), int(real.sum()), int((found & real & (said == right)).sum())
        scores[f"f1_{track}"] = 2 * counts[2] / (counts[0] + counts[1]) if counts[0] + counts[1] else 0.0
    return {"f1": math.fsum(scores.values()) / max(1, len(scores)), **scores}


@dataclass(frozen=True)
class Entity:
    """A run of words of one kind, `end` not included."""

    kind: str
    start: int
    end: int


def entities(tags: Sequence[str]) -> list[Entity]:
    """The entities of IOB2 tags; an I- that follows no tag of its kind begins one, as the CoNLL-2003 scorer has it."""
    found: list[Entity] = []
    for at, tag in enumerate(tags):
        kind = tag[2:]
        if tag[:2] not in ("B-", "I-"):
            continue
        if tag[0] == "I" and found and found[-1].kind == kind and found[-1].end == at:
            found[-1] = Entity(kind, found[-1].start, at + 1)
        else:
            found.append(Entity(kind, at, at + 1))
    return found


def _entity_counts(chosen: Tensor, truth: Tensor, lengths: Sequence[int], names: Sequence[str]) -> tuple[int, int, int]:
    """Entities that were found, that are there, and that are both, border by border."""
    found = real = both = 0
    for said, right in zip(chosen.split(list(lengths)), truth.split(list(lengths)), strict=True):
        ours = set(entities([names[number] for number in said.tolist()]))
        theirs = set(entities([names[number] if number >= 0 else "O" for number in right.tolist()]))
        found, real, both = found + len(ours), real + len(theirs), both + len(ours & theirs)
    return found, real, both


def _means(columns: Sequence[Scores]) -> Scores:
    return (
        {name: math.fsum(column[name] for column in columns) / len(columns) for name in columns[0]} if columns else {}
    )
