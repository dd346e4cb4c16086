"""`epicite doctor`: what is wrong, and the command that mends it."""

import importlib.metadata
import json
import shutil
import sqlite3
import sys
from collections import namedtuple
from types import SimpleNamespace

import pytest

from command import installation


@pytest.fixture
def examine(epicite):
    """What doctor finds, by name, and its exit code."""

    def run():
        outcome = epicite("doctor", "--json")
        report = json.loads(outcome.out)
        assert report["healthy"] == (outcome.code == 0)
        found = {}
        for check in report["checks"]:
            found.setdefault(check["name"], []).append(check)
        return found, outcome.code

    return run


def forget_packages(monkeypatch, *names):
    """Let these packages be not installed."""
    versions = importlib.metadata.version

    def version(name):
        if name in names:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions(name)

    monkeypatch.setattr(installation, "version", version)
    for name in names:
        module = name.replace("-", "_")
        monkeypatch.setitem(sys.modules, module, None)


def test_a_new_installation_is_healthy_before_there_is_any_library(home, examine):
    found, code = examine()
    assert code == 0
    assert found["torch"][0]["detail"] == importlib.metadata.version("torch")
    assert found["FAISS"][0]["status"] == "ok"
    assert found["encoder weights"][0]["status"] == "ok"
    assert found["libraries"][0]["detail"].startswith("none yet")
    assert found["EPICITE_HOME"][0]["detail"].startswith(str(home))
    assert not home.exists()


def test_people_read_a_line_for_each_check(epicite):
    lines = epicite("doctor").out.splitlines()
    assert lines[0].split() == ["ok", "Python", ".".join(map(str, sys.version_info[:3]))]


def test_each_library_is_counted(mine, examine):
    found, code = examine()
    assert code == 0
    assert found["library My papers"][0]["detail"] == "3 papers, 3 passages"


def test_papers_that_wait_are_counted_with_the_command_that_derives(mine, examine):
    with sqlite3.connect(mine / "library.sqlite") as connection:
        connection.execute("DELETE FROM derivations WHERE paper_id = 1 AND producer LIKE 'vectors-%'")
    connection.close()
    found, code = examine()
    waiting = found["library My papers"][-1]
    assert (waiting["status"], waiting["detail"]) == ("note", "1 papers wait for vectors")
    assert waiting["remedy"] == f'epicite library upgrade --library "{mine}"'
    assert code == 0


def test_a_damaged_library_is_broken(mine, examine):
    (mine / "manifest.json").write_text("{")
    found, code = examine()
    assert code == 1
    assert found["library My papers"][0]["status"] == "broken"
    assert found["library My papers"][0]["remedy"]


def test_a_missing_package_is_named_and_everything_else_still_looked_at(monkeypatch, examine):
    forget_packages(monkeypatch, "tantivy")
    monkeypatch.delitem(sys.modules, "retrieval.lexical", raising=False)
    found, code = examine()
    assert code == 1
    assert found["tantivy"][0]["detail"] == "not installed"
    assert found["tantivy"][0]["remedy"].startswith('pip install "tantivy')
    assert found["EPICITE_HOME"][0]["status"] == "ok"


@pytest.mark.parametrize("missing", ["pydantic_settings", "packaging.requirements", "retrieval.home"])
def test_what_cannot_be_imported_is_a_finding(monkeypatch, examine, missing):
    for loaded in ("command.settings", "command.libraries", "packaging", "packaging.requirements"):
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    found, code = examine()
    assert code == 1
    [unseen] = [check for checks in found.values() for check in checks if "not looked at" in check["detail"]]
    assert missing in unseen["detail"]


def test_another_version_than_the_one_needed_is_broken(monkeypatch, examine):
    monkeypatch.setattr(installation, "version", lambda name: "0.0.1+cpu")
    found, code = examine()
    assert code == 1
    assert found["torch"][0]["detail"] == "0.0.1+cpu, needed is ==2.13.0"
    assert found["torch"][0]["remedy"] == 'pip install "torch==2.13.0"'


def test_two_builds_of_faiss_are_a_mixed_install(monkeypatch, examine):
    Installed = namedtuple("Installed", "metadata")
    names = ("faiss-cpu", "faiss-gpu-cu12", "numpy")
    monkeypatch.setattr(installation, "distributions", lambda: [Installed({"Name": name}) for name in names])
    found, code = examine()
    assert code == 1
    assert found["FAISS"][0]["detail"].startswith("mixed install: faiss-cpu and faiss-gpu-cu12")
    assert found["FAISS"][0]["remedy"].startswith("pip uninstall -y faiss-cpu faiss-gpu-cu12 && make setup")


def test_no_build_of_faiss_names_both_ways_to_one(monkeypatch, examine):
    monkeypatch.setattr(installation, "distributions", list)
    found, _ = examine()
    assert (found["FAISS"][0]["status"], found["FAISS"][0]["detail"]) == ("broken", "not installed")


def test_weights_that_are_not_the_official_ones_are_broken(monkeypatch, examine):
    from seqmodels import encoder
    from seqmodels.errors import ModelError

    def refuse():
        raise ModelError("model.safetensors is not the official one", "Install it again.")

    monkeypatch.setattr(encoder, "bundled_folder", refuse)
    found, code = examine()
    assert code == 1
    assert found["encoder weights"][0]["detail"].startswith("model.safetensors is not the official one")


def test_wrong_settings_are_a_finding_and_not_the_end(home, examine):
    home.mkdir()
    (home / "epicite.toml").write_text("ower = 1")
    found, code = examine()
    assert code == 1
    assert "unknown key ower" in found["settings"][0]["detail"]
    assert found["torch"][0]["status"] == "ok"


