"""What is hidden from a model in pre-training.

Masked tokens as in BERT (Devlin et al. 2019, doi:10.18653/v1/N19-1423): of the chosen ones 80 % become the mask, 10 %
another token, 10 % stay. Overlapping k-mers are chosen as spans of k, as in DNABERT (Ji et al. 2021,
doi:10.1093/bioinformatics/btab083), for their neighbours spell them out; a span's tokens are treated alike.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from seqmodels.tokens import IGNORED
from seqmodels.train.errors import ConfigError
from seqmodels.train.examples import Batch

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_MASKED, _REPLACED = 0.8, 0.1


@dataclass(frozen=True)
class Masking:
    """Chooses tokens and hides them: `share` of the tokens, in spans of `span` neighbours.

    `mask` is the mask's id, `plain` (vocabulary,) bool which ids may be hidden or put in another's place.
    """

    share: float
    span: int
    mask: int
    plain: Tensor

    @classmethod
    def of(cls, tokenizer: "PreTrainedTokenizerBase", share: float, span: int) -> "Masking":
        """For a tokenizer's vocabulary; raises ConfigError where it has no mask."""
        mask = tokenizer.mask_token_id
        if not isinstance(mask, int):
            raise ConfigError("The tokenizer has no mask", "Take task=next_token, or another model.")
        plain = torch.ones(len(tokenizer), dtype=torch.bool)
        plain[torch.tensor(tokenizer.all_special_ids)] = False
        return cls(share, span, mask, plain)

    def __call__(self, batch: Batch, random: torch.Generator) -> Batch:
        """Hide tokens of `input_ids`; `labels` are what they were, -100 elsewhere. At least one is hidden."""
        ids = batch["input_ids"]
        free = self.plain[ids] & batch["attention_mask"].bool()
        chosen, lot = self._chosen(free, random)
        others = self.plain.nonzero()[:, 0]
        drawn = others[torch.randint(len(others), ids.shape, generator=random)]
        hidden = torch.where(chosen & (lot < _MASKED), self.mask, ids)
        hidden = torch.where(chosen & (lot >= _MASKED) & (lot < _MASKED + _REPLACED), drawn, hidden)
        return {**batch, "input_ids": hidden, "labels": ids.masked_fill(~chosen, IGNORED)}

    def _chosen(self, free: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Which tokens are chosen, and a number from 0 to 1 for each, the same throughout a span."""
        # Spans overlap: a token stays with probability (1 - start) ** span.
        start = 1 - (1 - self.share) ** (1 / self.span)
        begins = (torch.rand(free.shape, generator=random) < start) & free
        if not begins.any() and free.any():
            begins.view(-1)[free.flatten().nonzero()[0]] = True
        lots = torch.rand(free.shape, generator=random)
        chosen, lot = begins.clone(), lots.clone()
        for shift in range(1, self.span):
            reached = begins[:, :-shift] & ~chosen[:, shift:]
            lot[:, shift:] = torch.where(reached, lots[:, :-shift], lot[:, shift:])
            chosen[:, shift:] |= reached
        return chosen & free, lot


def next_tokens(batch: Batch, _random: torch.Generator) -> Batch:
    """Labels for predicting each token from those before it: the tokens themselves, -100 on padding."""
    return {**batch, "labels": batch["input_ids"].masked_fill(batch["attention_mask"] == 0, IGNORED)}
