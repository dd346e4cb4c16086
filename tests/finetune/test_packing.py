"""Rows in one pack do not see each other: their loss is what it is alone."""

import pytest
import torch

from finetune.errors import LeakingPacks
from finetune.packing import check_packing


def model_of(small, attention):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(small, attn_implementation=attention, dtype=torch.float32)


@pytest.fixture(scope="module")
def rows(tokenizer):
    from finetune.data import tool_use
    from finetune.data.reading import made_rows
    from finetune.tokens import examples

    return examples(made_rows(tool_use, 12, 0), tokenizer, "all", 512)


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_the_loss_of_packs_is_that_of_their_rows(small, rows, attention):
    from datasets import Dataset
    from trl.data_utils import pack_dataset
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    told = Dataset.from_dict(
        {"input_ids": [list(one.ids) for one in rows], "labels": [list(one.labels) for one in rows]}
    )
    packs = pack_dataset(told, 1024, "bfd")
    assert len(packs) < len(rows)
    collate = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)
    model = model_of(small, attention).eval()

    def loss(inputs):
        labels = inputs.pop("labels")
        with torch.no_grad():
            logits = model(**{name: inputs[name] for name in ("input_ids", "position_ids")}, use_cache=False).logits
        return torch.nn.functional.cross_entropy(
            logits[0, :-1].double(), labels[0, 1:], ignore_index=-100, reduction="sum"
        )

    packed = sum(loss(collate([pack])) for pack in packs)
    alone = sum(loss(collate([row])) for row in told)
    torch.testing.assert_close(packed, alone, rtol=1e-6, atol=0)
    assert packed > 0


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_a_model_that_keeps_packs_apart_is_taken(small, attention):
    model = model_of(small, attention).train()
    check_packing(model, 700)
    assert model.training


def test_a_model_that_mixes_packs_is_refused_before_training(small):
    model = model_of(small, "sdpa")

    class Forgetful(torch.nn.Module):
        """Reads on as if one row followed the other."""

        def __init__(self):
            super().__init__()
            self.inner = model

        def forward(self, input_ids, position_ids=None, use_cache=None):
            return self.inner(input_ids=input_ids, use_cache=use_cache)

    with pytest.raises(LeakingPacks, match=r"Set fit\.packing=false"):
        check_packing(Forgetful(), 700)
