"""`epicite serve`: the words and the ends of serving; the part of vLLM is played by a script."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.serving import launch
from agent.serving.endpoint import running
from tests.agent.serving.models import write_card
from tests.agent.serving.played import free_port, played_environment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def base(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "qwen2"}')
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    return folder


@pytest.fixture
def adapter(tmp_path, base):
    """An adapter whose weights are there; nothing is computed with it."""
    import numpy
    from safetensors.numpy import save_file

    folder = tmp_path / "adapter"
    folder.mkdir()
    told = {"r": 8, "lora_alpha": 16, "target_modules": ["q_proj"], "base_model_name_or_path": str(base)}
    (folder / "adapter_config.json").write_text(json.dumps(told))
    prefix = "base_model.model.model.layers.0.self_attn.q_proj"
    halves = {"A": numpy.zeros((8, 4), "f4"), "B": numpy.zeros((4, 8), "f4")}
    save_file(
        {f"{prefix}.lora_{half}.weight": weight for half, weight in halves.items()},
        folder / "adapter_model.safetensors",
    )
    write_card(folder, base)
    return folder


@pytest.fixture
def vllm(tmp_path, monkeypatch):
    """An environment whose part is played by a script."""
    monkeypatch.setattr(launch, "ENVIRONMENT", played_environment(tmp_path / "vllm-environment"))


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def ended_by(home):
    """Ends the server, once it is found, as people and service managers do; what was found meanwhile."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    found = []

    def end(number, meanwhile=lambda: None):
        def wait():
            for _ in range(200):
                if endpoint := running(home):
                    found.append(endpoint)
                    meanwhile()
                    time.sleep(0.2)  # so that it is watched, and not only started
                    os.kill(os.getpid(), number)
                    return
                time.sleep(0.05)

        threading.Thread(target=wait, daemon=True).start()
        return found

    yield end
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_serves_until_it_is_told_to_end(epicite, home, adapter, vllm, port, ended_by, number):
    found = ended_by(number)
    outcome = epicite("serve", "--adapter", f"agent={adapter}", "--port", port)
    assert outcome.code == 0
    assert outcome.out == f"Serving tiny, agent at http://127.0.0.1:{port}/v1 (Ctrl+C stops it)\n"
    assert outcome.err.endswith("vLLM has ended.\n")
    assert found[0].model == "tiny"
    assert running(home) is None


def test_adapters_come_and_go_while_it_runs(epicite, home, base, adapter, vllm, port, ended_by):
    told = []

    def change():
        for words in (["--swap", f"extractor={adapter}"], ["--drop", "extractor"]):
            command = [sys.executable, "app.py", "serve", *words]
            told.append(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    ended_by(signal.SIGINT, change)
    assert epicite("serve", "--model", base, "--port", port).code == 0
    url = f"http://127.0.0.1:{port}/v1"
    assert told == [f"Serving tiny, extractor at {url}\n", f"Serving tiny at {url}\n"]


def test_without_vllm_the_command_that_installs_it_is_told(epicite, base, monkeypatch, tmp_path):
    monkeypatch.setattr(launch, "ENVIRONMENT", tmp_path / "nothing")
    outcome = epicite("serve", "--model", base)
    assert outcome.code == 1
    assert "make vllm" in outcome.err


def test_an_adapter_that_vllm_would_refuse_is_refused_before_it_starts(epicite, adapter):
    config = json.loads((adapter / "adapter_config.json").read_text())
    (adapter / "adapter_config.json").write_text(json.dumps({**config, "use_dora": True}))
    outcome = epicite("serve", "--adapter", f"agent={adapter}")
    assert outcome.code == 1
    assert "vLLM would refuse the adapter agent: it has DoRA" in outcome.err


def test_a_drifted_template_is_told_loudly(epicite, base, adapter, monkeypatch, tmp_path):
    monkeypatch.setattr(launch, "ENVIRONMENT", tmp_path / "nothing")
    (base / "chat_template.jinja").write_text("{{ changed }}")
    assert "agent: it was trained with another chat template" in epicite("serve", "--adapter", f"agent={adapter}").err


def test_no_base_model_and_no_running_server_are_told(epicite, adapter):
    assert "--model NAME" in epicite("serve").err
    assert "Nothing is served" in epicite("serve", "--drop", "agent").err
    assert "Nothing is served" in epicite("serve", "--swap", f"agent={adapter}").err
    assert "names no adapter" in epicite("serve", "--swap", "agent").err


def test_a_base_that_has_moved_and_a_name_that_is_taken_are_told(epicite, base, adapter):
    assert "tiny is the base model" in epicite("serve", "--model", base, "--adapter", f"tiny={adapter}").err
    base.rename(base.with_name("elsewhere"))
    assert "is not at" in epicite("serve", "--adapter", f"agent={adapter}").err