def test_a_home_that_cannot_be_written_to_is_broken(tmp_path, monkeypatch, examine):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EPICITE_HOME", str(tmp_path / "file" / "home"))
    found, code = examine()
    assert code == 1
    assert found["EPICITE_HOME"][0]["status"] == "broken"
    assert "EPICITE_HOME=DIR" in found["EPICITE_HOME"][0]["remedy"]


def test_too_little_space_is_broken(monkeypatch, examine):
    usage = shutil.disk_usage("/")._replace(free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    found, code = examine()
    assert code == 1
    assert "0.0 GB free, too little" in found["EPICITE_HOME"][0]["detail"]


def test_a_torch_that_is_built_for_the_cpu_is_not_loaded_to_say_so(monkeypatch, examine):
    monkeypatch.setattr(installation, "version", lambda name: "2.13.0+cpu")
    monkeypatch.setitem(sys.modules, "torch", None)
    found, _ = examine()
    assert found["GPU"][0]["detail"] == "none is used: this torch is built for the CPU"


@pytest.mark.parametrize(
    ("cards", "status", "said"), [([], "note", "torch sees none"), (["H200", "H200"], "ok", "H200, H200")]
)
def test_the_gpus_are_those_that_torch_sees(monkeypatch, examine, cards, status, said):
    cuda = SimpleNamespace(
        is_available=lambda: bool(cards), device_count=lambda: len(cards), get_device_name=lambda at: cards[at]
    )
    monkeypatch.setattr(installation, "version", lambda name: "2.13.0")
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    found, _ = examine()
    assert (found["GPU"][0]["status"], found["GPU"][0]["detail"]) == (status, said)


def test_an_embedder_that_cannot_be_loaded_is_a_finding(mine, monkeypatch, examine):
    from retrieval.embedder import Embedder
    from seqmodels.errors import ModelError

    def refuse(self):
        raise ModelError("The embedder 'x' cannot be loaded", "Name another.")

    monkeypatch.setattr(Embedder, "record", property(refuse))
    found, code = examine()
    assert code == 1
    assert found["library My papers"][0]["detail"] == "The embedder 'x' cannot be loaded"
    assert found["library My papers"][0]["remedy"] == "Name another."


def test_an_adapter_is_examined_alone_and_refused_with_the_reason(epicite, tmp_path):
    from tests.agent.serving.models import write_card

    base, adapter = tmp_path / "base", tmp_path / "adapter"
    for folder in (base, adapter):
        folder.mkdir()
    (base / "config.json").write_text('{"model_type": "qwen2"}')
    told = {"r": 16, "lora_alpha": 16, "target_modules": ["q_proj"], "use_dora": True}
    (adapter / "adapter_config.json").write_text(json.dumps({**told, "base_model_name_or_path": str(base)}))
    write_card(adapter, base)
    outcome = epicite("doctor", "--adapter", adapter, "--base", base, "--json")
    assert outcome.code == 1
    found = {check["detail"] for check in json.loads(outcome.out)["checks"]}
    assert "it has DoRA, which vLLM does not serve" in found
    assert epicite("doctor", "--adapter", adapter).code == 1


def test_the_base_of_no_adapter_is_refused(epicite):
    outcome = epicite("doctor", "--base", "Qwen/Qwen3-8B")
    assert outcome.code == 2
    assert "--base is the base model of --adapter" in outcome.err


def test_an_adapter_whose_base_nobody_names_is_told(epicite, tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    outcome = epicite("doctor", "--adapter", tmp_path)
    assert outcome.code == 1
    assert "--base" in outcome.err


@pytest.fixture
def served(home, tmp_path):
    """Tells the home of an endpoint of this process, which serves an adapter of a folder."""
    import os

    from agent.serving.card import weights_sha256
    from agent.serving.endpoint import Endpoint, Served, beginning, tell

    source = tmp_path / "runs"
    source.mkdir()
    (source / "adapter_model.safetensors").write_bytes(b"first")
    adapters = {"agent": Served(path=source, sha256=weights_sha256(source), source=source)}
    began = beginning(os.getpid())
    tell(home, Endpoint(url="http://127.0.0.1:9/v1", model="base", base="base", adapters=adapters, rank=8, context=4096,
                        pid=os.getpid(), began=began))  # fmt: skip
    return source


def test_an_endpoint_that_does_not_answer_is_a_finding(served, examine):
    found, code = examine()
    assert code == 0
    assert "does not answer" in found["model endpoint"][0]["detail"]
    assert "adapter agent" not in found


def test_an_adapter_that_has_changed_since_it_was_served_is_told_with_the_command_that_serves_it(served, examine):
    (served / "adapter_model.safetensors").write_bytes(b"second")
    found, _ = examine()
    assert "have changed since they were served" in found["adapter agent"][0]["detail"]
    assert found["adapter agent"][0]["remedy"] == f'epicite serve --swap agent="{served}"'


def test_without_an_endpoint_the_embedded_model_answers(examine):
    found, _ = examine()
    assert found["model endpoint"][0]["detail"] == "none: the embedded model answers"


def test_vllm_is_an_extra_and_its_absence_no_fault(examine, monkeypatch, tmp_path):
    from agent.serving import launch

    monkeypatch.setattr(launch, "ENVIRONMENT", tmp_path / "nothing")
    found, code = examine()
    assert (found["vLLM"][0]["status"], code) == ("note", 0)
    assert found["vLLM"][0]["remedy"].startswith("make vllm")
