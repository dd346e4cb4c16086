"""Predictors as tools get them, with tiny networks of random weights, so that nothing has to be trained."""

import json
from collections.abc import Iterable
from pathlib import Path

import torch

from agent.predictors import Predictors, PromoterModel
from seqmodels.predictors.card import Card, Score, weights_hash, write_card
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.ensemble import save_ensemble
from seqmodels.predictors.methylation import CALIBRATIONS, MethylationPredictor
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
        save_ensemble(folder, [SiteNetForSequenceClassification(shape).eval()])
        (folder / CALIBRATIONS).write_text(json.dumps({domain.name: [200.0, 106.0] for domain in DOMAINS}))
        scores = [
            Score(name=f"AUC {domain.name}", value=0.9, low=0.89, high=0.91, rows=1000 + number)
            for number, domain in enumerate(DOMAINS)
        ]
        write_card(folder, card(folder, "methylated bases", *scores))
        self._methylation = MethylationPredictor(folder)
        self._promoters = {name: _promoter(folder / name, window) for name, window in (("core", 70), ("tata300", 300))}

    def methylation(self) -> MethylationPredictor:
        return self._methylation

    def promoter(self, name: PromoterModel) -> PromoterPredictor:
        return self._promoters[name]

    def unlike_methylation(self, name: str, sequences: Iterable[str]) -> list[str]:
        return self._unlike

    def unlike_promoter(self, name: PromoterModel, sequences: Iterable[str]) -> list[str]:
        return self._unlike


def _promoter(folder: Path, window: int) -> PromoterPredictor:
    shape = SiteNetConfig(channels=8, hidden=8, blocks=2, domains=1, window=window)
    save_ensemble(folder, [SiteNetForSequenceClassification(shape).eval()])
    (folder / CALIBRATION).write_text(json.dumps([50.0, 0.0]))
    write_card(folder, card(folder, "promoters", Score(name="MCC", value=0.7, low=0.69, high=0.71, rows=5920)))
    return PromoterPredictor(folder)
