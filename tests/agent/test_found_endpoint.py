"""The model that `epicite serve` runs is found by a chat that has begun, and not missed when it is gone."""

import os
from pathlib import Path

import pytest

from agent.assembly import open_agent
from agent.serving.endpoint import FILE_NAME, Endpoint, Served, beginning, forget, tell
from agent.serving.roles import of_role
from agent.settings import ModelSettings
from tests.agent.fake_endpoint import Calls, FakeEndpoint, Recorded, Says, calls, recorded
from tests.agent.talk import Talk

pytestmark = pytest.mark.anyio

QUESTION = "Which genes' promoter methylation could detect pancreatic cancer in blood?"
SEARCH = calls("search_literature", query="ADAMTS1 BNC1 methylation pancreatic cancer blood")


def running_at(url: str, *adapters: str, context: int = 16_384) -> Endpoint:
    """An endpoint whose process is this one."""
    served = {name: Served(path=Path(name), sha256="0", source=Path(name)) for name in adapters}
    began = beginning(os.getpid())
    assert began is not None
    return Endpoint(
        url=url, model="base", base="base", adapters=served, rank=8, context=context, pid=os.getpid(), began=began
    )


async def test_a_chat_that_has_begun_finds_what_is_served_later_and_goes_on_without_it(home, starter) -> None:
    with FakeEndpoint([Says("It is.")]).served() as endpoint:
        async with open_agent(home, ModelSettings()) as agent:
            talk = Talk(agent, [starter])
            assert (await talk.ask(QUESTION)).model == "embedded"
            tell(home.root, running_at(endpoint.url, "agent"))
            told = await talk.ask("Is BNC1 one of them?")
            assert (told.model, told.notices) == ("agent", ())
            assert endpoint.asked[0]["model"] == "agent"
            assert [message["role"] for message in endpoint.asked[0]["messages"]].count("user") == 2
            forget(home.root, os.getpid())
            told = await talk.ask("And in urine?")
            assert (told.model, told.notices) == ("embedded", ())
            assert len(await talk.questions()) == 3


async def test_what_is_told_of_a_dead_process_is_not_asked(home, starter) -> None:
    dead = running_at("http://127.0.0.1:9/v1").model_copy(update={"began": "1"})
    tell(home.root, dead)
    async with open_agent(home, ModelSettings()) as agent:
        told = await Talk(agent, [starter]).ask(QUESTION)
    assert (told.model, told.notices) == ("embedded", ())


async def test_after_a_stream_that_ends_too_soon_the_embedded_model_answers_and_nothing_is_lost(
    home, starter, caplog
) -> None:
    """The connection ends as if all were well, in the call, and in the answer after it."""
    called = recorded(Calls((("search_literature", '{"query": "BNC1 methylation", "year_from": 2001}'),)), "tool_calls")
    said = recorded(Says("BNC1 is methylated. It is not a"))
    in_arguments = called.rindex(b'"arguments"') + 16
    finish, done = said.index(b'"finish_reason": "stop"') - 200, said.index(b"chat.completion.chunk")
    script = [
        *(Recorded(called, end) for end in (1, in_arguments, len(called) // 2)),
        *(reply for end in (done, finish) for reply in (SEARCH, Recorded(said, end))),
        SEARCH,
        Says("BNC1 is one of them."),
    ]
    with FakeEndpoint(script).served() as endpoint:
        tell(home.root, running_at(endpoint.url, "agent"))
        async with open_agent(home, ModelSettings(patience=5)) as agent:
            talk = Talk(agent, [starter])
            for turn in range(5):
                told = await talk.ask(QUESTION)
                assert told.model == "embedded"
                [notice] = told.notices
                assert notice.startswith("agent could not answer (")
                assert "24088737" in {citation.pmid for citation in told.citations}
                assert len(await talk.questions()) == turn + 1
            told = await talk.ask("Is BNC1 one of them?")
            assert (told.model, told.notices) == ("agent", ())
    asked = [message["content"] for message in endpoint.asked[-1]["messages"] if message["role"] == "user"]
    assert asked == [*[QUESTION] * 5, "Is BNC1 one of them?"]


@pytest.mark.parametrize(
    ("adapters", "settings", "agent", "extractor"),
    [
        ((), {}, "base", "base"),
        (("agent", "extractor"), {}, "agent", "extractor"),
        (("tools", "records"), {"name": "tools", "extractor": "records"}, "tools", "records"),
        (("tools",), {"name": "tools"}, "tools", "tools"),
        (("agent",), {"name": "gone"}, "agent", "base"),
        (("agent",), {"name": "base"}, "base", "base"),
    ],
)
def test_each_role_has_the_adapter_that_is_named_for_it(tmp_path, adapters, settings, agent, extractor) -> None:
    tell(tmp_path, running_at("http://127.0.0.1:8000/v1", *adapters))
    chosen = ModelSettings(**settings)
    assert of_role("agent", chosen, tmp_path).name == agent
    assert of_role("extractor", chosen, tmp_path).name == extractor


def test_an_endpoint_that_the_settings_name_goes_before_one_that_runs(tmp_path) -> None:
    tell(tmp_path, running_at("http://127.0.0.1:8000/v1", "agent"))
    chosen = ModelSettings(url="http://example/v1", name="Qwen/Qwen3-8B")
    assert of_role("agent", chosen, tmp_path) == chosen


@pytest.mark.parametrize(("settings", "window"), [({}, 16_384), ({"context": 4096}, 4096)])
def test_its_window_is_its_own_unless_the_settings_say_less(tmp_path, settings, window) -> None:
    tell(tmp_path, running_at("http://127.0.0.1:8000/v1"))
    assert of_role("agent", ModelSettings(**settings), tmp_path).context == window


def test_who_ends_takes_back_only_its_own_word(tmp_path) -> None:
    tell(tmp_path, running_at("http://127.0.0.1:8000/v1"))
    forget(tmp_path, os.getpid() + 1)
    assert (tmp_path / FILE_NAME).exists()
    forget(tmp_path, os.getpid())
    forget(tmp_path, os.getpid())
    assert not (tmp_path / FILE_NAME).exists()
