"""A run that was killed and gone on with ends with the weights, scores and figures of one that never stopped."""

import shutil

import pytest
import torch

from seqmodels.train.module import Training

OVERRIDES = (
    "model=dnabert2", "model.size=tiny", "+model.settings.hidden_dropout_prob=0.3", "task=classify", "data=csv",
    "fit.reverse_complement=true", "fit.accumulate=2", "fit.steps=12", "fit.validate_every=4",
    "fit.schedule=cosine", "split.validation=0.2",
)  # fmt: skip


class Killed(Exception):
    """Stands for a process that ends without a word."""


@pytest.fixture
def kill_at(monkeypatch):
    def kill(hook, step):
        whole = getattr(Training, hook)

        def dying(self, *arguments):
            if self.trainer.global_step == step:
                raise Killed
            return whole(self, *arguments)

        monkeypatch.setattr(Training, hook, dying)

    return kill


@pytest.fixture(scope="module")
def whole(train_in, windows, tmp_path_factory):
    """The run that never stopped; not to be changed."""
    return train_in(tmp_path_factory.mktemp("whole") / "run", *OVERRIDES, f"data.path={windows}")


@pytest.mark.parametrize(
    ("hook", "step", "every"),
    [
        ("training_step", 2, "null"),  # before the first checkpoint
        ("training_step", 6, "null"),
        ("training_step", 9, "2"),
        ("on_validation_epoch_end", 8, "4"),
        ("on_validation_epoch_end", 12, "null"),
    ],
)
def test_killed_anywhere_it_ends_as_it_would_have(run, windows, whole, kill_at, monkeypatch, hook, step, every):
    overrides = (*OVERRIDES, f"data.path={windows}", f"fit.checkpoint_every={every}")
    with monkeypatch.context():
        kill_at(hook, step)
        with pytest.raises(Killed):
            run(*overrides)
        monkeypatch.undo()
    again = run(*overrides)
    last, reference = (torch.load(done.last, weights_only=True) for done in (again, whole))
    assert last["global_step"] == reference["global_step"] == 12
    for name, weight in reference["state_dict"].items():
        assert torch.equal(last["state_dict"][name], weight), name
    assert again.scores == whole.scores
    assert (again.folder / "metrics.csv").read_text() == (whole.folder / "metrics.csv").read_text()


def test_killed_after_training_only_the_end_is_done_again(run, windows, whole, monkeypatch, tmp_path):
    folder = shutil.copytree(whole.folder, tmp_path / "run")
    (folder / "card.json").unlink()
    monkeypatch.setattr(Training, "training_step", lambda *_: pytest.fail("trained again"))
    assert run(*OVERRIDES, f"data.path={windows}").card == whole.card


def test_a_run_that_never_reached_a_checkpoint_may_be_given_up_for_another(run, windows, kill_at, monkeypatch):
    kill_at("training_step", 0)
    with pytest.raises(Killed):
        run(*OVERRIDES, f"data.path={windows}")
    monkeypatch.undo()
    assert run(*OVERRIDES, f"data.path={windows}", "fit.steps=4").card["steps"] == 4
