"""200 adversarial tool calls: whatever their bytes, our client reads what was written, or refuses what was cut off.

Each is replayed as vLLM and as OpenAI write a stream, an event at a time and with a read after every byte; that of
OpenAI is also ended, as if all were well, after every byte. With `--vllm` each is forced through the vLLM that
`epicite serve` runs, by constants in the tool's schema and as raw text for its parser, streamed and not; what differs
there is listed. That needs a model that does not write blanks without end, such as that of
`tests/agent/serving/models.py`.
"""

import argparse
import asyncio
import itertools
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from langchain_core.exceptions import LangChainException
from langchain_core.messages import AIMessage, HumanMessage
from openai import APIError, DefaultAsyncHttpxClient
from pydantic import SecretStr

from agent.errors import ModelUnusable
from agent.served import ServedModel

Arguments = dict[str, Any]
_REFUSED = (ModelUnusable, LangChainException, APIError, OSError, ValueError)
_TEXTS = (
    *(
        "{",
        "}",
        "}}",
        '{"',
        '"}',
        '{"a": {"b": [1, {"c": "}"}]}}',
        "[",
        "]]",
        "}{",
        '"',
        '""',
        "'",
        '\\"',
        "\\",
        "\\\\",
    ),
    *("\\n", "a\nb", "a\tb", "a\r\nb", "\x01\x1f", "\u2028\u2029", "\u200b\u200d", "é", "e\u0301", "ß", "α-synuclein"),
    *(
        "甲基化",
        "胰腺癌的血液标志物？",
        "日本語テキスト",
        "한국어",
        "עברית",
        "العربية",
        "🧬",
        "👩🏽‍🔬",
        "𝛽",
        "\ufeffBRCA1",
    ),
    *("<tool_call>", "</tool_call>", '</tool_call>\n<tool_call>{"name": "x"}', "<|im_end|>", "<think>", "</think>"),
    *("data: [DONE]", "\n\ndata: {}\n\n", "[DONE]", "null", "None", "true", "NaN", "", " ", "  a  ", "\\u0041", "%7B"),
    *("p<0.05 & q>2", "${x}", "{{x}}", "`x`", "# x", "/* x */", "a" * 300, '{"' * 40, "\\" * 33, "甲" * 120),
)
_NESTED: tuple[Arguments, ...] = (
    {},
    {"a": {}},
    {"a": []},
    {"a": [[], {}, [{}]]},
    {"a": {"b": {"c": {"d": {"e": "}"}}}}},
    {"a": [1, -1, 0, 2.5, -0.125, 1e-7, 12345678901234567890]},
    {"a": None, "b": True, "c": False},
    {"": "", " ": " "},
    {"a.b": 1, "a b": 2, "a-b": 3, 'a"b': 4, "a\\b": 5},
    {"甲": "基", "🧬": ["🧬"], "é": {"é": "é"}},
    {"query": "ADAMTS1", "within": ["P1", "P2"], "year_from": 2001, "gene": None},
    {"sequence": "seq1", "species": "A. thaliana", "mark": "6mA"},
)


@dataclass(frozen=True)
class Case:
    """Calls that one message makes, each a tool's name and its arguments."""

    calls: tuple[tuple[str, Arguments], ...]

    @property
    def arguments(self) -> list[Arguments]:
        """What a client should read."""
        return [arguments for _, arguments in self.calls]


def cases() -> list[Case]:
    """200 cases, the same each time: each text alone, as a key, in a list and in two calls; nested ones; none."""
    alone = [Case((("search", {"query": text}),)) for text in _TEXTS]
    keys = [Case((("search", {f"k{text}": text}),)) for text in _TEXTS[:20]]
    lists = [Case((("search", {"a": [text, {"b": text}], "n": at}),)) for at, text in enumerate(_TEXTS)]
    nested = [Case((("search", arguments),)) for arguments in _NESTED]
    pairs = zip(_TEXTS, reversed(_TEXTS), strict=True)
    two = [Case((("search", {"query": one}), ("find", {"paper": other}))) for one, other in pairs]
    empty = [Case((("find", {}), ("search", {}))), Case((("find", {}), ("find", {})))]
    found = [*alone, *nested, *empty, *keys, *itertools.chain(*zip(two, lists, strict=True))][:200]
    assert len(found) == 200
    return found


