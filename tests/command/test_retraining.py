"""`epicite evidence --retrain`, `--use` and `--undo`: verdicts teach a tagger, which is told of before it is used."""

import json
import shutil

import pytest

from retrieval.library import Library
from seqmodels.predictors.card import Card, weights_hash, write_card
from seqmodels.tagger.held_out import write_held_out
from seqmodels.tagger.pairs import features
from seqmodels.tagger.standoff import Document
from seqmodels.tagger.tagged import Methylation, Quoted, Tagged

GENES = ("RASSF1A", "MLH1", "CDH1", "p16", "DAPK")


class Reader:
    """Looks at every gene with the first word that speaks of it, and is in a folder."""

    def __init__(self, folder):
        self.folder, self.hash = folder, str(folder)

    def tag_methylation(self, texts):
        return [Tagged((), tuple(self._pairs(text))) for text in texts]

    def pairs(self, texts):
        for text in texts:
            said = tuple(self._pairs(text))
            yield Tagged((), said), [(pair.gene.start, pair.gene.end) for pair in said]

    def _pairs(self, text):
        trigger = text.find("methylated")
        for gene in GENES:
            if trigger >= 0 and (start := text.rfind(gene)) >= 0:
                of, said = Quoted(start, start + len(gene), gene), Quoted(trigger, trigger + 10, "methylated")
                yield Methylation(said, of, "methylated", False, False, None, 0.9)


def fold(number: int) -> dict:
    """A fold of thirty abstracts whose pairs in one sentence hold."""
    text = "DAPK\np16 was methylated in 20 tumours."
    reader = Reader(None)
    [(tagged, genes)] = reader.pairs([text])
    said = features(text, tagged.methylation, genes)
    names = list(said[0])
    told = [[0, 5, f"g{at}", "methylated", [float(row[name]) for name in names]] for at, row in enumerate(said)]
    papers = {str(at): {"gold": [[0, 5, "g0", "methylated"]], "said": told} for at in range(30)}
    return {"fold": number, "abstracts": 30, "features": names, "papers": papers}


@pytest.fixture
def package(tmp_path):
    """The folder of a tagger with its folds."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    (folder / "backbone.json").write_text(json.dumps({"notes": {"least": 0.5}}))
    told = {"name": "tagger", "predicts": "p", "data": "EPI", "licence": "l", "split": "s", "seeds": (0,), "limits": ""}
    write_card(folder, Card(**told, command="c", scores=(), calibration="", sha256=weights_hash(folder)))
    documents = [[Document(str(number), f"abstract {number}", (), (), {})] for number in range(3)]
    write_held_out(folder, [fold(number) for number in range(3)], documents)
    return folder


@pytest.fixture
def evidence(prepared_home, tmp_path, embedder, package, epicite, monkeypatch):
    """The verb on a library of twelve papers with two rows each, read by the home's tagger."""

    def found(home, *_):
        return Reader(home / "tagger" if (home / "tagger").is_dir() else package)

    for place in ("retrieval.paper_tagger", "retrieval.home"):
        monkeypatch.setattr(f"{place}.find_tagger", found)
    folder = prepared_home / "libraries" / "mine"
    papers = tmp_path / "twelve.jsonl"
    texts = [
        {"pmid": str(900 + n), "title": "CDH1", "abstract": f"MLH1 was methylated in {n} tumours."} for n in range(12)
    ]
    papers.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    from retrieval.ingest import ingest

    with Library.create(folder, embedder) as library:
        ingest(library, [papers])
    return lambda *words: epicite("evidence", "--library", folder, *words)


def judge(evidence, tmp_path, verdict_of):
    path = tmp_path / "rows.jsonl"
    evidence("--export", path)
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("".join(json.dumps(row | {"verdict": verdict_of(row)}) + "\n" for row in rows), encoding="utf-8")
    evidence("--import", path)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_without_verdicts_it_says_what_is_missing(evidence):
    outcome = evidence("--retrain")
    assert (outcome.code, outcome.out) == (1, "")
    assert "0 judged pairs" in outcome.err


def test_verdicts_teach_a_candidate_that_is_told_of_used_and_undone(evidence, tmp_path, home, package):
    judge(evidence, tmp_path, lambda row: "accepted" if row["gene"] == "MLH1" else "rejected")
    known = content(shutil.copytree(package, home / "tagger"))
    outcome = evidence("--retrain")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0].startswith("learnt from 24 judged pairs (12 right, 12 wrong) of 12 papers")
    assert [line.split()[0] for line in lines[3:6]] == ["event", "gene+status", "gene+sign"]
    assert "with those of other papers" in lines[6]
    assert lines[-1].startswith("Nothing has been changed yet.")
    assert content(home / "tagger") == known
    used = evidence("--use")
    assert (used.code, "--undo" in used.out) == (0, True)
    assert content(home / "tagger").keys() == known.keys()
    assert content(home / "tagger") != known
    assert evidence("--undo").code == 0
    assert content(home / "tagger") == known
    assert evidence("--undo").code == 1


def test_a_worse_candidate_is_called_so_and_taken_only_when_asked(evidence, tmp_path, home, monkeypatch):
    monkeypatch.setattr("seqmodels.tagger.recipes.results.TIMES", (100,))  # however much they spoil
    judge(evidence, tmp_path, lambda row: "rejected" if row["gene"] == "MLH1" else "accepted")
    outcome = evidence("--retrain")
    assert "worse on the folds" in outcome.out.splitlines()[-1]
    assert not (home / "tagger").exists()
    used = evidence("--use")
    assert (used.code, "worse on the folds" in used.err) == (0, True)


def test_use_without_a_candidate_says_how_to_make_one(evidence):
    outcome = evidence("--use")
    assert (outcome.code, "--retrain" in outcome.err) == (1, True)


def test_a_tagger_that_the_settings_name_is_not_taught_around(evidence, monkeypatch, tmp_path):
    monkeypatch.setenv("EPICITE_TAGGER", str(tmp_path / "named"))
    for word in ("--retrain", "--use"):
        assert "The settings name the tagger" in evidence(word).err
