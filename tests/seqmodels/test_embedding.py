"""Vectors of sequences do not depend on what is embedded beside them, nor on how."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from seqmodels.backbones import new_backbone
from seqmodels.embedding import Embedder, load_embedder
from seqmodels.errors import ModelError
from seqmodels.families import FAMILIES, family_named

LETTERS = "ACGTTGCAAGCTTACGGATCACGTGGTT"
INPUTS = {
    "dna": [LETTERS[at:] + LETTERS[: 3 * at] for at in range(9)],
    "protein": ["MKTAYIAKQR"[at:] * (at + 1) for at in range(9)],
    "text": ["p16 is methylated in many tumours . " * (at + 1) for at in range(9)],
}
READERS = [name for name, family in FAMILIES.items() if family.reads != "genotypes" and family.has_states]


@pytest.fixture(scope="module")
def embedder(tmp_path_factory):
    """A tiny embedder of a family."""

    def make(name: str, **settings) -> Embedder:
        torch.manual_seed(0)
        family = family_named(name)
        made = new_backbone(family, next(iter(family.classes)), "tiny", settings, INPUTS["dna"])
        folder = tmp_path_factory.mktemp(name)
        made.model.save_pretrained(folder)
        made.tokenizer.save_pretrained(folder)
        return load_embedder(str(folder), "cpu")

    return make


@pytest.mark.parametrize("name", READERS)
def test_a_vector_is_the_mean_over_the_tokens_whatever_the_batch(name, embedder):
    made = embedder(name)
    sequences = INPUTS[made.reads]
    whole = made.embed(sequences, batch_size=4)
    assert whole.shape == (9, made.dimension)
    assert whole.dtype == np.float32
    alone = np.concatenate([made.embed([sequence]) for sequence in sequences])
    np.testing.assert_allclose(whole, alone, atol=1e-5)
    backbone = made.backbone
    ids = torch.tensor([backbone.tokenizer(sequences[3], add_special_tokens=True)["input_ids"]])
    with torch.inference_mode():
        states = backbone.model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    np.testing.assert_allclose(whole[3], states[0].mean(0), atol=1e-5)


def test_the_order_is_that_of_the_input(embedder):
    made, sequences = embedder("dnabert2"), INPUTS["dna"]
    np.testing.assert_allclose(made.embed(sequences[::-1]), made.embed(sequences)[::-1], atol=1e-5)


def test_what_is_longer_than_the_model_reads_is_averaged_over_windows_of_all_its_tokens(embedder, caplog):
    made = embedder("bert", max_position_embeddings=16)
    text = "gene of a cancer " * 10
    found = made.embed([text])
    assert "1 of 1 sequences are longer" in caplog.text
    tokenizer = made.backbone.tokenizer
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    parts = torch.tensor(ids).tensor_split(-(-len(ids) // 14))
    windows = [torch.tensor([[tokenizer.cls_token_id, *part.tolist(), tokenizer.sep_token_id]]) for part in parts]
    assert sum(len(part) for part in parts) == len(ids)
    with torch.inference_mode():
        states = torch.cat([made.backbone.model(input_ids=window).last_hidden_state[0] for window in windows])
    np.testing.assert_allclose(found[0], states.mean(0), atol=1e-5)


def test_what_is_longer_can_be_refused_with_its_length(embedder):
    made = embedder("bert", max_position_embeddings=16)
    with pytest.raises(ModelError, match=r"Sequence 2 has 40 tokens .* reads 14 at once"):
        made.embed(["gene", "gene " * 40], long="refuse")


def test_lines_have_vectors_from_their_genotypes_missing_ones_included():
    torch.manual_seed(0)
    made = new_backbone(family_named("gmlp"), "regress", "tiny", {"num_markers": 20})
    encoder = Embedder(replace(made, model=made.model.base_model.eval()), "cpu")
    genotypes = np.random.default_rng(0).integers(0, 3, (7, 20)).astype(np.float32)
    genotypes[2, 3] = np.nan
    found = encoder.embed_genotypes(genotypes, batch_size=3)
    assert found.shape == (7, encoder.dimension)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(encoder.embed_genotypes(genotypes[2:3]), found[2:3], atol=1e-6)


def test_an_empty_sequence_is_named(embedder):
    with pytest.raises(ModelError, match="Sequence 2 is empty"):
        embedder("dnabert2").embed(["ACGT", ""])


def test_no_sequences_have_no_vectors(embedder):
    made = embedder("dnabert2")
    assert made.embed([]).shape == (0, made.dimension)


def test_progress_is_told(embedder):
    told = []
    embedder("dnabert2").embed(INPUTS["dna"], batch_size=4, progress=lambda *news: told.append(news))
    assert told == [("embedding", 4, 9), ("embedding", 8, 9), ("embedding", 9, 9)]
