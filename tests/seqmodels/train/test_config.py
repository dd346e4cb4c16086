"""A configuration is complete and possible before anything is loaded."""

import pytest

from seqmodels.train.config import compose
from seqmodels.train.errors import ConfigError

GOOD = ["model=esm2", "task=classify", "data=csv", "data.path=a.csv"]


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        (GOOD[:3], "data.path must be given. Add data.path=VALUE."),
        (GOOD[1:], "You must specify 'model'"),
        (["model=esm", *GOOD[1:]], "Could not find 'model/esm'"),
        ([*GOOD, "fit.epoch=1"], "Could not override 'fit.epoch'"),
        ([*GOOD, "+fit.epoch=1"], "fit.epoch is no setting"),
        ([*GOOD, "fit.epochs=0"], "fit.epochs=0: input should be greater than or equal to 1"),
        ([*GOOD, "split.validation=1.5"], "split.validation=1.5: input should be less than 1"),
        ([*GOOD, "data.missing=guess"], "data.missing='guess': input should be 'refuse' or 'skip'"),
        ([*GOOD, "fit.batch_size=7", "fit.accumulate=2"], "fit.batch_size=7 is not a multiple of fit.accumulate=2"),
        ([*GOOD, "fit.epochs=[1"], "no viable alternative at input '[1'"),
    ],
)
def test_what_is_missing_unknown_or_impossible_is_named(overrides, complaint):
    with pytest.raises(ConfigError) as raised:
        compose(overrides)
    assert complaint in str(raised.value)


@pytest.mark.parametrize(
    ("trainer", "expected"),
    [("cpu", ("cpu", 1, "auto", "32-true")), ("gpu", ("gpu", 1, "auto", "bf16-mixed")),
     ("ddp", ("gpu", -1, "ddp", "bf16-mixed")), ("fsdp", ("gpu", -1, "fsdp", "bf16-mixed"))],
)  # fmt: skip
def test_each_machine_is_a_choice(trainer, expected):
    found = compose([*GOOD, f"trainer={trainer}"]).trainer
    assert (found.accelerator, found.devices, found.strategy, found.precision) == expected


def test_the_fingerprint_holds_what_makes_the_result_and_nothing_else():
    mark = compose(GOOD).fingerprint()
    assert compose([*GOOD, "run=elsewhere", "trainer=gpu", "plots=false"]).fingerprint() == mark
    assert compose([*GOOD, "seed=1"]).fingerprint() != mark
    assert compose([*GOOD, "fit.learning_rate=1e-3"]).fingerprint() != mark
