"""Predictors as tools get them, with tiny networks of random weights, so that nothing has to be trained."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agent.predictors import Predictors, PromoterModel
from seqmodels.predictors.card import WEIGHTS, Card, Score, weights_hash, write_card
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.ensemble import save_ensemble
from seqmodels.predictors.methylation import CALIBRATIONS, MethylationPredictor
from seqmodels.predictors.phenotype import SETTINGS, PhenotypePredictor
from seqmodels.predictors.phenotype_model import PhenotypeModel
from seqmodels.predictors.promoter import CALIBRATION, PromoterPredictor
from seqmodels.sitenet import SiteNetConfig, SiteNetForSequenceClassification


def card(folder: Path, predicts: str, *scores: Score) -> Card:
    return Card(
        name="tiny",
        predicts=predicts,
        data="none",
        licence="none",
        split="none",
        seeds=(0,),
        command="none",
        scores=scores,
        calibration="none",
        limits="none",
        sha256=weights_hash(folder),
    )


class TinyPredictors(Predictors):
    """Random predictors kept in a folder; `unlike` is what they say of every input."""

    def __init__(self, folder: Path, unlike: Iterable[str] = ()) -> None:
        self._unlike = list(unlike)
        torch.manual_seed(0)
        shape = SiteNetConfig(channels=8, hidden=8, blocks=2, domains=len(DOMAINS))
        save_ensemble(folder, [SiteNetForSequenceClassification(shape).train(False)])
        (folder / CALIBRATIONS).write_text(json.dumps({domain.name: [200.0, 106.0] for domain in DOMAINS}))
        scores = [
            Score(name=f"AUC {domain.name}", value=0.9, low=0.89, high=0.91, rows=1000 + number)
            for number, domain in enumerate(DOMAINS)
        ]
        write_card(folder, card(folder, "methylated bases", *scores))
        self._methylation = MethylationPredictor(folder)
        self._phenotype = _phenotype(folder / "phenotype")
        self._promoters = {name: _promoter(folder / name, window) for name, window in (("core", 70), ("tata300", 300))}

    def methylation(self) -> MethylationPredictor:
        return self._methylation

    def promoter(self, name: PromoterModel) -> PromoterPredictor:
        return self._promoters[name]

    def phenotype(self) -> PhenotypePredictor:
        return self._phenotype

    def embedder(self, name: str) -> Any:
        return TinyEmbedder()

    def unlike_methylation(self, name: str, sequences: Iterable[str]) -> list[str]:
        return self._unlike

    def unlike_promoter(self, name: PromoterModel, sequences: Iterable[str]) -> list[str]:
        return self._unlike


class TinyEmbedder:
    """Vectors of the shares of letters."""

    dimension = 4

    def embed(self, sequences: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[each.count(letter) + 1 for letter in "ACGT"] for each in sequences], dtype=np.float32)


def _phenotype(folder: Path) -> PhenotypePredictor:
    """Fitted to lines of forty markers, of which the first alone gives a yield."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    genotypes = rng.integers(0, 2, (60, 40)).astype(np.float64)
    phenotypes = genotypes[:, [0, 0]] * [2.0, -2.0] + rng.normal(0, 0.3, (60, 2))
    PhenotypeModel.fit(genotypes, phenotypes).save(folder / WEIGHTS)
    settings = {
        "markers": [f"m{number}" for number in range(40)],
        "traits": ["env1", "env2"],
        "typical": {"distance": 1e9, "share": 0.0},
    }
    (folder / SETTINGS).write_text(json.dumps(settings))
    scores = [Score(name=f"env{number} correlation", value=0.5, rows=60) for number in (1, 2)]
    write_card(folder, card(folder, "yield", *scores))
    return PhenotypePredictor(folder)


def _promoter(folder: Path, window: int) -> PromoterPredictor:
    shape = SiteNetConfig(channels=8, hidden=8, blocks=2, domains=1, window=window)
    save_ensemble(folder, [SiteNetForSequenceClassification(shape).train(False)])
    (folder / CALIBRATION).write_text(json.dumps([50.0, 0.0]))
    write_card(folder, card(folder, "promoters", Score(name="MCC", value=0.7, low=0.69, high=0.71, rows=5920)))
    return PromoterPredictor(folder)
