"""Any sentence-transformers model: the same vectors as its own code gives, and none of its code is run."""

import json
import shutil

import numpy as np
import pytest

from corpora.starter import starter_papers
from retrieval.passages import passages
from seqmodels.encoder import BundledEncoder, bundled_folder
from seqmodels.errors import ModelError
from seqmodels.sentence_transformer import SentenceTransformerEncoder

LONG = "The methylated genes were " + ", ".join(["RASSF1A", "CDKN2A"] * 80)


@pytest.fixture(scope="module")
def encoder():
    return SentenceTransformerEncoder(str(bundled_folder()))


@pytest.fixture(scope="module")
def bundled(encoder_cache):
    return BundledEncoder(encoder_cache)


@pytest.fixture
def folder(tmp_path):
    """A model of one's own: the bundled one, to be changed."""
    return shutil.copytree(bundled_folder(), tmp_path / "model")


def change(path, **keys):
    path.write_text(json.dumps(json.loads(path.read_text()) | keys))


def test_on_the_bundled_folder_it_equals_the_bundled_encoder(encoder, bundled):
    cut = [(paper.text, passage) for paper in list(starter_papers())[:10] for passage in passages(paper)]
    texts = [text[passage.start : passage.end] for text, passage in cut]
    spans = [[(s - passage.start, e - passage.start) for s, e in passage.sentences] for _, passage in cut]
    for ours, theirs in zip(encoder.encode(texts, spans), bundled.encode(texts, spans), strict=True):
        np.testing.assert_allclose(ours.passage, theirs.passage, atol=1e-5)
        np.testing.assert_allclose(ours.sentences, theirs.sentences, atol=1e-5)
    question = "MLH1 in colorectal cancer"
    np.testing.assert_allclose(encoder.encode_query(question), bundled.encode_query(question), atol=1e-5)
    assert encoder.dimension == bundled.dimension


def test_texts_are_told_apart_in_a_batch_of_short_long_and_empty_ones(encoder):
    texts = ["p53", f"{LONG} in lung cancer.", "", "甲基化"]
    spans = [[(0, 3)], [(0, 25), (len(LONG), len(LONG) + 15)], [], [(0, 3)]]
    together = list(encoder.encode(texts, spans))
    for text, own, encoded in zip(texts, spans, together, strict=True):
        [alone] = encoder.encode([text], [own])
        np.testing.assert_allclose(encoded.passage, alone.passage, atol=1e-5)
        np.testing.assert_allclose(encoded.sentences, alone.sentences, atol=1e-5)
        assert encoded.sentences.shape == (len(own), encoder.dimension)


def test_the_end_of_a_text_beyond_the_window_counts(encoder):
    texts = [f"{LONG} in lung cancer.", f"{LONG} in wheat leaves."]
    spans = [[(len(LONG) + 1, len(text))] for text in texts]
    lung, wheat = encoder.encode(texts, spans)
    assert not np.allclose(lung.passage, wheat.passage, atol=1e-3)
    leaves = encoder.encode_query("wheat leaves")
    assert wheat.sentences[0] @ leaves > lung.sentences[0] @ leaves + 0.2


@pytest.mark.parametrize("name", ["/no/such/folder", ""])
def test_a_model_that_is_not_there_is_named(name):
    with pytest.raises(ModelError, match=f"The embedder '{name}'"):
        SentenceTransformerEncoder(name)


def test_a_name_that_no_hub_knows_is_named(monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="'no-such/model' cannot be loaded"):
        SentenceTransformerEncoder("no-such/model")


def test_damaged_weights_are_named(folder):
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(ModelError, match="cannot be loaded"):
        SentenceTransformerEncoder(str(folder))


def test_code_that_comes_with_a_model_is_never_run(folder, tmp_path):
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\nfrom transformers import BertModel as Trap\n"
    (folder / "trap.py").write_text(trap)
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["type"] = "trap.Trap"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError):
        SentenceTransformerEncoder(str(folder))
    assert not (tmp_path / "ran").exists()


def test_code_that_a_model_names_as_its_architecture_is_never_run(folder, tmp_path):
    (folder / "trap.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    change(folder / "config.json", model_type="trap", auto_map={"AutoModel": "trap.T", "AutoConfig": "trap.C"})
    with pytest.raises(ModelError):
        SentenceTransformerEncoder(str(folder))
    assert not (tmp_path / "ran").exists()


def test_a_model_that_does_not_pool_by_the_mean_is_refused(folder):
    """Its sentences, pooled by the mean, would not lie where its passages and questions do."""
    change(folder / "1_Pooling" / "config.json", pooling_mode_cls_token=True, pooling_mode_mean_tokens=False)
    with pytest.raises(ModelError, match="no vectors for single sentences"):
        SentenceTransformerEncoder(str(folder))


def test_the_hash_changes_with_the_weights_and_the_prompts_only(folder, encoder):
    from safetensors.torch import load_file, save_file

    assert SentenceTransformerEncoder(str(folder)).hash == encoder.hash
    change(folder / "config_sentence_transformers.json", prompts={"query": "query: ", "document": "passage: "})
    prompted = SentenceTransformerEncoder(str(folder)).hash
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] += 1e-4
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    assert len({encoder.hash, prompted, SentenceTransformerEncoder(str(folder)).hash}) == 3


@pytest.mark.parametrize("default", [None, "query", "document"])
def test_passages_and_questions_are_written_with_the_prompts_of_the_model(folder, default):
    from sentence_transformers import SentenceTransformer

    change(
        folder / "config_sentence_transformers.json",
        prompts={"query": "question about cancer: ", "document": "passage about wheat: "},
        default_prompt_name=default,
    )
    official = SentenceTransformer(str(folder), device="cpu")
    encoder = SentenceTransformerEncoder(str(folder))
    text = "MLH1 was silenced."
    [encoded] = encoder.encode([text], [[(0, len(text))]])
    np.testing.assert_allclose(encoded.passage, official.encode_document(text), atol=1e-5)
    np.testing.assert_allclose(encoder.encode_query(text), official.encode_query(text), atol=1e-5)
    whole = f"passage about wheat: {text}"
    states = official.encode(whole, output_value="token_embeddings", prompt="").numpy(force=True)
    own = states[-1 - len(official.tokenizer(text, add_special_tokens=False)["input_ids"]) : -1].mean(axis=0)
    np.testing.assert_allclose(encoded.sentences[0], own / np.linalg.norm(own), atol=1e-5)
