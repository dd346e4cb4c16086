"""What the agent itself adds to a turn with a served model: one conversation, and 32 at once.

The endpoint is played by a server in a process of its own, whose every answer takes a fixed time: a search, then two
sentences, of which one cites it. What a turn takes beyond that time is ours; the search is told apart. Each
conversation has a mark of its own, which tells whether any were crossed or lost. With `--vllm` the 32 are held with the
vLLM that `epicite serve` runs, made to write what is wanted by constants in what it is asked.
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from agent.assembly import open_agent
from agent.conversation import Agent
from agent.events import Answer, Done
from agent.settings import ModelSettings
from benchmarks.shared import WORK
from retrieval.home import Home
from retrieval.library import Library

OWNER = "local"
_MARK = re.compile(r"\bK\d+-\d+\b")
# In seconds: until the first piece, and between the others.
_FIRST, _NEXT = 0.5, 0.05
_TURNS = 4
_AT_ONCE = 32
_SOURCE = (
    "ADAMTS1 is hypermethylated in pancreatic cancer (cell-free DNA): sensitivity 87.2%, specificity 95.8%, AUC 0.91."
)


@dataclass(frozen=True)
class Told:
    """A turn: how long it took, how much of that was the endpoint's and the tool's, and its answer."""

    mark: str
    seconds: float
    of_endpoint: float
    of_tools: float
    answer: Answer

    @property
    def ours(self) -> float:
        """What is neither the endpoint's nor the tool's, in seconds."""
        return self.seconds - self.of_endpoint - self.of_tools

    @property
    def is_well(self) -> bool:
        """Whether it is the answer to its own question, given by the endpoint."""
        return not self.answer.notices and set(_MARK.findall(self.answer.answer)) == {self.mark}


def call_of(body: dict[str, Any]) -> dict[str, Any] | None:
    """The search that a question is answered with first; None where it has been made."""
    if body["messages"][-1]["role"] == "tool":
        return None
    return {"query": f"ADAMTS1 BNC1 methylation pancreatic cancer blood {mark_of(body)}"}


def text_of(body: dict[str, Any]) -> str:
    """The answer to a request whose search has been made."""
    result = json.loads(body["messages"][-1]["content"])
    numbers = [
        sentence["n"]
        for paper in result["papers"]
        for sentence in paper["sentences"]
        if sentence.get("text", "").startswith(_SOURCE[:60])
    ]
    return f"{_SOURCE} [{numbers[0] if numbers else 0}] I was asked for {mark_of(body)}."


def mark_of(body: dict[str, Any]) -> str:
    """The mark of the latest question."""
    asked = [message["content"] for message in body["messages"] if message["role"] == "user"]
    found = _MARK.search(asked[-1])
    assert found is not None
    return found.group()


# The played endpoint


def _deltas(body: dict[str, Any]) -> list[dict[str, Any]]:
    if (arguments := call_of(body)) is None:
        return [{"content": piece} for piece in re.findall(r".{1,9}", text_of(body))]
    function = {"name": "search_literature", "arguments": ""}
    begun = {"tool_calls": [{"index": 0, "id": f"c{time.time_ns()}", "type": "function", "function": function}]}
    pieces = re.findall(r".{1,9}", json.dumps(arguments))
    return [begun, *({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in pieces)]


async def _play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            began = time.monotonic()
            length = re.search(rb"(?i)content-length: (\d+)", head)
            body = json.loads(await reader.readexactly(int(length[1]) if length else 0))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            deltas = _deltas(body)
            choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
            choices.append({"index": 0, "delta": {}, "finish_reason": "stop"})
            for at, choice in enumerate(choices):
                # By the clock, so that what is late is not made later.
                await asyncio.sleep(began + _FIRST + at * _NEXT - time.monotonic())
                _send(writer, json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]}))
            _send(writer, "[DONE]")
            writer.write(b"0\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def _send(writer: asyncio.StreamWriter, data: str) -> None:
    event = f"data: {data}\n\n".encode()
    writer.write(b"%x\r\n%b\r\n" % (len(event), event))


async def _serve() -> None:
    server = await asyncio.start_server(_play, "127.0.0.1", 0, limit=2**24)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


@contextmanager
def played() -> Iterator[str]:
    """The URL of an endpoint whose every answer takes a fixed time."""
    command = [sys.executable, "-m", "benchmarks.overhead", "--play"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(program.stdout.readline())}/v1"
        finally:
            program.terminate()


def seconds_of_endpoint(answer: Answer, mark: str) -> float:
    """How long the played endpoint takes over a turn, from what it writes in it."""
    question = {"messages": [{"role": "user", "content": mark}]}
    result = {"role": "tool", "content": json.dumps(answer.tools[0]["result"])}
    asked = (question, {"messages": [*question["messages"], result]})
    return sum(_FIRST + len(_deltas(body)) * _NEXT for body in asked)


# The conversations


async def converse(agent: Agent, library: Library, number: int, turns: int, wait: float, measured: bool) -> list[Told]:
    """The turns of one conversation, begun after a wait; raises nothing where an answer is not well."""
    await asyncio.sleep(wait)
    conversation, told = agent.conversations.new_id(), []
    for turn in range(turns):
        mark, began = f"K{number}-{turn}", time.monotonic()
        answer = None
        async for event in agent.ask(f"{mark}: which genes are methylated?", [library], conversation, OWNER):
            answer = event.answer if isinstance(event, Done) else None
        assert answer is not None
        seconds = time.monotonic() - began
        of_endpoint = seconds_of_endpoint(answer, mark) if measured and answer.tools else 0.0
        told.append(Told(mark, seconds, of_endpoint, sum(tool["seconds"] for tool in answer.tools), answer))
    exchanges = await agent.conversations.exchanges(conversation, OWNER)
    assert [_MARK.findall(exchange.question) for exchange in exchanges] == [[turn.mark] for turn in told]
    return told


async def held(settings: ModelSettings, at_once: int, measured: bool) -> tuple[list[Told], float]:
    """So many conversations at once, begun one after another within the time of a turn; and CPU seconds for a turn."""
    home = Home(WORK / "overhead")
    with home.starter() as library:
        async with open_agent(home, settings) as agent:
            await asyncio.to_thread(agent.prepare)
            await converse(agent, library, 0, 1, 0.0, measured)
            apart = 3.0 / at_once if measured else 0.0
            began = time.process_time()
            many = (converse(agent, library, n, _TURNS, (n - 1) * apart, measured) for n in range(1, at_once + 1))
            told = [turn for conversation in await asyncio.gather(*many) for turn in conversation]
            return told, (time.process_time() - began) / len(told)


def show(name: str, told: Sequence[Told], of_cpu: float, measured: bool) -> bool:
    """Print what a run took; gives whether every answer was the one to its question."""
    wrong = [turn for turn in told if not turn.is_well]
    print(f"{name}: {len(told)} turns, {len(wrong)} crossed, lost or answered by another model")
    for turn in wrong[:3]:
        print(f"  {turn.mark}: {turn.answer.answer[:150]!r} {turn.answer.notices}")
    if measured:
        ours = sorted(turn.ours * 1e3 for turn in told)
        search = statistics.median(turn.of_tools for turn in told) * 1e3
        print(
            f"  the agent's own: median {statistics.median(ours):.0f} ms, 95th percentile "
            f"{ours[int(0.95 * (len(ours) - 1))]:.0f} ms a turn; the search beside it: median {search:.0f} ms; "
            f"CPU, search and proof included: {of_cpu * 1e3:.0f} ms a turn"
        )
    else:
        print(f"  a turn: median {statistics.median(turn.seconds for turn in told):.1f} s")
    return not wrong


def main() -> None:
    """Print the overhead at 1 and at 32; 1 where an answer was crossed or lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vllm", action="store_true", help="32 conversations with the vLLM that runs, instead")
    parser.add_argument("--play", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.play:
        asyncio.run(_serve())
    if chosen.vllm:
        sys.exit(int(not _with_vllm()))
    with played() as url:
        settings = ModelSettings(url=url, name="played")
        well = [show(f"{n} at once", *asyncio.run(held(settings, n, True)), True) for n in (1, _AT_ONCE)]
    sys.exit(int(not all(well)))


def _with_vllm() -> bool:
    from agent.serving.endpoint import running
    from command.settings import read_settings
    from tests.system.relay import calling, relay, saying

    endpoint = running(read_settings().home)
    if endpoint is None:
        sys.exit("Nothing is served: epicite serve --model NAME")

    def forced(body: dict[str, Any]) -> dict[str, Any]:
        arguments = call_of(body)
        return calling(body, "search_literature", **arguments) if arguments else saying(body, text_of(body))

    with relay(endpoint.url, forced) as url:
        name = endpoint.named("agent")
        settings = ModelSettings(url=url, name=name, patience=300, context=max(1024, endpoint.context))
        return show(f"vLLM, {_AT_ONCE} at once", *asyncio.run(held(settings, _AT_ONCE, False)), False)


if __name__ == "__main__":
    main()
