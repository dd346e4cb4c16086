"""The recipe from corpora to judged folds, on a few abstracts of our own."""

import gzip
import json

import pytest

from seqmodels.tagger.recipes.results import pooled, read_results
from seqmodels.tagger.recipes.sets import CG, CG_HELD_OUT, EPI, SENTENCES, folds_of
from seqmodels.tagger.recipes.training import Recipe
from seqmodels.tagger.scoring import dna_events
from seqmodels.tagger.standoff import read_standoff
from seqmodels.tagger.tracks import TRACKS
from tests.seqmodels.tagger.conftest import RECORDS

SMALL = (
    *("model.size=tiny", "trainer.precision=32-true", "trainer.progress=false"),
    *("fit.steps=2", "fit.batch_size=4", "fit.checkpoint_every=null"),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with the corpora's names, whose abstracts are ours, numbered."""
    folder = tmp_path_factory.mktemp("data")
    for name, kind in ((EPI, "Protein"), (CG, "Gene_or_gene_product"), (CG_HELD_OUT, "Gene_or_gene_product")):
        path = folder / f"{name}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        records = [
            {**record, "pmid": f"{record['pmid']}{number}", "a1": record["a1"].replace("Protein", kind)}
            for number in range(8)
            for record in RECORDS
        ]
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            lines.writelines(json.dumps(record) + "\n" for record in records)
    for each in SENTENCES:
        path = folder / "conll" / each.name / "train.tsv.gz"
        path.parent.mkdir(parents=True)
        [kind] = each.kinds
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            lines.writelines(f"The\tO\np{number}\tB-{kind}\nis\tO\n\n" for number in range(12))
    return folder


def test_folds_share_no_abstract_and_each_has_events(data):
    epi = read_standoff(data / f"{EPI}.jsonl.gz")
    held_out = [row for fold in folds_of(epi) for row in fold.validation.tolist()]
    assert sorted(held_out) == list(range(len(epi)))
    assert all(any(dna_events(epi[row]) for row in fold.validation) for fold in folds_of(epi))


def test_a_fold_is_trained_on_the_others_and_judged_once(data, tmp_path):
    recipe = Recipe(data, tmp_path / "runs", "bilstm-crf", SMALL)
    names = recipe.names()
    assert names.finished
    for _ in range(2):
        run = recipe.fold(1)
        assert run.finished
    rows = list(read_results(tmp_path / "runs" / "scores.jsonl"))
    assert [row["setting"] for row in rows] == ["gold genes", "raw text", "CG devel"]
    assert {row["fold"] for row in rows} == {1}
    assert pooled(rows[:1]).counts[:, 0, 1].sum() > 0
    held_out = folds_of(read_standoff(data / f"{EPI}.jsonl.gz"))[1].validation
    assert rows[0]["abstracts"] == len(held_out)


def test_no_abstract_of_epi_teaches_names(data):
    from seqmodels.tagger.recipes.sets import windows_of_names
    from seqmodels.tagger.recipes.training import _tokenizer

    windows = windows_of_names(data, _tokenizer())
    at = list(TRACKS).index("gene_epi")
    assert windows
    assert all((window.labels[:, at] == -100).all() for window in windows)
