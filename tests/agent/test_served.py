"""The client of endpoints: what comes in pieces is whole, and what is cut off is never taken for an answer."""

from collections.abc import AsyncIterator

import pytest
from langchain_core.exceptions import LangChainException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from openai import APIError

from agent.errors import ModelUnusable
from agent.served import served_model
from agent.settings import ModelSettings
from agent.tools import LITERATURE
from tests.agent.fake_endpoint import Calls, FakeEndpoint, Recorded, Reply, Says, recorded

pytestmark = pytest.mark.anyio

TWO = Calls(
    (
        ("search_literature", '{"query": "ADAMTS1 {\\"a\\": [1]} \\\\ 甲基化 🧬", "year_from": 2001}'),
        ("find_paper", "{}"),
    )
)
ARGUMENTS = [{"query": 'ADAMTS1 {"a": [1]} \\ 甲基化 🧬', "year_from": 2001}, {}]
# A call in as few bytes as a client takes.
SHORT = """\
data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"find_paper","arguments":"{\\"query"}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\": \\"}甲\\"}"}}]}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

""".encode()  # noqa: E501 - as it goes over the wire
REFUSED = (ModelUnusable, LangChainException, APIError, OSError, ValueError)


async def asked(*script: Reply) -> AsyncIterator[AIMessage | type[BaseException]]:
    """What the client makes of each reply: a message, or the kind of its refusal."""
    with FakeEndpoint(script).served() as endpoint:
        async with served_model(ModelSettings(url=endpoint.url, name="fake", patience=5)) as model:
            offered = model.bind_tools(LITERATURE)
            for _ in script:
                try:
                    whole = None
                    async for piece in offered.astream([HumanMessage("hi")]):
                        whole = piece if whole is None else whole + piece
                    assert isinstance(whole, AIMessage)
                    yield whole
                except REFUSED as error:
                    yield type(error)


async def one(reply: Reply) -> AIMessage | type[BaseException]:
    [said] = [said async for said in asked(reply)]
    return said


async def test_a_stream_that_comes_byte_by_byte_is_the_same_message() -> None:
    said = await one(Recorded(recorded(TWO), byte_by_byte=True))
    assert isinstance(said, AIMessage)
    assert [call["args"] for call in said.tool_calls] == ARGUMENTS
    assert said.invalid_tool_calls == []


async def test_a_stream_that_ends_after_any_byte_is_refused_or_whole() -> None:
    """An end without an error is the worst kind: half a call would be run with what is left of it."""
    script = [Recorded(SHORT, end) for end in range(1, len(SHORT) + 1)]
    outcomes = [said async for said in asked(*script)]
    assert len(outcomes) == len(SHORT)
    for end, said in enumerate(outcomes, start=1):
        if isinstance(said, AIMessage):
            assert end > SHORT.index(b"finish_reason")
            assert [call["args"] for call in said.tool_calls] == [{"query": "}甲"}]
    assert isinstance(outcomes[-1], AIMessage)


@pytest.mark.parametrize(
    ("reply", "finish", "said"),
    [
        (Says("BNC1 is not"), None, "cut off"),
        (Says("BNC1 is not"), "length", "did not fit"),
        (Calls((("search_literature", '{"query": "hyper'),)), "stop", "no JSON"),
        (Calls((("search_literature", '{"query": "hyper'),)), "length", "did not fit"),
        (Calls((("search_literature", "["),)), "tool_calls", "no JSON"),
        (Calls((("search_literature", '["x"]'),)), "tool_calls", "no JSON"),
        (Calls((("search_literature", '{"query": "a"} {"query": "b"}'),)), "stop", "no JSON"),
    ],
)
async def test_what_is_not_whole_is_refused_with_the_reason(reply: Says | Calls, finish: str | None, said: str) -> None:
    with FakeEndpoint([Recorded(recorded(reply, finish))]).served() as endpoint:
        async with served_model(ModelSettings(url=endpoint.url, name="fake", patience=5)) as model:
            with pytest.raises(ModelUnusable, match=said):
                await of(model)


@pytest.mark.parametrize("written", ["", "{}", " {} "])
async def test_a_call_without_arguments_is_a_call(written: str) -> None:
    said = await one(Recorded(recorded(Calls((("find_paper", written),)), "tool_calls")))
    assert isinstance(said, AIMessage)
    assert [call["args"] for call in said.tool_calls] == [{}]


async def test_an_endpoint_on_this_machine_is_not_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    said = await one(Says("Hello."))
    assert isinstance(said, AIMessage)


async def of(model: BaseChatModel) -> list[str]:
    return [piece.text async for piece in model.astream([HumanMessage("hi")])]
