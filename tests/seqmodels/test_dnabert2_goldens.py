"""Outputs of a tiny DNABERT-2 with weights from a formula, so that a clone alone notices a changed forward pass.

They were written when every array of the original code was met (test_dnabert2.py):
`PYTHONPATH=. python tests/seqmodels/test_dnabert2_goldens.py` writes them anew.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from seqmodels.dnabert2 import DNABert2Config, DNABert2ForMaskedLM, DNABert2ForSequenceClassification

GOLDENS = Path(__file__).parent / "goldens" / "dnabert2.safetensors"
PAD = 3


def with_formula_weights(kind):
    """Weights that no random generator has a hand in."""
    sizes = {"vocab_size": 12, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3}
    model = kind(DNABert2Config(**sizes, intermediate_size=20, num_labels=3)).eval()
    with torch.no_grad():
        for number, (name, weight) in enumerate(sorted(model.named_parameters())):
            wave = torch.sin(torch.arange(weight.numel(), dtype=torch.float64) * (1.3 + 0.37 * number) + number)
            norm = name.lower().endswith("layernorm.weight")
            weight.copy_((1 + 0.2 * wave if norm else 0.4 * wave).view_as(weight))
    return model


def outputs():
    """What the models give for three sequences, one of them padded and one padded inside the other."""
    ids = torch.tensor(
        [[1, 5, 6, 7, 8, 9, 10, 11, 2], [1, 8, 0, 4, 2, PAD, PAD, PAD, PAD], [PAD, PAD, 1, 7, 7, 2, PAD, PAD, PAD]]
    )
    mask = (ids != PAD).long()
    language, classifier = map(with_formula_weights, (DNABert2ForMaskedLM, DNABert2ForSequenceClassification))
    with torch.no_grad():
        states = language.bert(ids, mask, output_attentions=True)
        return {
            "states": states.last_hidden_state,
            "maps": states.attentions[1][0].contiguous(),
            "masked_logits": language(ids, mask).logits,
            "sequence_logits": classifier(ids, mask).logits,
        }


def test_outputs_are_what_they_were():
    known = load_file(GOLDENS)
    found = outputs()
    assert found.keys() == known.keys()
    for name, array in found.items():
        torch.testing.assert_close(array, known[name], atol=2e-5, rtol=0, msg=lambda text, name=name: f"{name}: {text}")


def test_the_goldens_would_notice_each_weight():
    # A weight whose loss changes nothing would not be held by them.
    known = load_file(GOLDENS)["masked_logits"]
    model = with_formula_weights(DNABert2ForMaskedLM)
    ids = torch.tensor([[1, 5, 6, 7, 8, 9, 10, 11, 2]])
    for name, weight in model.named_parameters():
        kept = weight.data.clone()
        weight.data.fill_(float(name.lower().endswith("layernorm.weight")))
        with torch.no_grad():
            assert (model(ids).logits - known[:1]).abs().max() > 1e-3, name
        weight.data.copy_(kept)


if __name__ == "__main__":
    GOLDENS.parent.mkdir(exist_ok=True)
    save_file(outputs(), GOLDENS)
