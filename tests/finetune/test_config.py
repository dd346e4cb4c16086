"""Every choice composes, and what is wrong is said before anything is loaded."""

import pytest

from finetune.config import CONFIGS, compose
from finetune.errors import ConfigError
from finetune.fitting import _arguments
from finetune.recipes import names, steps

ADAPT = ["model.name=somewhere"]


def choices(group):
    return sorted(path.stem for path in (CONFIGS / group).glob("*.yaml"))


@pytest.mark.parametrize("data", choices("data"))
def test_data_of_every_kind_composes(data):
    beside = ["data.path=rows.jsonl"] if data in ("messages", "sharegpt", "alpaca") else []
    assert compose([*ADAPT, f"data={data}", *beside]).data.name == data


@pytest.mark.parametrize("trainer", choices("trainer"))
def test_every_machine_composes(trainer):
    assert compose([*ADAPT, "data=tool_use", f"trainer={trainer}"]).trainer.device == (
        "cpu" if trainer == "cpu" else "gpu"
    )


def test_a_quantized_base_is_a_choice_of_models():
    assert compose([*ADAPT, "data=tool_use", "model=quantized", "trainer=gpu"]).model.quantize == "4bit"


def test_a_run_from_scratch_trains_all_weights_of_the_small_model():
    config = compose(["task=base"])
    assert (config.model.name, config.lora.rank, config.data.name) == (None, None, "base")


def test_trl_is_told_what_the_configuration_says(tmp_path):
    config = compose(
        [*ADAPT, "data=tool_use", f"run={tmp_path}", "fit.batch_size=8", "fit.accumulate=4", "fit.steps=7"]
    )
    told = _arguments(config)
    assert (told.per_device_train_batch_size, told.gradient_accumulation_steps, told.max_steps) == (2, 4, 7)
    assert (told.bf16, told.use_cpu, told.packing) == (False, True, False)
    assert told.report_to == []


@pytest.mark.parametrize("recipe", names())
def test_every_step_of_a_recipe_composes(recipe, tmp_path):
    told = steps(recipe, tmp_path)
    assert [step.name for step in told][-1] == "merge"
    assert all(compose(step.words).folder.parent == tmp_path for step in told[:-1])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["data=tool_use"], "model.name must be given"),
        ([*ADAPT], "data.path must be given"),
        ([*ADAPT, "data=tool_use", "lora.rank=0"], "lora.rank=0"),
        ([*ADAPT, "data=tool_use", "lora.rank=null"], "needs lora.rank"),
        ([*ADAPT, "data=tool_use", "fit.step=3"], "fit.step"),
        ([*ADAPT, "data=toys"], "data/toys"),
        (["model=small", "data=tool_use"], "has no weights yet"),
    ],
)
def test_what_is_missing_or_unknown_is_named(words, complaint):
    with pytest.raises(ConfigError, match=complaint):
        compose(words)


def test_an_unknown_recipe_names_those_that_there_are(tmp_path):
    with pytest.raises(ConfigError, match="There are full, smoke"):
        steps("quick", tmp_path)
