"""The reranker: a cross-encoder puts the best hits into its own order."""

import pytest

from retrieval.errors import LibraryError
from retrieval.rerank import RERANKED, Reranker


def cross_encoder(folder, labels=1):
    """A tiny cross-encoder with random weights, saved."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, set_seed

    set_seed(0)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "gene", "methylated", "silenced", "MLH1", "RASSF1A"]
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    config = BertConfig(vocab_size=len(words), num_labels=labels, **size, initializer_range=1.0)
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


class ByLength:
    """The longest passage answers best."""

    def __init__(self):
        self.read = 0

    def scores(self, question, texts):
        self.read = len(texts)
        return [float(len(text)) for text in texts]


def test_scores_are_those_of_the_model(tmp_path):
    from sentence_transformers import CrossEncoder

    name = cross_encoder(tmp_path)
    texts = ["MLH1 gene methylated", "RASSF1A", "silenced silenced gene"]
    expected = CrossEncoder(name).predict([("gene", text) for text in texts])
    assert Reranker(name).scores("gene", texts) == pytest.approx(expected.tolist())
    assert len(set(expected.tolist())) == 3
    assert Reranker(name).scores("gene", []) == []


def test_a_name_that_is_no_model_is_told(tmp_path):
    with pytest.raises(LibraryError, match="no-such-model"):
        Reranker(str(tmp_path / "no-such-model")).scores("gene", ["MLH1"])


def test_a_model_that_does_not_rank_is_told(tmp_path):
    with pytest.raises(LibraryError, match="gives 3 scores"):
        Reranker(cross_encoder(tmp_path, labels=3)).scores("gene", ["MLH1"])


def test_the_best_by_fusion_are_put_into_its_order(filled):
    question = "hypermethylation in cancer"
    before = filled.search(question, RERANKED).hits
    filled.reranker = ByLength()
    after = filled.search(question, RERANKED).hits
    assert filled.reranker.read <= RERANKED
    assert {hit.passage_id for hit in after} == {hit.passage_id for hit in before}
    lengths = [len(hit.text) for hit in after]
    assert lengths == sorted(lengths, reverse=True) != [len(hit.text) for hit in before]


def test_without_one_nothing_is_read_again(filled):
    assert filled.reranker is None
