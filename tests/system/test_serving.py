"""Real vLLM, started by `epicite serve`, with adapters of a tiny random model: what it takes, swaps and answers."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.utils.function_calling import convert_to_openai_tool
from playwright.sync_api import expect

from agent.errors import AgentError
from agent.graph import SYSTEM_PROMPT
from agent.serving.asking import ask
from agent.serving.endpoint import Endpoint, beginning, running, tell
from agent.serving.launch import ENVIRONMENT, python_of
from agent.tools import TOOLS
from corpora.starter import starter_papers
from tests.agent.fake_endpoint import shown
from tests.agent.serving.cases import CASES, Case
from tests.agent.serving.models import make_adapter, make_base
from tests.system.conftest import ROOT, environment, free_port
from tests.system.relay import Body, calling, relay, saying
from tests.system.visit import ENGLISH, PANEL, Visit

pytestmark = pytest.mark.system

ADAMTS1 = "ADAMTS1 is hypermethylated in pancreatic cancer (cell-free DNA): sensitivity 87.2%"
SENTENCE = f"{ADAMTS1}, specificity 95.8%, AUC 0.91."
SECONDS_TO_SERVE = 840
# Read by vLLM with torch's unpickler; here nothing is unpickled.
STRICTER_THAN_VLLM = {"pickled weights"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its tokenizer knows the words of prompts and papers: on a CPU a prompt of single bytes takes a minute."""
    schemas = [json.dumps(convert_to_openai_tool(tool)) for tool in TOOLS]
    texts = [SYSTEM_PROMPT, *schemas, *(paper.text for paper in starter_papers())]
    return make_base(tmp_path_factory.mktemp("model") / "base", window=32_768, texts=texts)


@pytest.fixture(scope="module")
def adapters(base: Path) -> dict[str, Path]:
    names = ("agent", "extractor")
    return {name: make_adapter(base.with_name(name), base, seed=seed) for seed, name in enumerate(names, 1)}


@pytest.fixture(scope="module")
def variables(home: Path) -> dict[str, str]:
    # Asked for probabilities, vLLM compiles for a minute.
    return {**environment(home, "http://127.0.0.1:9"), "TORCHDYNAMO_DISABLE": "1"}


@pytest.fixture(scope="module")
def endpoint(home: Path, adapters: dict[str, Path], variables: dict[str, str]) -> Iterator[Endpoint]:
    """What `epicite serve` runs; nothing of it is left at the end."""
    try:
        python_of(ENVIRONMENT)
    except AgentError as error:
        if os.environ.get("SYSTEM_TESTS") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    named = [word for name, folder in adapters.items() for word in ("--adapter", f"{name}={folder}")]
    more = ["--", "--max-lora-rank", "64", "--dtype", "float32", "--max-num-seqs", "32"]
    command = [sys.executable, "app.py", "serve", *named, "--port", str(free_port()), *more]
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as program:
        patience = threading.Timer(SECONDS_TO_SERVE, program.kill)
        patience.start()
        assert program.stdout is not None
        said = program.stdout.readline()
        patience.cancel()
        found = running(home)
        if not said.startswith("Serving base, agent, extractor at ") or found is None:
            program.terminate()
            pytest.fail(f"{said!r}: {(home / 'vllm.log').read_text()[-3000:]}")
        group = members(found.pid)
        yield found
        program.terminate()
        program.wait(60)
    assert [pid for pid in group if beginning(pid) is not None] == []
    assert running(home) is None