def as_vllm(case: Case) -> list[bytes]:
    """Events as vLLM writes them: the name, then the arguments in pieces, Unicode as it is; "stop" at the end."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for index, (name, arguments) in enumerate(case.calls):
        deltas.append(_call(index, name, None))
        written = json.dumps(arguments, ensure_ascii=False)
        deltas += [_call(index, None, written[at : at + 7]) for at in range(0, len(written), 7)]
    return _events(deltas, "stop")


def as_openai(case: Case) -> list[bytes]:
    """Events as OpenAI writes them: name and the first of the arguments at once, Unicode escaped, no blanks."""
    deltas = []
    for index, (name, arguments) in enumerate(case.calls):
        written = json.dumps(arguments, separators=(",", ":"))
        deltas.append(_call(index, name, written[:1]))
        deltas += [_call(index, None, written[at : at + 40]) for at in range(1, len(written), 40)]
    return _events(deltas, "tool_calls")


def _call(index: int, name: str | None, arguments: str | None) -> dict[str, Any]:
    begun = {"id": f"c{index}", "type": "function"} if name else {}
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return {"tool_calls": [{"index": index, **begun, "function": function}]}


def _events(deltas: Sequence[dict[str, Any]], finish: str) -> list[bytes]:
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": finish})
    told = [json.dumps({"choices": [choice]}, ensure_ascii=False) for choice in choices]
    return [f"data: {event}\n\n".encode() for event in [*told, "[DONE]"]]


class Replay(httpx2.AsyncBaseTransport):
    """Answers every request with the next of some streams, each in pieces."""

    def __init__(self, streams: Iterator[Sequence[bytes]]) -> None:
        self._streams = streams

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:  # noqa: ARG002
        """The next stream, as a body that ends without an error."""
        kind = {"content-type": "text/event-stream"}
        return httpx2.Response(200, headers=kind, stream=_Pieces(next(self._streams)))


class _Pieces(httpx2.AsyncByteStream):
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def read(model: ServedModel) -> list[Arguments] | None:
    """The arguments of the calls that our client reads; None where it refuses the message."""
    whole = None
    try:
        async for piece in model.astream([HumanMessage("hi")]):
            whole = piece if whole is None else whole + piece
    except _REFUSED:
        return None
    assert isinstance(whole, AIMessage)
    if whole.invalid_tool_calls:
        return None
    return [call["args"] for call in whole.tool_calls]


async def replayed(case: Case, step: int) -> Counter[str]:
    """How often a case was read rightly, refused where it was cut off, and read otherwise."""
    counted: Counter[str] = Counter()
    whole = []
    for events in (as_vllm(case), as_openai(case)):
        stream = b"".join(events)
        whole += [events, [stream[at : at + 1] for at in range(len(stream))]]
    ends = range(1, len(stream), step)
    model = _client(Replay(iter([*whole, *([stream[:end]] for end in ends)])))
    for _ in whole:
        counted["whole, right" if await read(model) == case.arguments else "whole, wrong"] += 1
    for _ in ends:
        found = await read(model)
        right = "cut, refused" if found is None else "cut, right"
        counted[right if found in (None, case.arguments) else "cut, wrong"] += 1
    return counted


def _client(transport: httpx2.AsyncBaseTransport) -> ServedModel:
    return ServedModel(
        base_url="http://fake/v1",
        api_key=SecretStr("none"),
        model="fake",
        max_retries=0,
        stream_chunk_timeout=None,
        http_async_client=DefaultAsyncHttpxClient(transport=transport),
    )


def through_vllm(case: Case, url: str, model: str) -> Iterator[tuple[str, bool | None]]:
    """How vLLM hands a case on, by way of forcing it; None where it cannot be forced in that way."""
    told = [_schema(name, arguments) for name, arguments in case.calls]
    if len(case.calls) == 1:
        name = case.calls[0][0]
        by_schema = {"tools": told, "tool_choice": {"type": "function", "function": {"name": name}}}
        yield "schema", _is_right(case, url, model, by_schema)
    written = "\n".join(
        "<tool_call>\n" + json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False) + "\n</tool_call>"
        for name, arguments in case.calls
    )
    free = [{"type": "function", "function": {"name": name}} for name in {name for name, _ in case.calls}]
    by_text = {"tools": free, "tool_choice": "auto", "structured_outputs": {"choice": [written]}}
    yield "text", _is_right(case, url, model, by_text)


def _schema(name: str, arguments: Arguments) -> dict[str, Any]:
    constants = {key: {"const": value} for key, value in arguments.items()}
    schema = {"type": "object", "properties": constants, "required": list(arguments), "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "parameters": schema, "strict": True}}


def _is_right(case: Case, url: str, model: str, forced: dict[str, Any]) -> bool | None:
    """Whether both the streamed and the whole message are as they were written; None where vLLM refuses to force it."""
    from agent.serving.asking import ask

    body = {"model": model, "messages": [{"role": "user", "content": "hi"}], "temperature": 0, "max_tokens": 2000}
    status, answer = ask(f"{url}/chat/completions", {**body, **forced})
    if status != 200:
        return None
    calls = json.loads(answer)["choices"][0]["message"].get("tool_calls") or []
    whole = [_loaded(call["function"]["arguments"]) for call in calls]
    stream = ask(f"{url}/chat/completions", {**body, **forced, "stream": True})[1].encode()
    streamed = asyncio.run(read(_client(Replay(iter([[stream]])))))
    return whole == case.arguments and streamed == case.arguments


def _loaded(written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        return written


def main() -> None:
    """Print the counts; 1 where our client read anything otherwise than it was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vllm", action="store_true", help="also through the vLLM that `epicite serve` runs")
    parser.add_argument("--step", type=int, default=1, help="end streams after every so manieth byte")
    chosen = parser.parse_args()
    adversarial = cases()
    counted = sum((asyncio.run(replayed(case, chosen.step)) for case in adversarial), Counter[str]())
    print(f"{len(adversarial)} cases, replayed: {dict(sorted(counted.items()))}")
    if chosen.vllm:
        _through_vllm(adversarial)
    sys.exit(int(counted["whole, wrong"] + counted["cut, wrong"] > 0))


def _through_vllm(adversarial: Sequence[Case]) -> None:
    from agent.serving.endpoint import running
    from command.settings import read_settings

    endpoint = running(read_settings().home)
    if endpoint is None:
        sys.exit("Nothing is served: epicite serve --model NAME")
    counted: Counter[str] = Counter()
    for case in adversarial:
        for way, right in through_vllm(case, endpoint.url, endpoint.named("agent")):
            outcome = {True: "right", False: "other", None: "not forced"}[right]
            counted[f"{way}, {outcome}"] += 1
            if not right:
                print(f"{way}, {outcome}: {json.dumps(case.calls, ensure_ascii=False)[:200]}")
    print(f"through vLLM: {dict(sorted(counted.items()))}")


if __name__ == "__main__":
    main()
