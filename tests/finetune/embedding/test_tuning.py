"""Encoders tuned on questions and their papers: what is asked, what is near and no answer, and what comes out."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.paper import Paper as Stored
from finetune.embedding.negatives import hard_negatives, word_scores
from finetune.embedding.questions import Paper, Question, gene_questions, parted, read_papers, title_questions
from finetune.embedding.ranking import Ranks, changes, ranks, table

GENES = ("RASSF1A", "CDKN2A", "MLH1", "CDH1", "BNC1", "ADAMTS1", "SEPT9", "VIM", "GSTP1", "APC")


def standoff(number):
    gene = GENES[number % len(GENES)]
    title = f"{gene} in tumours, study {number}"
    text = (
        f"{title}\nWe looked at {number + 20} tumours. {gene} was hypermethylated in most of them. Controls were not."
    )
    at, trigger = text.rindex(gene), text.index("hypermethylated")
    a2 = f"T2\tDNA_methylation {trigger} {trigger + 15}\thypermethylated\nE1\tDNA_methylation:T2 Theme:T1\n"
    return {"pmid": str(number), "text": text, "a1": f"T1\tProtein {at} {at + len(gene)}\t{gene}\n", "a2": a2}


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(standoff(number)) + "\n" for number in range(40)))
    return path


def test_a_title_is_asked_for_its_text_which_does_not_have_it(corpus):
    papers = read_papers([corpus])
    for question in title_questions(papers):
        [at] = question.answers
        assert question.text == papers[at].title
        assert question.text not in papers[at].text
        assert question.passage == papers[at].text


def test_a_gene_and_status_are_answered_by_every_paper_that_says_so(corpus):
    papers = read_papers([corpus])
    questions = gene_questions(papers)
    assert len(questions) == len(GENES)
    for question in questions:
        [gene] = [gene for gene in GENES if gene in question.text]
        assert question.answers == {at for at, paper in enumerate(papers) if gene in paper.text}
        assert question.passage.startswith(f"{gene} was hypermethylated")
    worded = {question.text for question in questions} & {each.text for each in gene_questions(papers, held_out=True)}
    assert not worded


def test_papers_are_parted_alike_in_every_run_and_each_is_in_one_part(corpus):
    papers = read_papers([corpus, corpus])
    assert len(papers) == 40
    training, held_out = parted(papers, 0.3)
    assert len(training) + len(held_out) == 40
    assert 4 < len(held_out) < 20
    assert parted(papers[::-1], 0.3)[1] == held_out[::-1]
    assert parted(papers, 0)[1] == []


def test_titles_of_a_library_are_asked_for_its_texts(tmp_path, embedder):
    from retrieval.library import Library

    with Library.create(tmp_path / "mine", embedder) as library:
        library.add(Stored(text="p16 is methylated", title="p16 is methylated", kind="abstract"))
        text = "MLH1 in colon\nMLH1 is methylated in most tumours."
        library.add(Stored(text=text, title="MLH1 in colon", kind="abstract"))
    [paper] = read_papers([tmp_path / "mine"])
    assert (paper.title, paper.text) == ("MLH1 in colon", "MLH1 is methylated in most tumours.")


def test_hard_negatives_are_near_by_words_or_meaning_and_never_an_answer():
    texts = ["p16 methylation", "p16 methylation again", "wheat yield", "rice", "DNA of p16"]
    papers = [Paper(str(at), "", text) for at, text in enumerate(texts)]
    question = Question("p16 methylation", frozenset({0}), "")
    words = word_scores([question], papers)
    assert np.argsort(-words[0]).tolist()[:2] == [0, 1]
    assert words[0, 3] == 0
    near = np.array([[0.9, 0.1, 0.2, 0.8, 0.0]], np.float32)
    drawn = {hard_negatives([question], near, words, 1, seed)[0] for seed in range(20)}
    assert drawn == {1, 3}


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=9), st.data())
def test_the_rank_counts_the_wrong_papers_that_are_not_behind(scores, data):
    answers = data.draw(st.frozensets(st.integers(0, len(scores) - 1), min_size=1, max_size=len(scores) - 1))
    [rank] = ranks([Question("?", answers, "")], np.array([scores], np.float32))
    best = max(scores[at] for at in answers)
    assert rank == 1 + sum(score >= best for at, score in enumerate(scores) if at not in answers)


def test_a_change_is_told_with_the_interval_of_the_same_questions_asked_twice():
    before, after = np.array([2] * 50 + [1] * 50), np.array([1] * 100)
    change = changes(Ranks(before, after))["Recall@1"]
    assert (change.before, change.after) == (0.5, 1.0)
    assert 0.39 < change.low < 0.5 < change.high < 0.61
    same = changes(Ranks(before, before))["MRR"]
    assert (same.low, same.high) == (0, 0)
    assert "+0.5000" in table({"titles": Ranks(before, after)})[1]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """The folder of a small, untrained sentence encoder that pools by the mean."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    from seqmodels.encoder import bundled_folder

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encoder")
    tokenizer = AutoTokenizer.from_pretrained(bundled_folder())
    shape = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    BertModel(BertConfig(vocab_size=len(tokenizer), **shape)).save_pretrained(folder / "bert")
    tokenizer.save_pretrained(folder / "bert")
    network = Transformer(str(folder / "bert"), max_seq_length=64)
    SentenceTransformer(modules=[network, Pooling(32, pooling_mode="mean")]).save(str(folder / "encoder"))
    return folder / "encoder"


