"""Tiny predictors with random weights, and DNA for them."""

import json
from pathlib import Path

import numpy as np
import torch

from seqmodels.predictors.card import Card, Score, weights_hash, write_card
from seqmodels.predictors.domains import DOMAINS
from seqmodels.predictors.ensemble import save_ensemble
from seqmodels.predictors.methylation import CALIBRATIONS
from seqmodels.sitenet import SiteNetConfig, SiteNetForSequenceClassification


def methylation_folder(folder: Path) -> Path:
    torch.manual_seed(0)
    shape = SiteNetConfig(channels=8, hidden=8, blocks=2, domains=len(DOMAINS))
    save_ensemble(folder, [SiteNetForSequenceClassification(shape).train(False) for _ in range(2)])
    (folder / CALIBRATIONS).write_text(json.dumps({domain.name: [3.0, 0.2] for domain in DOMAINS}))
    told = dict.fromkeys(("predicts", "data", "licence", "split", "command", "calibration", "limits"), "none")
    scores = (Score(name="6mA_A.thaliana AUC", value=0.9, low=0.89, high=0.91, rows=1_000),)
    write_card(folder, Card(name="tiny", seeds=(0,), scores=scores, sha256=weights_hash(folder), **told))
    return folder


def dna(length: int, seed: int, letters: str = "ACGT") -> str:
    return "".join(np.random.default_rng(seed).choice(list(letters), length))
