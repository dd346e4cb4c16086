"""Pre-training on any FASTA: from scratch, continued, and as a start for fine-tuning."""

import json
import random

import pytest
import torch

from seqmodels.data.splits import split
from seqmodels.embedding import load_embedder
from seqmodels.families import family_named
from seqmodels.train.batches import OrderedBatches
from seqmodels.train.config import compose
from seqmodels.train.finishing import judged
from seqmodels.train.fitting import module_of, train_batches, validation_batches
from seqmodels.train.forecast import forecast
from seqmodels.train.journal import read_figures
from seqmodels.train.plan import planned
from seqmodels.train.reading import read_rows

PRETRAIN = {
    "hyenadna": ("model=hyenadna", "model.size=tiny", "task=next_token"),
    "dnabert2": ("model=dnabert2", "model.size=tiny", "task=masked"),
    "dnabert": ("model=dnabert", "model.size=tiny", "task=masked"),
    "nucleotide-transformer": ("model=nucleotide-transformer", "model.size=tiny", "task=masked"),
}
DATA = ("data=fasta", "data.window=60", "fit.learning_rate=1e-2", "fit.batch_size=8")


@pytest.fixture(scope="module")
def repeats(tmp_path_factory):
    """A genome that can be learnt: nine bases in ten follow from the one before."""
    drawn, bases = random.Random(8), ["A"]
    for _ in range(5000):
        bases.append("CGTA"["ACGT".index(bases[-1])] if drawn.random() < 0.9 else drawn.choice("ACGT"))
    path = tmp_path_factory.mktemp("repeats") / "genome.fa"
    path.write_text(">one\n" + "".join(bases) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", sorted(PRETRAIN))
def test_what_can_be_learnt_is_learnt(name, run, repeats):
    done = run(*PRETRAIN[name], *DATA, f"data.path={repeats}", "fit.steps=10", "fit.validate_every=5")
    assert done.scores["perplexity"] == pytest.approx(torch.tensor(done.scores["loss"]).exp().item(), rel=1e-4)
    losses = [loss for _, loss in read_figures(done.folder)["train/loss"]]
    assert sum(losses[-3:]) < sum(losses[:3])


def test_a_pretrained_run_is_continued_and_then_fine_tuned(run, windows, repeats):
    first = run(*PRETRAIN["hyenadna"], *DATA, f"data.path={repeats}", "fit.steps=30", "fit.validate_every=10",
                folder="first")  # fmt: skip
    assert first.scores["perplexity"] < 3.5
    second = run("model=hyenadna", f"model.pretrained={first.folder}", "task=next_token", *DATA,
                 f"data.path={repeats}", "fit.steps=1", "fit.learning_rate=1e-6", folder="second")  # fmt: skip
    assert second.scores["perplexity"] == pytest.approx(first.scores["perplexity"], rel=0.05)
    third = run("model=hyenadna", f"model.pretrained={second.folder}", "task=classify", "data=csv",
                f"data.path={windows}", "fit.steps=1", "fit.learning_rate=1e-9", folder="third")  # fmt: skip
    before, after = (load_embedder(str(done.folder), "cpu").embed(["ACGTTGCA"]) for done in (second, third))
    assert before == pytest.approx(after, abs=1e-4)


def test_the_same_tokens_are_hidden_in_every_validation(genome):
    config = compose([*PRETRAIN["dnabert2"], *DATA, f"data.path={genome}", "split.similar=exact"])
    rows = read_rows(config, family_named("dnabert2"))
    plan = planned(config, family_named("dnabert2"), rows, split(rows.groups("exact"), None, 0.2, 0))
    held_out = validation_batches(config, plan)
    module = module_of(config, plan)
    assert judged(module, held_out, config.trainer).figures() == judged(module, held_out, config.trainer).figures()
    assert isinstance(held_out, OrderedBatches)


def test_a_forecast_changes_nothing_and_counts_what_there_is(genome):
    config = compose([*PRETRAIN["hyenadna"], *DATA, f"data.path={genome}", "fit.steps=7", "fit.accumulate=2"])
    rows = read_rows(config, family_named("hyenadna"))
    plan = planned(config, family_named("hyenadna"), rows, split(rows.groups("exact"), None, 0.2, 0))
    module = module_of(config, plan)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    found = forecast(module, train_batches(config, plan), validation_batches(config, plan), 3, "cpu", "32-true")
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert all(weight.grad is None for weight in module.parameters())
    assert found.parameters == found.trained == sum(weight.numel() for weight in plan.backbone.model.parameters())
    assert found.steps == 7
    assert found.seconds > 7 * found.seconds_per_step > 0
    assert found.memory > 100e6
    assert "parameters" in str(found)


def test_the_forecast_of_a_run_is_written_and_not_far_off(run, genome):
    done = run(*PRETRAIN["hyenadna"], *DATA, f"data.path={genome}", "fit.steps=40", "fit.validate_every=40")
    foretold = json.loads((done.folder / "forecast.json").read_text())
    assert foretold["steps"] == 40
    # Other work on the machine comes and goes: only the order of magnitude is held.
    assert done.card["seconds"] / 10 < foretold["seconds"] < done.card["seconds"] * 10
