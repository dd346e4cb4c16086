"""The embedder by name."""

import numpy as np
import pytest

from retrieval.embedder import Embedder
from retrieval.library import Library
from seqmodels.encoder import BUNDLED, BundledEncoder, bundled_folder
from seqmodels.errors import ModelError


def test_the_bundled_one_is_known_without_being_loaded_or_cached(tmp_path, monkeypatch):
    monkeypatch.setattr(BundledEncoder, "__init__", None)
    record = Embedder(BUNDLED, tmp_path / "encoders").record
    assert (record.name, record.dimension, len(record.hash)) == (BUNDLED, 384, 64)
    assert not (tmp_path / "encoders").exists()


def test_opening_and_filling_a_library_loads_no_model(tmp_path, monkeypatch, paper):
    monkeypatch.setattr(BundledEncoder, "__init__", None)
    with Library.create(tmp_path / "library", Embedder(BUNDLED, tmp_path / "encoders")) as library:
        library.add(paper("MLH1 is silenced.", title="MLH1"))
        assert library.pending()["vectors"] == 1
        assert library.find_paper("MLH1")


def test_it_is_loaded_once(embedder, monkeypatch):
    first = embedder.encode_query("MLH1")
    monkeypatch.setattr(BundledEncoder, "__init__", None)
    np.testing.assert_array_equal(embedder.encode_query("MLH1"), first)


def test_a_folder_is_any_sentence_transformers_model(tmp_path, embedder):
    other = Embedder(str(bundled_folder()), tmp_path)
    assert other.record.dimension == embedder.record.dimension
    assert other.record.hash != embedder.record.hash
    np.testing.assert_allclose(other.encode_query("MLH1"), embedder.encode_query("MLH1"), atol=1e-5)
    [ours], [theirs] = (each.encode(["MLH1 is silenced."], [[(0, 4)]]) for each in (other, embedder))
    np.testing.assert_allclose(ours.passage, theirs.passage, atol=1e-5)
    np.testing.assert_allclose(ours.sentences, theirs.sentences, atol=1e-5)


def test_a_name_that_is_no_model_is_told_when_it_is_first_needed(tmp_path):
    other = Embedder("/no/such/model", tmp_path)
    with pytest.raises(ModelError, match="/no/such/model"):
        _ = other.record
