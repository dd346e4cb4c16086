"""Every family loads, from scratch and from a folder, and what does not is named with the way out."""

import json
import re
import shutil

import pytest
import torch

from seqmodels import backbones
from seqmodels.backbones import UnreachableBackbone, load_backbone, new_backbone, recognised
from seqmodels.errors import ModelError
from seqmodels.families import FAMILIES, UnknownBackbone, family_named
from seqmodels.tokens import owners, token_ids

DNA = ["ACGTTGCAAGCTTACGGATCNACGT", "GATTACA" * 5]
INPUTS = {"dna": DNA, "protein": ["MKTAYIAKQR", "GAVLI"], "text": ["p16 is methylated", "No."]}
READERS = [name for name, family in FAMILIES.items() if family.reads != "genotypes"]


def letters_of(family) -> list[str]:
    windows = [letters * 3 for letters in DNA]
    return [letters[:41] for letters in windows] if family.name == "sitenet" else INPUTS[family.reads]


def first_task(name: str) -> str:
    return next(iter(FAMILIES[name].classes))


def labels_bases(family) -> bool:
    return family.reads == "dna" and "token_label" in family.classes


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A tiny model of a family with a head for a task, and the folder that it is saved in."""

    def make(name: str, task: str):
        torch.manual_seed(0)
        family = family_named(name)
        made = new_backbone(family, task, "tiny", {}, DNA)
        folder = tmp_path_factory.mktemp(name)
        made.model.save_pretrained(folder)
        made.tokenizer.save_pretrained(folder)
        return made, folder

    return make


@pytest.mark.parametrize("name", READERS)
def test_a_saved_model_is_recognised_and_says_the_same(name, tiny):
    made, folder = tiny(name, first_task(name))
    again = load_backbone(recognised(str(folder)), first_task(name), str(folder))
    assert again.family is made.family
    assert not again.fresh
    letters = letters_of(made.family)
    assert token_ids(again, letters).values.tolist() == token_ids(made, letters).values.tolist()
    ids, real = token_ids(made, letters).padded(torch.arange(2), made.pad)
    with torch.inference_mode():
        before, after = (each.model.eval()(input_ids=ids, attention_mask=real.long()).logits for each in (made, again))
    torch.testing.assert_close(after, before)


@pytest.mark.parametrize("name", [name for name in READERS if FAMILIES[name].has_states])
def test_the_bare_encoder_has_states_for_every_token(name, tiny):
    made, folder = tiny(name, first_task(name))
    encoder = load_backbone(made.family, None, str(folder))
    ids, real = token_ids(encoder, letters_of(made.family)).padded(torch.arange(2), encoder.pad)
    states = encoder.model.eval()(input_ids=ids, attention_mask=real.long()).last_hidden_state
    assert states.shape == (*ids.shape, encoder.model.config.hidden_size)


@pytest.mark.parametrize(
    "name", [name for name in READERS if first_task(name) != "classify" and "classify" in FAMILIES[name].classes]
)
def test_a_new_head_on_a_known_encoder_is_all_that_is_new(name, tiny):
    family = FAMILIES[name]
    _, folder = tiny(name, first_task(name))
    loaded = load_backbone(family, "classify", str(folder), {"num_labels": 3})
    assert loaded.fresh
    assert all(set(family.heads) & set(parameter.split(".")) for parameter in loaded.fresh)
    with torch.inference_mode():
        ids, real = token_ids(loaded, letters_of(family)).padded(torch.arange(2), loaded.pad)
        assert loaded.model.eval()(input_ids=ids, attention_mask=real.long()).logits.shape == (2, 3)


@pytest.mark.parametrize("name", [name for name in READERS if labels_bases(FAMILIES[name])])
def test_every_base_has_a_token_that_covers_it(name, tiny):
    made, _ = tiny(name, "token_label")
    for sequence in DNA:
        ids = token_ids(made, [sequence]).row(0)
        owned = owners(made.tokenizer, ids, len(sequence)).tolist()
        assert owned == sorted(owned)
        texts = made.tokenizer.convert_ids_to_tokens(ids.tolist())
        for base, token in enumerate(owned):
            text = texts[token]
            assert text == made.tokenizer.unk_token or sequence[base] in text


def test_an_unknown_family_names_the_nearest():
    with pytest.raises(UnknownBackbone, match=re.escape("Did you mean dnabert2? The backbones are ")):
        family_named("dnabert-2")


def test_an_unknown_size_or_head_names_those_that_there_are():
    with pytest.raises(UnknownBackbone, match=re.escape("esm2 has no size 'xl'. Its sizes are tiny, 8m")):
        new_backbone(family_named("esm2"), "masked", "xl", {})
    with pytest.raises(UnknownBackbone, match="esm2 has no head for task next_token"):
        new_backbone(family_named("esm2"), "next_token", "tiny", {})


def test_a_setting_that_no_config_has_or_can_use_is_named():
    with pytest.raises(ModelError, match="esm2 cannot be built"):
        new_backbone(family_named("esm2"), "masked", "tiny", {"num_attention_heads": 5})


def test_a_model_of_another_family_is_told_apart(tiny):
    _, folder = tiny("esm2", "masked")
    with pytest.raises(ModelError, match=re.escape("is a model of family esm2, not bert. Say model=esm2")):
        load_backbone(family_named("bert"), "masked", str(folder))


def test_kinds_of_one_architecture_are_told_apart_by_their_vocabulary(tiny):
    for name in ("esm2", "nucleotide-transformer", "bert"):
        assert recognised(str(tiny(name, "masked")[1])).name == name


def test_the_published_dnabert2_is_recognised_though_it_calls_itself_bert(tmp_path):
    config = {"model_type": "bert", "alibi_starting_size": 512, "vocab_size": 4096, "auto_map": {"AutoModel": "x.X"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert recognised(str(tmp_path)).name == "dnabert2"


def test_a_folder_without_a_model_says_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(UnreachableBackbone, match=re.escape("it holds notes.txt. A folder has config.json")):
        recognised(str(tmp_path))


def test_weights_of_another_shape_are_not_taken_for_a_head(tiny, tmp_path):
    _, folder = tiny("esm2", "masked")
    broken = shutil.copytree(folder, tmp_path / "broken")
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps({**config, "hidden_size": 64, "intermediate_size": 128}))
    with pytest.raises(ModelError, match="none of its values"):
        load_backbone(family_named("esm2"), "masked", str(broken))


def test_damaged_weights_are_named(tiny, tmp_path):
    _, folder = tiny("esm2", "masked")
    broken = shutil.copytree(folder, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot be read"):
        load_backbone(family_named("esm2"), "masked", str(broken))


def test_without_a_network_a_hub_id_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(backbones, "_hub_is_known", lambda: False)
    with pytest.raises(UnreachableBackbone, match="the model hub is not reached"):
        load_backbone(family_named("bert"), "masked", "no-one/has-this")


def test_a_sequence_that_is_too_long_is_refused_with_its_length(tiny):
    made, _ = tiny("bert", "masked")
    with pytest.raises(ModelError, match="Row 2 has 602 tokens"):
        token_ids(made, ["gene", "gene " * 600])
