"""What a model says of rows that it was not trained on, gathered batch by batch."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqmodels.train.examples import Batch, Examples
from seqmodels.train.head import Head
from seqmodels.train.losses import loss_of
from seqmodels.train.scores import Scores, of_classes, of_flags, of_tags, of_tracks, of_values


@dataclass
class Outcome:
    """Predictions on `examples`, in any order of rows; `figures()` once all batches were added."""

    examples: Examples
    head: Head
    rows: list[Tensor] = field(default_factory=list)
    logits: list[Tensor] = field(default_factory=list)
    losses: list[Tensor] = field(default_factory=list)
    counts: list[Tensor] = field(default_factory=list)

    def add(self, batch: Batch, logits: Tensor, loss: Tensor | None) -> None:
        """Take a batch's outputs; `loss` where the model itself gives it."""
        if self.head.kind == "tokens":
            assert loss is not None
            count = (batch["labels"] >= 0).sum()
            self.losses.append(loss.detach().float() * count)
            self.counts.append(count)
            return
        each = loss_of(logits, batch["labels"], self.head) if loss is None else loss
        self.losses.append(each.detach() * len(logits))
        self.counts.append(torch.tensor(len(logits), device=logits.device))
        self.rows.append(batch["rows"].cpu())
        self.logits.append(self._of_units(logits, batch["rows"].cpu()))

    def _of_units(self, logits: Tensor, rows: Tensor) -> Tensor:
        """Of tags and tracks, only the class of each unit is kept; of everything else the logits."""
        if self.head.kind not in ("tags", "tracks"):
            return logits.detach().float().cpu()
        assert self.examples.units is not None
        owners, real = self.examples.units.owners.padded(rows, 0)
        sizes = [len(tags) for tags in self.head.tracks.values()] if self.head.kind == "tracks" else [logits.shape[-1]]
        chosen = torch.stack([part.argmax(-1).cpu().gather(1, owners)[real] for part in logits.split(sizes, -1)], -1)
        return chosen if self.head.kind == "tracks" else chosen[:, 0]

    def figures(self) -> Scores:
        """The loss and what else is measured for this kind of head."""
        loss = float(torch.stack(self.losses).sum() / torch.stack(self.counts).sum())
        if self.head.kind == "tokens":
            return {"loss": loss, "perplexity": math.exp(min(loss, 80.0))}
        return {"loss": loss, **self._measured()}

    def ordered(self) -> tuple[Tensor, Tensor]:
        """Outputs and labels in the order of the rows, measured values in their own units."""
        assert self.examples.labels is not None
        rows = torch.cat(self.rows)
        logits = torch.cat(self.logits)[rows.argsort()]
        labels = self.examples.labels[rows.sort().values]
        if self.head.kind == "values":
            return self.head.measured(logits), self.head.measured(labels)
        return logits, labels

    def tags(self) -> tuple[Tensor, Tensor, list[int]]:
        """Chosen and true tags of all units, row behind row as they were read, and the units of each row.

        (units,) each, or (units, tracks).
        """
        assert self.examples.units is not None
        truth = self.examples.units.truth.take(torch.cat(self.rows))
        return torch.cat(self.logits), truth.values.long(), truth.lengths.tolist()

    def _measured(self) -> Scores:
        if self.head.kind == "tags":
            chosen, truth, lengths = self.tags()
            return of_tags(chosen, truth, lengths, self.head.names)
        if self.head.kind == "tracks":
            return of_tracks(*self.tags(), self.head.tracks)
        logits, labels = self.ordered()
        measure = {"classes": of_classes, "flags": of_flags, "values": of_values}
        return measure[self.head.kind](logits, labels)
