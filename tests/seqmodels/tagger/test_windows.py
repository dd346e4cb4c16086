"""What is learnt from an annotated abstract: its names, and around each trigger the genes that it is said of."""

import numpy as np
import pytest

from seqmodels.data.conll import Sentence, TaggedSentences
from seqmodels.tagger.tracks import CANCER, GENE_OF_BC2GM, GENE_OF_EPI, MARKED, SITE, SPECULATED, THEME, TRACKS
from seqmodels.tagger.windows import AS_GENE, AS_TRIGGER, event_windows, name_windows, sentence_windows

NUMBER = {track: at for at, track in enumerate(TRACKS)}
KINDS = {GENE_OF_EPI: {"Protein": "gene"}, CANCER: {"Cancer": "cancer"}}


def labelled(window, track) -> dict[str, str]:
    """Words with the tags that a track knows of them."""
    labels = window.labels[:, NUMBER[track]]
    return {
        f"{at}:{word}": TRACKS[track][label]
        for at, (word, label) in enumerate(zip(window.words, labels, strict=True))
        if label >= 0
    }


def test_names_are_tagged_and_what_a_corpus_does_not_say_is_unknown(abstracts, tokenizer):
    [window] = name_windows(abstracts[:1], KINDS, tokenizer)
    genes = labelled(window, GENE_OF_EPI)
    assert [name.partition(":")[2] for name, tag in genes.items() if tag == "B-gene"] == [
        "p16", "p16", "E", "CDH1", "MLH1",
    ]  # fmt: skip
    assert [name.partition(":")[2] for name, tag in genes.items() if tag == "I-gene"] == ["-", "cadherin"]
    assert len(genes) == len(window.words)
    assert list(labelled(window, CANCER).values()).count("I-cancer") == 1
    assert not labelled(window, THEME)


def test_each_trigger_has_a_window_in_which_its_genes_are_judged(abstracts, tokenizer):
    hyper, denied, supposed = event_windows(abstracts[:1], tokenizer, others=False)
    for window, word in ((hyper, "Hypermethylation"), (denied, "methylated"), (supposed, "methylated")):
        assert window.words[int(np.flatnonzero(window.marks == AS_TRIGGER)[0])] == word
    themes = {name.partition(":")[2]: tag for name, tag in labelled(hyper, THEME).items()}
    assert themes["p16"] == "asserted"
    assert themes["E"] == "asserted"
    assert themes["MLH1"] == "none"
    assert "CDH1" not in themes, "another name of a theme is neither right nor wrong"
    assert [tag for name, tag in labelled(denied, THEME).items() if name.endswith("MLH1")] == ["negated"]
    assert [tag for name, tag in labelled(supposed, THEME).items() if name.endswith("MLH1")] == ["asserted"]
    assert list(labelled(supposed, SPECULATED).values()) == ["yes"]
    assert set(labelled(denied, SPECULATED).values()) == {"no"}
    assert list(labelled(hyper, MARKED).values()) == ["DNA"]
    assert set(labelled(hyper, SITE).values()) == {"O"}
    marked = [word for word, mark in zip(hyper.words, hyper.marks, strict=True) if mark == AS_GENE]
    assert marked == ["p16", "p16", "E", "-", "cadherin", "CDH1", "MLH1"]


def test_the_methylation_of_a_histone_is_told_apart(abstracts, tokenizer):
    [window] = event_windows(abstracts[1:], tokenizer, others=False)
    assert list(labelled(window, MARKED).values()) == ["protein"]
    assert [tag for name, tag in labelled(window, THEME).items() if name.endswith("histone")] == ["none", "asserted"][
        1:
    ]
    assert not labelled(window, SITE)


def test_other_events_teach_what_a_theme_is(abstracts, tokenizer):
    document = abstracts[1]
    renamed = [type(each)(**{**vars(each), "kind": "Binding"}) for each in document.events]
    other = type(document)(**{**vars(document), "events": tuple(renamed)})
    [window] = event_windows([other], tokenizer, others=True)
    assert not labelled(window, MARKED)
    assert "asserted" in labelled(window, THEME).values()


def test_a_sentence_of_a_column_file_teaches_its_own_track_alone():
    sentence = Sentence(("p53", "gene", "in", "yeast"), ("B-GENE", "I-GENE", "O", "B-SPECIES"), 0, 1)
    data = TaggedSentences((sentence,), ("O", "B-GENE", "I-GENE", "B-SPECIES"), "IOB2")
    [window] = sentence_windows(data, GENE_OF_BC2GM, {"GENE": "gene"}, "bc2gm")
    assert list(labelled(window, GENE_OF_BC2GM).values()) == ["B-gene", "I-gene", "O", "O"]
    assert not labelled(window, GENE_OF_EPI)


@pytest.mark.parametrize("family", ["tagger", "bilstm"])
def test_windows_are_rows_that_a_tagger_learns_from(abstracts, tokenizer, family):
    import torch

    from seqmodels.backbones import new_backbone
    from seqmodels.families import family_named
    from seqmodels.tagger.rows import WindowRows

    windows = [*name_windows(abstracts, KINDS, tokenizer), *event_windows(abstracts, tokenizer, others=False)]
    rows = WindowRows(windows)
    head = rows.head(())
    assert head.tracks == dict(TRACKS)
    torch.manual_seed(0)
    backbone = new_backbone(family_named(family), "token_label", "tiny", head.settings())
    examples = rows.examples(backbone, head, both_strands=False)
    batch = examples.batch(torch.arange(len(rows)))
    assert batch["labels"].shape == (*batch["input_ids"].shape, len(TRACKS))
    assert batch["characters"].shape[:2] == batch["marks"].shape == batch["words"].shape
    model = backbone.model.train()
    weights = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(25):
        loss = model(**batch).loss
        weights.zero_grad()
        loss.backward()
        weights.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 2
    assert (batch["labels"] >= 0).sum() == sum(int((window.labels >= 0).sum()) for window in windows)
