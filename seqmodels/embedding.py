"""Vectors of whole sequences, from any backbone or trained run: the mean of the states of their tokens.

Mean pooling over all real tokens did best of the usual ways for DNA models (Feng et al. 2025, Nat. Commun. 16:10780).
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqmodels.backbones import DESCRIPTION, Backbone, load_backbone, recognised
from seqmodels.errors import ModelError
from seqmodels.families import FAMILIES, Reads
from seqmodels.tokens import Ragged, token_ids
from seqmodels.train.adapters import merged
from seqmodels.train.saved import folder_of, load_trained

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Progress = Callable[[str, int, int | None], None]
Long = Literal["window", "refuse"]

WINDOW_TOKENS = 2048
"""The window of a model without a limit of its own, whose attention would otherwise fill the memory."""


@dataclass(frozen=True)
class Embedder:
    """Turns sequences into vectors; `notes` is what a trained model says of how its inputs are read."""

    backbone: Backbone
    device: str
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reads(self) -> Reads:
        """What the sequences are made of."""
        return self.backbone.family.reads

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self.backbone.model.config.hidden_size)

    @property
    def window(self) -> int:
        """The most tokens that are read at once."""
        return self.backbone.limit or WINDOW_TOKENS

    def embed(
        self,
        sequences: Sequence[str],
        batch_size: int = 32,
        long: Long = "window",
        progress: Progress | None = None,
    ) -> Vectors:
        """Vectors of sequences, in their order; what stands beside a sequence in its batch changes nothing.

        Args:
            sequences: DNA, proteins or texts, as the model reads.
            batch_size: windows that are read at once.
            long: what to do with a sequence of more tokens than the model takes: read it window by window and average
                over all of its tokens, or refuse it.
            progress: told of every batch.

        Returns:
            float32 (sequences, dimension).

        Raises:
            ModelError: an empty sequence; or one that is too long, where that is refused.
        """
        empty = next((number for number, sequence in enumerate(sequences, 1) if not sequence), None)
        if empty is not None:
            raise ModelError(f"Sequence {empty} is empty", "Remove it, or give its letters.")
        ids = token_ids(self.backbone, sequences, whole=False)
        self._look_at_lengths(ids, sequences, long)
        windows = list(self._windows(ids))
        sums = np.zeros((len(sequences), self.dimension), np.float64)
        counts = np.zeros(len(sequences), np.int64)
        order = sorted(range(len(windows)), key=lambda number: -len(windows[number][1]))
        for start in range(0, len(order), batch_size):
            chosen = [windows[number] for number in order[start : start + batch_size]]
            totals, lengths = self._states(Ragged.of([tokens for _, tokens in chosen]))
            rows = np.array([row for row, _ in chosen])
            np.add.at(sums, rows, totals)
            np.add.at(counts, rows, lengths)
            if progress is not None:
                progress("embedding", min(start + batch_size, len(order)), len(order))
        return (sums / counts[:, None]).astype(np.float32)

    def embed_genotypes(self, genotypes: NDArray[np.float32], batch_size: int = 256) -> Vectors:
        """Vectors of lines, float32 (lines, dimension), from genotypes (lines, markers), NaN missing."""
        parts = []
        for start in range(0, len(genotypes), batch_size):
            part = torch.from_numpy(genotypes[start : start + batch_size]).to(self.device)
            with torch.inference_mode():
                parts.append(self.backbone.model(genotypes=part).last_hidden_state.mean(1).float().cpu().numpy())
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), np.float32)

    def _look_at_lengths(self, ids: Ragged, sequences: Sequence[str], long: Long) -> None:
        room = self.window - len(self._ends[0]) - len(self._ends[1])
        longer = int((ids.lengths > room).sum())
        if not longer:
            return
        if long == "refuse":
            at = int(ids.lengths.argmax())
            raise ModelError(
                f"Sequence {at + 1} has {int(ids.lengths[at]):,} tokens ({len(sequences[at]):,} letters), "
                f"{self.backbone.family.name} reads {room:,} at once",
                "Leave the refusal out to have it read window by window, or cut it yourself.",
            )
        log.warning(
            "%d of %d sequences are longer than the %d tokens that %s reads at once: they are read window by window",
            longer,
            len(sequences),
            room,
            self.backbone.family.name,
        )

    def _windows(self, ids: Ragged) -> Iterator[tuple[int, Tensor]]:
        """Stretches of each row's tokens of nearly equal length, with the special tokens around them."""
        first, last = self._ends
        room = self.window - len(first) - len(last)
        for row in range(len(ids)):
            tokens = ids.row(row)
            for part in tokens.tensor_split(max(1, -(-len(tokens) // room))):
                yield row, torch.cat([first, part, last])

    def _states(self, ids: Ragged) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """The sum of the states of each row's tokens, and how many there are."""
        padded, real = ids.padded(torch.arange(len(ids)), self.backbone.pad)
        inputs = {"input_ids": padded.to(self.device), "attention_mask": real.long().to(self.device)}
        with torch.inference_mode():
            states = self.backbone.model(**inputs).last_hidden_state.float().cpu()
        return (states * real[:, :, None]).sum(1).double().numpy(), ids.lengths.numpy()

    @property
    def _ends(self) -> tuple[Tensor, Tensor]:
        """The special tokens before and after a sequence."""
        bare, whole = (token_ids(self.backbone, ["ACGT"], whole=whole).row(0).tolist() for whole in (False, True))
        at = next(at for at in range(len(whole) + 1) if whole[at : at + len(bare)] == bare)
        ends = whole[:at], whole[at + len(bare) :]
        return torch.tensor(ends[0], dtype=torch.int32), torch.tensor(ends[1], dtype=torch.int32)


def load_embedder(source: str, device: str | None = None) -> Embedder:
    """An embedder from a family's name (its published checkpoint), a hub id, a model's folder or a run's folder.

    Args:
        source: which one.
        device: torch's name of it; by default a GPU where there is one.

    Raises:
        UnknownBackbone: the source is no model known here.
        UnreachableBackbone: it is not on this machine and cannot be fetched.
        ModelError: the model has no states to average.
    """
    place = device or ("cuda" if torch.cuda.is_available() else "cpu")
    backbone, notes = _encoder(source)
    model: Any = backbone.model
    model.to(place).train(False)
    return Embedder(backbone, place, notes)


def _encoder(source: str) -> tuple[Backbone, Mapping[str, Any]]:
    if source in FAMILIES and not Path(source).exists():
        family = FAMILIES[source]
        if family.hub is None:
            raise ModelError(f"No {source} is published", "Name the folder of a run that has trained one.")
        return load_backbone(family, None, family.hub), {}
    folder = folder_of(source)
    if not (Path(folder) / DESCRIPTION).is_file():
        return load_backbone(recognised(folder), None, folder), {}
    trained = load_trained(folder)
    backbone = merged(trained.backbone) if trained.base else trained.backbone
    model: Any = backbone.model
    return replace(backbone, model=model.base_model), trained.notes
