"""What is said of an adapter before it is served."""

import shutil
from pathlib import Path

import pytest

from agent.errors import AgentError
from agent.serving.acceptance import objections
from agent.serving.adapter import Adapter, named, rank_to_serve
from agent.serving.base import Base
from tests.agent.serving.cases import Case
from tests.agent.serving.models import make_adapter


def test_each_adapter_that_vllm_refuses_or_changes_is_named_with_the_reason(
    case: Case, base: Path, plain: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    case.make(folder, base, plain)
    found = objections(folder, Base.find(str(base)))
    if case.kind == "well":
        assert found == []
        return
    said = [objection for objection in found if case.said in objection.reason]
    assert [objection.kind for objection in said] == [case.kind], found
    others = {objection.kind for objection in found} - {case.kind}
    assert case.kind == "refused" or "refused" not in others
    assert all(objection.remedy for objection in found if objection.kind != "note")


def test_a_base_that_is_not_on_this_machine_is_compared_by_name_alone(plain: Path) -> None:
    found = objections(plain, Base.find("Qwen/Qwen3-8B-not-here"))
    assert {objection.kind for objection in found} == {"note"}
    assert "sizes were not compared" in " ".join(objection.reason for objection in found)


def test_a_base_of_packed_weights_is_not_compared_by_size(base: Path, plain: Path, tmp_path: Path) -> None:
    packed = shutil.copytree(base, tmp_path / "packed")
    config = (packed / "config.json").read_text()
    (packed / "config.json").write_text(config.replace("{", '{"quantization_config": {"bits": 4},', 1))
    (packed / "model.safetensors").unlink()
    make = objections(plain, Base.find(str(packed)))
    assert not [objection for objection in make if "sizes" in objection.reason and objection.kind == "changed"]


def test_a_base_that_lacks_a_template_is_told(base: Path, plain: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(base, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    [changed] = [found for found in objections(plain, Base.find(str(bare))) if found.kind == "changed"]
    assert "has no chat template" in changed.reason


@pytest.mark.parametrize("name", ["/nowhere", "./nowhere", "a/b/c", "~/nowhere-at-all"])
def test_a_path_without_a_model_is_named(name: str) -> None:
    with pytest.raises(AgentError, match="is no folder of a model"):
        Base.find(name)


def test_the_weights_of_an_adapter_are_known_by_their_hash(base: Path, plain: Path, tmp_path: Path) -> None:
    same = shutil.copytree(plain, tmp_path / "same")
    other = make_adapter(tmp_path / "other", base, seed=5)
    assert Adapter.read(same).sha256 == Adapter.read(plain).sha256 != Adapter.read(other).sha256


@pytest.mark.parametrize(("ranks", "served"), [([], 1), ([8], 8), ([8, 24], 32), ([9], 16), ([512], 512), ([300], 320)])
def test_the_rank_to_serve_is_the_smallest_that_takes_all(ranks: list[int], served: int) -> None:
    assert rank_to_serve(ranks) == served


def test_no_rank_above_the_highest_is_served() -> None:
    with pytest.raises(AgentError, match="rank 600"):
        rank_to_serve([600])


def test_an_adapter_is_named_before_its_path() -> None:
    assert named("agent=runs/a=b") == ("agent", Path("runs/a=b"))


@pytest.mark.parametrize("text", ["agent", "=path", "agent=", "a b=path", "-a=path", "../a=path"])
def test_what_names_no_adapter_is_told(text: str) -> None:
    with pytest.raises(AgentError, match="names no adapter"):
        named(text)
