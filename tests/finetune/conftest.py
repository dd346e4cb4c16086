"""A language model small enough to be trained in a test, from Epicite's own tokenizer and texts."""

import pytest

SHAPE = {"vocabulary": 700, "width": 32, "layers": 2, "heads": 2, "key_heads": 1, "inner": 48, "context": 2048}


@pytest.fixture(scope="session")
def tokenizer():
    from finetune.base.texts import build, said
    from finetune.base.tokenizer import trained_tokenizer

    return trained_tokenizer(map(said, build(150)), SHAPE["vocabulary"])


@pytest.fixture(scope="session")
def small(tokenizer, tmp_path_factory):
    """The folder of an untrained model."""
    import torch

    from finetune.base.model import Shape, untrained

    torch.manual_seed(0)
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("small")
    untrained(Shape(**SHAPE), tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def overrides(small):
    """What makes a run of seconds."""
    return [
        "data=tool_use",
        f"model.name={small}",
        "data.count=24",
        "data.held_out=4",
        "lora.rank=8",
        "lora.dropout=0.1",
        "fit.batch_size=4",
        "fit.learning_rate=1.0e-2",
        "fit.steps=4",
        "evaluation.rows=0",
        "evaluation.every=2",
        "trainer.threads=1",
    ]