def test_a_run_changes_the_encoder_and_saves_one_that_the_setting_takes(corpus, encoder, tmp_path, capsys, monkeypatch):
    from command.settings import read_settings
    from finetune.application import main
    from retrieval.embedder import Embedder

    monkeypatch.chdir(tmp_path)
    run = tmp_path / "run"
    words = [
        "task=embed", f"data.source={corpus}", f"base={encoder}", f"run={run}", "fit.steps=4", "fit.batch_size=6",
        "fit.learning_rate=0.01", "data.max_length=48", "threads=1",
    ]  # fmt: skip
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "gene + methylation of held-out papers" in told
    assert f"{run / 'model'}: set it as embedder" in told
    card = json.loads((run / "model" / "card.json").read_text())
    assert set(card["scores"]) == {"titles of held-out papers", "gene + methylation of held-out papers"}
    assert not list(run.rglob("adapter*"))
    tuned = Embedder(read_settings(embedder=str(run / "model")).embedder, tmp_path / "cache")
    base = Embedder(str(encoder), tmp_path / "cache")
    assert tuned.record.dimension == base.record.dimension == 32
    assert tuned.record.hash != base.record.hash
    assert not np.allclose(tuned.encode_query("p16"), base.encode_query("p16"), atol=1e-3)
    assert main(words) == 0
    assert "has finished before" in capsys.readouterr().err
    assert main([*words, "seed=1"]) == 1
    assert "holds another run" in capsys.readouterr().err


def test_the_merged_encoder_gives_the_vectors_of_base_and_adapter(encoder):
    from peft import LoraConfig

    from finetune.embedding.tuning import _merge, load

    model = load(str(encoder))
    model.add_adapter(LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    adapted = model.encode(["p16 is methylated"])
    _merge(model)
    assert not [name for name, _ in model.named_parameters() if "lora" in name]
    assert np.abs(model.encode(["p16 is methylated"]) - adapted).max() < 1e-5


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data.source=absent"], "absent has no train.jsonl"),
        ([], "data.source must be given"),
        (["data.source={corpus}", "fit.batch_size=500"], "gives"),
        (["data.source={corpus}", "data.held_out=2"], "data.held_out"),
        (["data.source={corpus}", "base=/absent/model", "fit.batch_size=4"], "cannot be loaded"),
    ],
)
def test_what_cannot_be_tuned_says_why(words, said, corpus, tmp_path, capsys, monkeypatch):
    from finetune.application import main

    monkeypatch.chdir(tmp_path)
    assert main(["task=embed", *(word.format(corpus=corpus) for word in words)]) == 1
    assert said in capsys.readouterr().err
