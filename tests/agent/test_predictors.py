"""The trained models that tools run."""

import socket

import pytest

from agent.predictors import Predictors
from seqmodels.backbones import UnreachableBackbone


def test_a_question_fetches_no_weights(tmp_path, monkeypatch):
    def connect(*_):
        raise AssertionError("another machine was asked")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(UnreachableBackbone, match=r"fetches nothing.*epicite predict embed"):
        Predictors().embedder("dnabert2")
