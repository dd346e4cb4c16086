"""gMLPs trained inside the training lines, which carry the value of an RKHS regression.

The training lines are cut into inner folds, several times over, and each member trains without one of them. So every
training line has values of networks that have not seen it; beside the RKHS value with the line left out they say how
much of either each trait is predicted by (stacking; Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1). That members have
seen different lines also makes their mean better (bagging; Breiman 1996, doi:10.1007/BF00058655). No line outside the
training lines takes part in any choice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seqmodels.breeding.folds import folds
from seqmodels.breeding.kinship import Array, with_missing
from seqmodels.breeding.rkhs import RKHS
from seqmodels.gmlp import GMLPConfig, GMLPForRegression


@dataclass(frozen=True)
class Recipe:
    """How the members are made: how many, the shape of a gMLP beyond its markers and traits, and its training."""

    inner_folds: int = 3
    inner_repeats: int = 2
    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 3e-3
    weight_decay: float = 0.1
    block_size: int = 64
    hidden_size: int = 32
    intermediate_size: int = 64
    num_hidden_layers: int = 4
    hidden_dropout_prob: float = 0.1
    marker_dropout: float = 0.1

    @property
    def members(self) -> int:
        """How many there are."""
        return self.inner_folds * self.inner_repeats

    def config(self, markers: int, traits: int) -> GMLPConfig:
        """The shape of a member."""
        return GMLPConfig(
            num_markers=markers,
            block_size=self.block_size,
            hidden_size=self.hidden_size,
            intermediate_size=self.intermediate_size,
            num_hidden_layers=self.num_hidden_layers,
            hidden_dropout_prob=self.hidden_dropout_prob,
            marker_dropout=self.marker_dropout,
            id2label={trait: f"trait{trait + 1}" for trait in range(traits)},
        )


@dataclass(frozen=True)
class Ensemble:
    """Trained members and the mixed model whose value they carry."""

    members: list[GMLPForRegression]
    rkhs: RKHS

    @property
    def carry(self) -> Array:
        """The RKHS model's share of each trait's prediction, (traits,)."""
        return self.members[0].carry.double().numpy()

    def predict(self, genotypes: Array) -> Array:
        """Values of new lines (lines, markers): the members' mean, the RKHS value carried; (lines, traits)."""
        return self._mean(genotypes, self.rkhs.predict(genotypes).values)

    def predict_alone(self, genotypes: Array) -> Array:
        """What the networks say without the carried value, (lines, traits)."""
        return self._mean(genotypes, None)

    def _mean(self, genotypes: Array, polygenic: Array | None) -> Array:
        carried = None if polygenic is None else _tensor(polygenic)
        values = [_values(member, _tensor(genotypes), carried) for member in self.members]
        return torch.stack(values).mean(dim=0).double().numpy()


def fit_ensemble(genotypes: Array, phenotypes: Array, seed: int | list[int], recipe: Recipe | None = None) -> Ensemble:
    """Train the members, and set what they carry by the training lines that each has not seen.

    Args:
        genotypes: (lines, markers), 0, 1, 2 or presence 0, 1; NaN or negative is missing.
        phenotypes: (lines, traits), NaN missing.
        seed: of the folds, the starting weights, the order of the lines and the dropout.
        recipe: how the members are made.

    Raises:
        ModelError: the tables do not fit each other, or lines, markers or phenotypes do not differ.
    """
    recipe = recipe or Recipe()
    rkhs = RKHS.fit(genotypes, phenotypes)
    inputs, labels = _tensor(with_missing(genotypes)), _tensor(phenotypes)
    unseen = torch.zeros_like(labels)
    members = []
    for state, outside in _inner_folds(len(inputs), seed, recipe):
        member = train_member(inputs[~outside], labels[~outside], state, recipe)
        unseen[outside] += _values(member, inputs[outside], None) / recipe.inner_repeats
        members.append(member)
    polygenic = _tensor(rkhs.leave_one_out(len(inputs)))
    for member in members:
        member.set_carry(unseen, polygenic, labels)
    return Ensemble(members, rkhs)


def _inner_folds(lines: int, seed: int | list[int], recipe: Recipe) -> Iterator[tuple[int, Tensor]]:
    """Each member's own seed, and the lines that it does not see, bool (lines,)."""
    states = iter(np.random.SeedSequence(seed).generate_state(recipe.members + recipe.inner_repeats).tolist())
    for _ in range(recipe.inner_repeats):
        fold = torch.from_numpy(folds(lines, recipe.inner_folds, next(states)))
        yield from ((next(states), fold == number) for number in range(recipe.inner_folds))


def train_member(genotypes: Tensor, phenotypes: Tensor, seed: int, recipe: Recipe) -> GMLPForRegression:
    """Train one gMLP on these lines alone; gives it in evaluation mode.

    Folds of folds need a thousand small trainings, hence these few lines; a model that is kept is better trained by
    seqmodels.train, with its curves and checks.

    Args:
        genotypes: float (lines, markers), NaN or negative is missing.
        phenotypes: float (lines, traits), NaN missing.
        seed: of everything that is drawn.
        recipe: the shape and the training.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = GMLPForRegression(recipe.config(genotypes.shape[1], phenotypes.shape[1]))
        model.train()
        model.standardise_by(genotypes, phenotypes)
        optimiser = torch.optim.AdamW(
            model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        steps = recipe.epochs * -(-len(genotypes) // recipe.batch_size)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, recipe.learning_rate, total_steps=steps, pct_start=0.2
        )
        for rows in _batches(len(genotypes), recipe):
            optimiser.zero_grad()
            model(genotypes[rows], labels=phenotypes[rows]).loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    model.train(False)
    return model


def _batches(lines: int, recipe: Recipe) -> Iterator[Tensor]:
    for _ in range(recipe.epochs):
        yield from torch.randperm(lines).split(recipe.batch_size)


@torch.no_grad()
def _values(model: GMLPForRegression, genotypes: Tensor, polygenic: Tensor | None) -> Tensor:
    logits: Tensor = model(genotypes, polygenic=polygenic).logits
    return logits


def _tensor(table: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(table, dtype=np.float32))
