"""The tagger at work on any text, with a small untrained model: spans hold, neighbours change nothing."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqmodels.backbones import new_backbone
from seqmodels.errors import ModelError
from seqmodels.families import family_named
from seqmodels.tagger.rows import WindowRows
from seqmodels.tagger.tagged import Tagged
from seqmodels.tagger.tagger import Tagger
from seqmodels.tagger.windows import name_windows
from seqmodels.train.head import Head
from seqmodels.train.saved import Trained, save_trained

ABSTRACT = (
    "Silencing of p16 in gastric cancer.\n"
    "Hypermethylation of p16 and E-cadherin (CDH1) was seen; MLH1 was not methylated in AGS cells. "
)
TEXTS = st.text(
    st.sampled_from("p16 MLH1 methylated.β甲基化ﬁ\n\x00()-é") | st.characters(exclude_categories=("Cs",)), max_size=80
)


def untrained(name: str, crf: bool = False) -> Trained:
    torch.manual_seed(0)
    head = WindowRows(()).head(())
    backbone = new_backbone(family_named(name), "token_label", "tiny", {"crf": crf, **head.settings()})
    for weight in backbone.model.parameters():
        if weight.ndim > 1:
            torch.nn.init.normal_(weight, std=0.3)
    return Trained(backbone, "token_label", head)


@pytest.fixture(scope="module", params=[("tagger", False), ("tagger", True), ("bilstm", True)], ids=str)
def tagger(request):
    """A tagger that says anything of anything."""
    return Tagger(untrained(*request.param), least=0.0)


@given(texts=st.lists(TEXTS, max_size=4))
@settings(deadline=None, max_examples=15)
def test_everything_said_stands_in_the_text(tagger, texts):
    for text, tagged in zip(texts, tagger.tag(texts), strict=True):
        said = [*tagged.names, *(span for each in tagged.methylation for span in (each.trigger, each.gene, each.site))]
        for span in filter(None, said):
            assert text[span.start : span.end] == span.text
            assert span.text.strip()


def test_what_stands_beside_a_text_changes_nothing(tagger, monkeypatch):
    # Products in bfloat16 differ a little by their shape, and an untrained model is on the edge everywhere.
    monkeypatch.setattr(tagger, "_in_bfloat16", lambda: False)
    texts = [ABSTRACT, "p16 is methylated.", "", ABSTRACT * 5]
    together = tagger.tag(texts)
    for text, tagged in zip(texts, together, strict=True):
        [alone] = tagger.tag([text])
        assert alone.names == tagged.names
        for one, other in zip(alone.methylation, tagged.methylation, strict=True):
            assert (one.trigger, one.gene, one.status) == (other.trigger, other.gene, other.status)
            assert one.score == pytest.approx(other.score, abs=1e-4)


def test_given_genes_alone_are_what_events_are_of(tagger):
    genes = [(ABSTRACT.index("MLH1"), ABSTRACT.index("MLH1") + 4)]
    [tagged] = tagger.tag([ABSTRACT], [genes])
    assert {each.gene.text for each in tagged.methylation} == {"MLH1"}
    assert [each.trigger.text for each in tagged.methylation] == ["Hypermethylation", "methylated"]
    assert tagger.tag([ABSTRACT], [[]])[0].methylation == ()


def test_a_text_that_does_not_speak_of_methylation_has_no_events(tagger):
    [tagged] = tagger.tag(["p16 is a tumour suppressor in gastric cancer."], [[(0, 3)]])
    assert tagged.methylation == ()


def test_where_methylation_alone_is_asked_for_other_texts_are_not_read(tagger):
    texts = ["p16 is a tumour suppressor in gastric cancer.", ABSTRACT, ""]
    silent, speaking, empty = tagger.tag_methylation(texts)
    assert silent == empty == Tagged((), ())
    assert [speaking] == tagger.tag([ABSTRACT])


def test_a_long_paragraph_without_any_full_stop_is_read_to_its_end():
    tagger = Tagger(untrained("bilstm"), least=0.0)
    text = "CDH1 beta catenin " * 3000 + "methylated p16"
    [tagged] = tagger.tag([text], [[(len(text) - 3, len(text))]])
    assert [each.gene.text for each in tagged.methylation] == ["p16"]
    assert max(name.end for name in tagged.names) > len(text) - 40


def test_a_saved_tagger_says_the_same(tmp_path):
    trained = untrained("tagger", crf=True)
    save_trained(tmp_path / "model", trained)
    one, other = Tagger(trained, 0.0), Tagger.open(tmp_path / "model", 0.0)
    assert other.tag([ABSTRACT]) == one.tag([ABSTRACT])


def test_an_adapter_on_the_bundled_encoder_says_the_same_merged_and_is_small(tmp_path, abstracts, tokenizer):
    from seqmodels.tagger.tracks import GENE
    from seqmodels.train.adapters import WEIGHTS
    from seqmodels.train.config import compose
    from seqmodels.train.saved import load_trained
    from seqmodels.train.training import train

    windows = list(name_windows(abstracts, {GENE: {"Protein": "gene"}}, tokenizer))
    data = ("task=token_label", "data=conll", "data.path=own", "fit.steps=3", "fit.batch_size=2", "plots=false")
    model = ("model=tagger", "model.pretrained=all-MiniLM-L6-v2", "model.settings={crf: true}", "lora.rank=32")
    many = ("split.validation=0.5", "fit.learning_rate=1e-2", "trainer.progress=false")
    first = train(compose([*data, *model, *many, f"run={tmp_path / 'first'}"]), WindowRows(windows * 2))
    assert (first.model / WEIGHTS).stat().st_size < 10 * 2**20
    text = abstracts[0].text
    apart, together = Tagger(load_trained(str(first.folder)), 0.0), Tagger.open(first.folder, 0.0)
    assert apart.tag([text])[0].names == together.tag([text])[0].names
    again = train(
        compose([*data, *model, *many, f"run={tmp_path / 'second'}", f"lora.start={first.folder}", "fit.steps=1"]),
        WindowRows(windows * 2),
    )
    start, gone_on = (dict(load_trained(str(run.folder)).backbone.model.named_parameters()) for run in (first, again))
    moved = [float((start[name] - gone_on[name]).abs().max()) for name in start if "original_module" not in name]
    assert 0 < max(moved) < 0.03, "it went on from there, by one step"


def test_weights_of_pairs_decide_what_is_told():
    trained = untrained("bilstm")
    genes = [(ABSTRACT.index(name), ABSTRACT.index(name) + len(name)) for name in ("p16", "MLH1")]
    for bias, told in ((9.0, True), (-9.0, False)):
        notes = {"least": 0.5, "pairs": {"bias": bias, "weights": {"model": 0.0}}}
        [tagged] = Tagger(replace(trained, notes=notes)).tag([ABSTRACT], [genes])
        assert bool(tagged.methylation) is told
        assert all(each.score == pytest.approx(1, abs=1e-3) for each in tagged.methylation)


def test_a_model_of_other_tags_is_refused():
    head = Head("tags", ("O", "B-gene", "I-gene"))
    backbone = new_backbone(family_named("tagger"), "token_label", "tiny", head.settings())
    with pytest.raises(ModelError, match="not what a tagger of papers does"):
        Tagger(Trained(backbone, "token_label", head))
