"""The embedder by name."""

import numpy as np
import pytest

from retrieval import embedder as embedders
from retrieval.embedder import Embedder
from retrieval.library import Library
from retrieval.manifest import EmbedderRecord, read_manifest
from seqmodels.encoder import BUNDLED, RUNTIMES, BundledEncoder, bundled_folder
from seqmodels.errors import ModelError


def test_the_bundled_one_is_known_without_being_loaded_or_cached(tmp_path, monkeypatch):
    monkeypatch.setattr(BundledEncoder, "__init__", None)
    record = Embedder(BUNDLED, tmp_path / "encoders", "fp32").record
    assert (record.name, record.dimension, len(record.hash)) == (BUNDLED, 384, 64)
    assert not (tmp_path / "encoders").exists()


def test_opening_and_filling_a_library_loads_no_model(tmp_path, monkeypatch, paper):
    monkeypatch.setattr(BundledEncoder, "__init__", None)
    with Library.create(tmp_path / "library", Embedder(BUNDLED, tmp_path / "encoders", "fp32")) as library:
        library.add(paper("MLH1 is silenced.", title="MLH1"))
        assert library.pending()["vectors"] == 1
        assert library.find_paper("MLH1")


def test_it_is_loaded_once(embedder, monkeypatch):
    first = embedder.encode_query("MLH1")
    monkeypatch.setattr(BundledEncoder, "__init__", None)
    np.testing.assert_array_equal(embedder.encode_query("MLH1"), first)


def test_a_folder_is_any_sentence_transformers_model(tmp_path, encoder_cache):
    embedder = Embedder(BUNDLED, encoder_cache, "fp32")
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


@pytest.fixture
def chosen(monkeypatch):
    """The runtimes that were chosen by measurement, each time bf16 and noted nowhere."""
    asked = []
    monkeypatch.setattr(embedders, "choose_runtime", lambda cache, texts: asked.append(len(texts)) or "bf16")
    return asked


def test_the_runtime_is_chosen_once_when_a_library_is_made_and_stands_in_its_manifest(tmp_path, chosen):
    both = Embedder(BUNDLED, tmp_path / "encoders")
    for name in "ab":
        with Library.create(tmp_path / name, both) as library:
            assert library.embedder is both
            assert read_manifest(library.folder).embedder == both.record
    assert (both.record.runtime, chosen) == ("bf16", [24])


def test_runtimes_have_hashes_of_their_own(tmp_path):
    assert len({Embedder(BUNDLED, tmp_path, runtime).record.hash for runtime in RUNTIMES}) == len(RUNTIMES)


def test_a_library_keeps_the_runtime_that_it_was_made_with(tmp_path, paper, chosen):
    with Library.create(tmp_path / "old", Embedder(BUNDLED, tmp_path / "encoders", "fp32")) as library:
        library.add(paper("MLH1 is silenced."))
    here = Embedder(BUNDLED, tmp_path / "encoders")
    with Library.open(tmp_path / "old", here) as again:
        assert (again.embedder.record.runtime, again.manifest.embedder) == ("fp32", again.embedder.record)
        assert here.fitting(again.manifest.embedder) is again.embedder
    assert chosen == []


def test_a_manifest_without_runtime_means_single_precision(tmp_path):
    current = Embedder(BUNDLED, tmp_path, "fp32").record
    assert EmbedderRecord.model_validate(current.model_dump(exclude={"runtime"})) == current


def test_a_library_of_another_embedder_or_of_a_later_runtime_fits_none(tmp_path):
    here = Embedder(BUNDLED, tmp_path, "fp32")
    later = here.record.model_copy(update={"runtime": "int4", "hash": "0" * 64})
    assert here.fitting(later) is here
    assert here.fitting(EmbedderRecord(name="another", hash="1" * 64, dimension=384)) is here