def members(group: int) -> list[int]:
    """The processes of a group."""
    listed = subprocess.run(["ps", "-eo", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid, of in (line.split() for line in listed.splitlines()) if int(of) == group]


def said(endpoint: Endpoint, model: str, **more: Any) -> dict[str, Any]:
    """The first choice of an answer to a fixed question."""
    body = {"model": model, "messages": [{"role": "user", "content": "hello"}], "temperature": 0, "max_tokens": 24}
    status, text = ask(f"{endpoint.url}/chat/completions", {**body, **more})
    assert status == 200, text
    choice: dict[str, Any] = json.loads(text)["choices"][0]
    return choice


def epicite(variables: dict[str, str], *words: object) -> str:
    command = [sys.executable, "app.py", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_vllm_refuses_exactly_the_adapters_that_the_doctor_says_it_would(
    case: Case, endpoint: Endpoint, base: Path, adapters: dict[str, Path], tmp_path: Path
) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    case.make(folder, base, adapters["agent"])
    body = {"lora_name": "examined", "lora_path": str(folder)}
    status, answer = ask(f"{endpoint.url}/load_lora_adapter", body)
    if status == 200:
        ask(f"{endpoint.url}/unload_lora_adapter", {"lora_name": "examined"})
    assert (status != 200) == (case.refused and case.name not in STRICTER_THAN_VLLM), answer


@pytest.mark.parametrize("name", ["agent", "extractor"])
def test_what_is_served_is_what_was_trained(
    name: str, endpoint: Endpoint, base: Path, adapters: dict[str, Path]
) -> None:
    """Token for token, and to a thousandth in the logarithms of their probabilities."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    told = said(endpoint, name, logprobs=True, return_tokens_as_token_ids=True)["logprobs"]["content"]
    tokenizer = AutoTokenizer.from_pretrained(base)
    asked = [{"role": "user", "content": "hello"}]
    prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_tensors="pt")["input_ids"]
    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapters[name]).eval()
    with torch.inference_mode():
        for token in told:
            scores = model(prompt).logits[0, -1].log_softmax(-1)
            chosen = int(scores.argmax())
            assert token["token"] == f"token_id:{chosen}"
            assert abs(float(scores[chosen]) - token["logprob"]) < 1e-3
            prompt = torch.cat([prompt, torch.tensor([[chosen]])], dim=1)


def test_a_swapped_adapter_answers_at_once_and_nothing_stale_is_left(
    endpoint: Endpoint, adapters: dict[str, Path], variables: dict[str, str]
) -> None:
    def of(name: str) -> str:
        return str(said(endpoint, name)["message"]["content"])

    of_agent, of_extractor = of("agent"), of("extractor")
    assert len({of("base"), of_agent, of_extractor}) == 3
    epicite(variables, "serve", "--swap", f"agent={adapters['extractor']}")
    assert of("agent") == of_extractor
    epicite(variables, "serve", "--swap", f"agent={adapters['agent']}")
    assert of("agent") == of_agent


def test_a_schema_holds_even_a_model_that_knows_nothing(endpoint: Endpoint) -> None:
    genes = {"type": "array", "items": {"enum": ["BNC1", "ADAMTS1"]}, "minItems": 1, "maxItems": 2}
    schema = {"type": "object", "properties": {"genes": genes}, "required": ["genes"], "additionalProperties": False}
    form = {"type": "json_schema", "json_schema": {"name": "genes", "schema": schema, "strict": True}}
    answer = said(endpoint, "extractor", response_format=form, max_tokens=100)["message"]["content"]
    assert set(json.loads(answer)["genes"]) <= {"BNC1", "ADAMTS1"}


def forced(body: Body) -> Body:
    """A search, and then the sentence that it has found with its number."""
    if body["messages"][-1]["role"] != "tool":
        return calling(body, "search_literature", query="ADAMTS1 BNC1 methylation pancreatic cancer blood")
    return saying(body, f"{SENTENCE} [{shown(body, ADAMTS1)}]")


def test_the_page_asks_vllm_which_calls_a_tool_and_answers_with_a_proved_quote(
    visit: Callable[..., Visit], endpoint: Endpoint, home: Path
) -> None:
    asked = visit()
    with relay(endpoint.url, forced) as url:
        tell(home, endpoint.model_copy(update={"url": url}))
        answer = asked.ask(ENGLISH)
        tell(home, endpoint)
    expect(answer).not_to_contain_text("could not answer")
    expect(answer.locator(".quoted")).to_have_text([SENTENCE])
    expect(answer.locator(".sources li")).to_have_count(1)
    card = asked.open_citation(answer, 1)
    assert ADAMTS1 in " ".join(card.locator("mark").inner_text().split())


def test_where_vllm_is_killed_in_mid_answer_the_embedded_model_answers_with_a_notice(
    visit: Callable[..., Visit], endpoint: Endpoint
) -> None:
    """The last test of this file: there is no vLLM after it."""
    killed = threading.Event()

    def kill_once_it_writes() -> None:
        for _ in range(600):
            if running_requests(endpoint):
                time.sleep(1)
                os.kill(endpoint.pid, signal.SIGKILL)
                killed.set()
                return
            time.sleep(0.1)

    asked = visit()
    assert running_requests(endpoint) == 0
    threading.Thread(target=kill_once_it_writes, daemon=True).start()
    answer = asked.ask(ENGLISH)
    assert killed.is_set()
    expect(answer).to_contain_text("agent could not answer (")
    expect(answer.locator(".sources li", has_text=PANEL)).to_have_count(1)
    expect(asked.page.locator(".chat .asked")).to_have_count(1)
    again = asked.ask("And in urine?")
    expect(again).not_to_contain_text("could not answer")


def running_requests(endpoint: Endpoint) -> float:
    """How many answers vLLM is writing."""
    metrics = ask(f"{endpoint.url.removesuffix('/v1')}/metrics")[1]
    found = re.search(r"^vllm:num_requests_running\{[^}]*\} (\S+)", metrics, re.MULTILINE)
    assert found is not None
    return float(found[1])
