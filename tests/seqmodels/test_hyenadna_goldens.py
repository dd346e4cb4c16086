"""Outputs of a tiny HyenaDNA with weights from a formula, so that a clone alone notices a changed forward pass.

They were written when every array of the original code was met (test_hyenadna_parity.py):
`PYTHONPATH=. python tests/seqmodels/test_hyenadna_goldens.py` writes them anew.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from seqmodels.hyenadna import HyenaDNAConfig, HyenaDNAForCausalLM, HyenaDNAForSequenceClassification

GOLDENS = Path(__file__).parent / "goldens" / "hyenadna.safetensors"
PAD = 4
IDS = torch.tensor([[7, 8, 9, 10, 11, 7, 7, 10, 1], [9, 6, 8, 1, PAD, PAD, PAD, PAD, PAD]])


def with_formula_weights(kind, **settings):
    """Weights that no random generator has a hand in."""
    sizes = {"d_model": 8, "n_layer": 2, "d_inner": 12, "max_seq_len": 12, "filter_order": 6}
    model = kind(HyenaDNAConfig(**{**sizes, "num_labels": 3, "tie_word_embeddings": False, **settings})).eval()
    with torch.no_grad():
        for number, (name, weight) in enumerate(sorted(model.named_parameters())):
            wave = torch.sin(torch.arange(weight.numel(), dtype=torch.float64) * (1.3 + 0.37 * number) + number)
            around = 1.0 if is_norm(name) else 2.0 if name.endswith("freq") else 0.0
            weight.copy_((around + (0.2 if around else 0.5) * wave).view_as(weight))
    return model


def is_norm(name):
    return name.endswith(("norm1.weight", "norm2.weight", "ln_f.weight"))


def outputs():
    """What the models give for two sequences, one of them padded."""
    mask = (IDS != PAD).long()
    language = with_formula_weights(HyenaDNAForCausalLM)
    classifier = with_formula_weights(HyenaDNAForSequenceClassification, bidirectional=True, pooling="centre")
    with torch.no_grad():
        return {
            "states": language.hyena(IDS, mask).last_hidden_state,
            "logits": language(IDS, mask).logits,
            "sequence_logits": classifier(IDS, mask).logits,
        }


def test_outputs_are_what_they_were():
    known = load_file(GOLDENS)
    found = outputs()
    assert found.keys() == known.keys()
    for name, array in found.items():
        torch.testing.assert_close(array, known[name], atol=2e-5, rtol=0, msg=lambda text, name=name: f"{name}: {text}")


def test_the_goldens_would_notice_each_weight():
    # A weight whose loss changes nothing would not be held by them.
    known = load_file(GOLDENS)["logits"]
    model = with_formula_weights(HyenaDNAForCausalLM)
    for name, weight in model.named_parameters():
        kept = weight.data.clone()
        weight.data.fill_(float(is_norm(name)))
        with torch.no_grad():
            assert (model(IDS).logits[:1] - known[:1]).abs().max() > 1e-3, name
        weight.data.copy_(kept)


if __name__ == "__main__":
    GOLDENS.parent.mkdir(exist_ok=True)
    save_file(outputs(), GOLDENS)
