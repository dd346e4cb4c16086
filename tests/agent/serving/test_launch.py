"""vLLM is started, found, exchanges its adapters, and leaves nothing behind; the part of vLLM is played by a script."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.errors import AgentError
from agent.serving import launch
from agent.serving.adapter import Adapter
from agent.serving.asking import ask, ask_json
from agent.serving.base import Base
from agent.serving.endpoint import FILE_NAME, beginning, running
from agent.serving.exchange import load, unload
from agent.serving.launch import Plan, command_line, python_of, serving, versioned
from tests.agent.serving.models import make_adapter
from tests.agent.serving.played import free_port, played_environment

ROOT = Path(__file__).parents[3]


def silent(*_: object) -> None:
    """No progress."""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    return played_environment(tmp_path / "vllm-environment")


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def plan(base: Path, plain: Path, port: int) -> Plan:
    return Plan(Base.find(str(base)), {"agent": Adapter.read(plain)}, port)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "home"


def child_of(root: Path) -> int:
    found = re.search(r"child (\d+)", (root / "vllm.log").read_text())
    assert found is not None
    return int(found[1])


def is_gone(pid: int) -> bool:
    for _ in range(100):
        if beginning(pid) is None:
            return True
        time.sleep(0.05)
    return False


def test_what_is_served_is_told_to_the_home_while_it_runs_and_nothing_is_left_of_it(
    plan: Plan, root: Path, environment: Path
) -> None:
    with serving(plan, root, silent, environment) as server:
        found = running(root)
        assert found is not None
        assert (found.url, found.model, found.context, found.rank) == (f"{server.address}/v1", plan.name, 4096, 8)
        assert found.adapters["agent"].sha256 == plan.adapters["agent"].sha256
        child = child_of(root)
        assert beginning(child) is not None
    assert running(root) is None
    assert not (root / FILE_NAME).exists()
    assert is_gone(child)
    assert is_gone(server.process.pid)


def test_an_endpoint_whose_process_is_dead_is_not_found_and_its_children_end(
    plan: Plan, root: Path, environment: Path
) -> None:
    with serving(plan, root, silent, environment) as server:
        child = child_of(root)
        server.process.kill()
        with pytest.raises(AgentError, match="vLLM has ended"):
            server.watch()
        assert (root / FILE_NAME).exists()
        assert running(root) is None
    assert is_gone(child)


def test_a_number_that_another_process_has_got_since_is_not_taken_for_the_endpoint(
    plan: Plan, root: Path, environment: Path
) -> None:
    with serving(plan, root, silent, environment):
        told = (root / FILE_NAME).read_text()
        pid = str(running(root).pid)  # type: ignore[union-attr]
        (root / FILE_NAME).write_text(told.replace(pid, str(os.getpid())))
        assert running(root) is None
        (root / FILE_NAME).write_text("{")
        assert running(root) is None


def test_where_it_dies_at_its_start_its_own_words_are_told(
    base: Path, root: Path, environment: Path, port: int, tmp_path: Path
) -> None:
    dying = shutil.copytree(base, tmp_path / "dies")
    with (
        pytest.raises(AgentError) as told,
        serving(Plan(Base.find(str(dying)), {}, port), root, silent, environment),
    ):
        pytest.fail("it has died")
    assert told.value.reason == "vLLM has ended (exit code 1): No available memory for the cache blocks. Try more."
    assert "--max-model-len" in told.value.remedy
    assert str(root / "vllm.log") in told.value.remedy
    assert is_gone(child_of(root))


def test_without_vllm_the_command_that_installs_it_is_told(plan: Plan, root: Path, tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="make vllm"), serving(plan, root, silent, tmp_path / "nothing"):
        pytest.fail("there is none")
    assert not root.exists()


def test_a_second_server_of_a_home_is_refused(plan: Plan, root: Path, environment: Path) -> None:
    with (
        serving(plan, root, silent, environment),
        pytest.raises(AgentError, match="already served"),
        serving(plan, root, silent, environment),
    ):
        pytest.fail("one is enough")


def test_a_taken_port_is_told(plan: Plan, root: Path, environment: Path, port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(AgentError, match="--port"),
        serving(plan, root, silent, environment),
    ):
        pytest.fail("it is taken")


def test_adapters_are_exchanged_under_paths_that_never_change(
    plan: Plan, root: Path, environment: Path, base: Path, plain: Path, tmp_path: Path
) -> None:
    """vLLM keeps what it computed by path: other weights at the same one would be answered from the old."""
    again = shutil.copytree(plain, tmp_path / "agent")
    with serving(plan, root, silent, environment) as server:
        before = running(root).adapters["agent"]  # type: ignore[union-attr]
        make_adapter(again, base, seed=9)
        now = load(root, "agent", Adapter.read(again))
        assert now == running(root)
        assert now.adapters["agent"].path != before.path
        assert before.path.exists()
        assert Adapter.read(now.adapters["agent"].path).sha256 == Adapter.read(again).sha256 != before.sha256
        assert set(load(root, "extractor", Adapter.read(plain)).adapters) == {"agent", "extractor"}
        assert [model["id"] for model in ask_json(f"{server.address}/v1/models")["data"]][1:] == ["agent", "extractor"]
        assert set(unload(root, "agent").adapters) == {"extractor"}
        with pytest.raises(AgentError, match="No adapter 'agent'"):
            unload(root, "agent")
    with serving(plan, root, silent, environment):
        kept = [folder.name for folder in (root / "adapters" / "agent").iterdir()]
    assert kept == [before.path.name]


def test_an_adapter_of_too_high_a_rank_is_not_sent(
    plan: Plan, root: Path, environment: Path, base: Path, tmp_path: Path
) -> None:
    large = Adapter.read(make_adapter(tmp_path / "large", base, r=16))
    with (
        serving(plan, root, silent, environment),
        pytest.raises(AgentError, match="ranks up to 8; that of agent is 16"),
    ):
        load(root, "agent", large)


def test_where_nothing_runs_nothing_is_exchanged(root: Path, plain: Path) -> None:
    with pytest.raises(AgentError, match="epicite serve"):
        load(root, "agent", Adapter.read(plain))


def test_the_command_line_has_what_adapters_and_tools_need(plan: Plan, root: Path, base: Path, tmp_path: Path) -> None:
    wide = Adapter.read(make_adapter(tmp_path / "wide", base, r=24))
    plan = Plan(plan.base, {**plan.adapters, "extractor": wide}, 8000, more=("--max-model-len", "4096"))
    served = {name: versioned(name, adapter, root) for name, adapter in plan.adapters.items()}
    words = command_line(plan, served, Path("python"))
    assert words[:3] == ["python", "-m", "vllm.entrypoints.openai.api_server"]
    assert words[words.index("--max-lora-rank") + 1] == "32"
    assert words[words.index("--max-loras") + 1] == "2"
    assert words[words.index("--tool-call-parser") + 1] == "hermes"
    assert "--enable-auto-tool-choice" in words
    assert words[-2:] == ["--max-model-len", "4096"]
    assert len([word for word in words if '"base_model_name"' in word]) == 2


@pytest.mark.parametrize(
    ("family", "parser"), [("qwen3_moe", "hermes"), ("llama", "llama3_json"), ("mistral3", "mistral"), ("", "hermes")]
)
def test_tool_calls_are_read_as_the_family_of_the_model_writes_them(family: str, parser: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(f'{{"model_type": "{family}"}}')
    words = command_line(Plan(Base.find(str(tmp_path)), {}, 8000), {}, Path("python"))
    assert words[words.index("--tool-call-parser") + 1] == parser
    assert "--lora-modules" not in words


def test_our_settings_and_their_keys_are_not_handed_on(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICITE_MODEL__KEY", "secret")
    variables = launch.variables(plan)
    assert "secret" not in variables.values()
    assert variables["VLLM_NO_USAGE_STATS"] == "1"
    assert variables["VLLM_CPU_KVCACHE_SPACE"] == "1"
    assert launch.variables(Plan(plan.base, {}, 8000, key="secret"))["VLLM_API_KEY"] == "secret"


def test_what_people_have_set_for_vllm_stays(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "8")
    monkeypatch.setenv("VLLM_CPU_OMP_THREADS_BIND", "0-7")
    variables = launch.variables(plan)
    assert (variables["VLLM_CPU_KVCACHE_SPACE"], variables["VLLM_CPU_OMP_THREADS_BIND"]) == ("8", "0-7")


def test_who_starts_it_and_is_killed_outright_leaves_nothing_behind(
    plan: Plan, root: Path, environment: Path, base: Path
) -> None:
    program = f"""
import time
from pathlib import Path
from agent.serving.base import Base
from agent.serving.launch import Plan, serving
plan = Plan(Base.find({str(base)!r}), {{}}, {plan.port})
with serving(plan, Path({str(root)!r}), lambda *_: None, Path({str(environment)!r})) as server:
    print(server.process.pid, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT) as ours:
        assert ours.stdout is not None
        served = int(ours.stdout.readline())
        ours.kill()
    try:
        assert sys.platform != "linux" or is_gone(served)
    finally:
        os.kill(child_of(root), 9)


def test_an_address_where_nothing_listens_is_an_error(port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        ask(f"http://127.0.0.1:{port}/health")


def test_the_python_of_vllm_is_found_only_where_vllm_is(environment: Path) -> None:
    assert python_of(environment) == environment / "bin/python"
    shutil.rmtree(environment / "lib")
    with pytest.raises(AgentError, match="not installed"):
        python_of(environment)
