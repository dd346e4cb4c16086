"""The small model that comes with Epicite, served by vLLM with its adapter: it calls the tools that it was taught."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from langchain_core.messages import HumanMessage
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.offering import offered
from agent.serving.asking import ask
from agent.serving.endpoint import Endpoint, running
from agent.tools import TOOLS
from finetune.bundle import BASE, SMALL
from finetune.bundle import TOOLS as ADAPTER
from tests.system.conftest import ROOT, environment, free_port

pytestmark = pytest.mark.system

SECONDS_TO_SERVE = 600


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    home = tmp_path_factory.mktemp("small")
    named = ["--model", str(SMALL / BASE), "--adapter", f"agent={SMALL / ADAPTER}", "--port", str(free_port())]
    command = [sys.executable, "app.py", "serve", *named, "--", "--dtype", "float32", "--max-model-len", "4096"]
    variables = environment(home, "http://127.0.0.1:9")
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as program:
        patience = threading.Timer(SECONDS_TO_SERVE, program.kill)
        patience.start()
        assert program.stdout is not None
        program.stdout.readline()
        patience.cancel()
        found = running(home)
        if found is None:
            program.terminate()
            pytest.fail(
                (home / "vllm.log").read_text()[-3000:] if (home / "vllm.log").exists() else "nothing was served"
            )
        yield found
        program.terminate()
        program.wait(60)


@pytest.mark.parametrize(
    "request_text", ["Which genes are hypermethylated in gastric cancer?", "胃癌中哪些基因高甲基化？"]
)
def test_a_question_to_the_evidence_table_becomes_a_call_of_its_tool(endpoint: Endpoint, request_text: str) -> None:
    tools = [convert_to_openai_tool(tool) for tool in offered(TOOLS, [HumanMessage(request_text)])]
    body = {
        "model": endpoint.named("agent"),
        "messages": [{"role": "user", "content": request_text}],
        "tools": tools,
        "temperature": 0,
        "max_tokens": 100,
    }
    status, text = ask(f"{endpoint.url}/chat/completions", body)
    assert status == 200, text
    [call] = json.loads(text)["choices"][0]["message"]["tool_calls"]
    assert call["function"]["name"] == "query_evidence"
    assert json.loads(call["function"]["arguments"])["status"] == "hypermethylated"
