"""Plots of a run as pages that need no server: curves, confusion, calibration, predicted against measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from seqmodels.train.journal import read_figures

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from seqmodels.train.outcome import Outcome

_BINS = 15
_MOST_POINTS = 5_000


def write_plots(folder: Path, run: Path, outcome: "Outcome") -> list[Path]:
    """Write the plots that fit the task.

    Args:
        folder: where they go; plotly's script is written beside them once.
        run: whose figures the curves show.
        outcome: of the best weights on the validation rows.

    Returns:
        The pages.
    """
    figures = {"curves": curves(run)}
    head = outcome.head
    if head.kind == "classes":
        logits, labels = outcome.ordered()
        figures["confusion"] = confusion(logits.argmax(1), labels, head.names)
        figures["calibration"] = calibration(*_confidence(logits, labels))
    elif head.kind == "flags":
        logits, labels = outcome.ordered()
        known = ~labels.isnan()
        figures["calibration"] = calibration(logits.sigmoid()[known], labels[known].bool())
    elif head.kind == "values":
        figures["measured"] = measured(*outcome.ordered(), head.names)
    elif head.kind == "tags":
        chosen, truth, _ = outcome.tags()
        figures["confusion"] = confusion(chosen, truth, head.names)
    folder.mkdir(exist_ok=True)
    pages = []
    for name, figure in figures.items():
        pages.append(folder / f"{name}.html")
        figure.write_html(str(pages[-1]), include_plotlyjs="directory", config={"displaylogo": False})
    return pages


def curves(run: Path) -> "Figure":
    """Losses and scores by step."""
    from plotly.subplots import make_subplots

    losses: dict[str, list[tuple[int, float]]] = {}
    scores: dict[str, list[tuple[int, float]]] = {}
    for name, points in read_figures(run).items():
        if name != "train/learning_rate":
            (losses if name.endswith("/loss") else scores)[name] = points
    figure = make_subplots(1, 2, subplot_titles=("Loss", "Scores on the validation rows"))
    for column, lines in ((1, losses), (2, scores)):
        for name, points in lines.items():
            steps, values = zip(*points, strict=True)
            shown = name if column == 1 else name.removeprefix("validation/")
            figure.add_scatter(x=steps, y=values, name=shown, row=1, col=column)
    figure.update_xaxes(title_text="step")
    return figure


def confusion(chosen: Tensor, truth: Tensor, names: Sequence[str]) -> "Figure":
    """Rows by true class (down) and chosen class (across)."""
    from plotly.graph_objects import Figure, Heatmap

    known = truth >= 0
    counts = torch.bincount(truth[known] * len(names) + chosen[known], minlength=len(names) ** 2)
    table = counts.view(len(names), len(names)).tolist()
    labels = [str(name) for name in names]
    heat = Heatmap(z=table, x=labels, y=labels, text=table, texttemplate="%{text}", colorscale="Blues", showscale=False)
    figure = Figure(heat)
    figure.update_xaxes(title_text="predicted", type="category")
    figure.update_yaxes(title_text="true", type="category", autorange="reversed")
    return figure


def calibration(confidence: Tensor, right: Tensor) -> "Figure":
    """How often predictions of a confidence are right, against that confidence.

    Args:
        confidence: (predictions,), from 0 to 1.
        right: (predictions,), bool.
    """
    from plotly.graph_objects import Figure

    bins = (confidence * _BINS).long().clamp(0, _BINS - 1)
    count = torch.bincount(bins, minlength=_BINS)
    full = count > 0
    said = torch.bincount(bins, confidence.double(), minlength=_BINS)[full] / count[full]
    found = torch.bincount(bins, right.double(), minlength=_BINS)[full] / count[full]
    figure = Figure()
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", name="perfect", line={"dash": "dot"})
    figure.add_scatter(
        x=said.tolist(), y=found.tolist(), mode="lines+markers", name="found", text=[f"{n} rows" for n in count[full]]
    )
    figure.update_xaxes(title_text="confidence", range=[0, 1])
    figure.update_yaxes(title_text="share that is right", range=[0, 1])
    return figure


def measured(predicted: Tensor, values: Tensor, names: Sequence[str]) -> "Figure":
    """Predicted against measured values, at most 5,000 rows of each column."""
    from plotly.graph_objects import Figure

    figure = Figure()
    for column, name in enumerate(names):
        known = (~values[:, column].isnan()).nonzero()[:_MOST_POINTS, 0]
        x, y = values[known, column].tolist(), predicted[known, column].tolist()
        figure.add_scatter(x=x, y=y, mode="markers", name=str(name), marker={"opacity": 0.6})
    figure.update_xaxes(title_text="measured")
    figure.update_yaxes(title_text="predicted")
    return figure


def _confidence(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The probability of the chosen class, or with two classes of the second; and whether it is right."""
    known = labels >= 0
    shares, labels = logits[known].softmax(1), labels[known]
    if logits.shape[1] == 2:
        return shares[:, 1], labels == 1
    confidence, chosen = shares.max(1)
    return confidence, chosen == labels
