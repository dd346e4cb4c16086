"""The head of a tagger: for each word one tag of every track, and what it costs to be wrong."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqmodels.tagger.crf import LinearChain, packed

UNKNOWN = -100


class TrackHead(nn.Module):
    """Scores of tags from the states of words.

    Tracks whose tags are IOB2 get a linear chain where `crf` asks for it; of the others each word stands alone.

    Args:
        width: of the states.
        hidden: units between states and tags.
        tracks: the tags of each track.
        crf: whether there are chains.
        dropout: share of states left out in training.

    """

    def __init__(self, width: int, hidden: int, tracks: Sequence[Sequence[str]], *, crf: bool, dropout: float) -> None:
        super().__init__()
        self._sizes = [len(tags) for tags in tracks]
        chained = [at for at, tags in enumerate(tracks) if crf and any(tag[:2] == "B-" for tag in tags)]
        self._chained = {
            size: [at for at in chained if self._sizes[at] == size] for size in {self._sizes[at] for at in chained}
        }
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(width, hidden)
        self.tags = nn.Linear(hidden, sum(self._sizes))
        self.chains = nn.ModuleDict({str(size): LinearChain(len(ats), size) for size, ats in self._chained.items()})

    def forward(self, states: Tensor, words: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Scores whose highest is the tag to choose, and the loss.

        Args:
            states: (rows, tokens, width) float.
            words: (rows, tokens) bool, the tokens that words are answered for by.
            labels: (rows, tokens, tracks) int64, -100 where not known; None where there is nothing to learn.

        Returns:
            (rows, tokens, tags of all tracks) float; the sum over the tracks of the mean loss of a known word.
        """
        emissions = self.tags(self.dropout(functional.gelu(self.hidden(self.dropout(states))))).float()
        parts = list(emissions.split(self._sizes, -1))
        losses = None if labels is None else self._losses(parts, labels)
        if not self.training:
            for size, tracks in self._chained.items():
                self._best_paths(parts, size, tracks, words)
        return torch.cat(parts, -1), losses

    def _losses(self, parts: list[Tensor], labels: Tensor) -> Tensor:
        alone = set(range(len(parts))) - {at for tracks in self._chained.values() for at in tracks}
        known = (labels >= 0).sum((0, 1)).clamp(min=1)
        each = [
            functional.cross_entropy(parts[at].flatten(0, 1), labels[..., at].flatten(), reduction="sum") / known[at]
            for at in sorted(alone)
        ]
        for size, tracks in self._chained.items():
            chosen = [at for at in tracks if bool((labels[..., at] >= 0).any())]
            if chosen:
                each.append(self._chain_loss(parts, size, tracks, labels) @ (1 / known[tracks]))
        return torch.stack(each).sum()

    def _chain_loss(self, parts: list[Tensor], size: int, tracks: list[int], labels: Tensor) -> Tensor:
        """The negative log-likelihood of each track, summed over rows, (tracks,)."""
        rows = len(labels)
        emissions = torch.cat([parts[at] for at in tracks])
        truth = torch.cat([labels[..., at] for at in tracks])
        real = truth >= 0
        scores, there, order = packed(emissions, real)
        tags = truth.gather(1, order)
        shape = len(tracks), rows
        loss: Tensor = self.chains[str(size)](
            scores.unflatten(0, shape), there.unflatten(0, shape), tags.unflatten(0, shape)
        )
        return loss.sum(1)

    def _best_paths(self, parts: list[Tensor], size: int, tracks: list[int], words: Tensor) -> None:
        """Put max-marginals in place of the scores of single words."""
        scores, there, order = packed(torch.cat([parts[at] for at in tracks]), words.repeat(len(tracks), 1))
        shape = len(tracks), len(words)
        best = self.chains[str(size)](scores.unflatten(0, shape), there.unflatten(0, shape)).flatten(0, 1)
        kept = torch.where(there[..., None], best, scores)
        places = order[..., None].expand_as(kept)
        for number, at in enumerate(tracks):
            rows = slice(number * len(words), (number + 1) * len(words))
            parts[at] = parts[at].scatter(1, places[rows], kept[rows])
