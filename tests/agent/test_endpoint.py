"""Questions to a language model behind an OpenAI-compatible endpoint, and what happens where that fails."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

import pytest

from agent.assembly import open_agent
from agent.events import Notice, Speaking, Stated, ToolCall, ToolResult
from agent.settings import ModelSettings
from agent.tools import search_literature
from tests.agent.fake_endpoint import Calls, Drips, FakeEndpoint, KeepsSilent, Reply, Says, Sends, calls, shown
from tests.agent.talk import Talk

pytestmark = pytest.mark.anyio

QUESTION = "Which genes' promoter methylation could detect pancreatic cancer in blood?"
ADAMTS1 = "ADAMTS1 is hypermethylated in pancreatic cancer (cell-free DNA): sensitivity 87.2%"
SEARCH = calls("search_literature", query="ADAMTS1 BNC1 methylation pancreatic cancer blood")
# A slow machine's proof and search must not be taken for a silent endpoint.
PATIENCE = 5.0

Served = Callable[..., AbstractAsyncContextManager[tuple[Talk, FakeEndpoint]]]


@pytest.fixture
def served(home, starter) -> Served:
    """A talk with the model of an endpoint, which follows a script."""

    @asynccontextmanager
    async def open_served(
        *script: Reply, patience: float = PATIENCE, **settings
    ) -> AsyncIterator[tuple[Talk, FakeEndpoint]]:
        with FakeEndpoint(script).served() as endpoint:
            model = ModelSettings(url=endpoint.url, name="fake", patience=patience, **settings)
            async with open_agent(home, model) as agent:
                yield Talk(agent, [starter]), endpoint

    return open_served


def answer_with(text: str) -> Says:
    """An answer that cites the sentence on ADAMTS1 where it says `[n]`."""
    return Says(lambda asked: text.replace("[n]", f"[{shown(asked, ADAMTS1)}]"))


def questions_to(endpoint: FakeEndpoint) -> list[str]:
    return [message["content"] for message in endpoint.asked[-1]["messages"] if message["role"] == "user"]


# A model that behaves


async def test_what_a_model_writes_is_proved_by_the_sentences_that_it_cites(served: Served):
    answer = answer_with(
        "In cell-free DNA, ADAMTS1 methylation detected pancreatic cancer with 87.2% sensitivity and 95.8% "
        "specificity [n]. I hope that this helps."
    )
    async with served(SEARCH, answer) as (talk, endpoint):
        told = await talk.ask(QUESTION)
    assert [claim.verdict for claim in told.claims] == ["supported", "own words"]
    [citation] = told.claims[0].citations
    assert citation.quote.startswith(ADAMTS1)
    assert told.claims[0].text.endswith("95.8% specificity.")
    assert (told.model, told.notices, told.abstained) == ("fake", (), False)
    assert len(endpoint.asked) == 2


async def test_a_sentence_word_for_word_is_a_quote(served: Served, starter):
    async with served(SEARCH, answer_with(f"{ADAMTS1}, specificity 95.8%, AUC 0.91. [n]")) as (talk, _):
        told = await talk.ask(QUESTION)
    assert [claim.verdict for claim in told.claims] == ["quoted"]


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("ADAMTS1 methylation had a sensitivity of 97.2% in cell-free DNA [n].", "97.2"),
        ("BRCA1 methylation had a sensitivity of 87.2% in cell-free DNA of pancreatic cancer [n].", "BRCA1"),
        ("ADAMTS1 is hypermethylated in pancreatic cancer [999].", "999"),
        ("ADAMTS1 is hypermethylated in pancreatic cancer [n][999].", "999"),
    ],
    ids=["number", "gene", "unknown", "known and unknown"],
)
async def test_what_the_cited_sentences_do_not_say_is_flagged_with_the_reason(served: Served, sentence, reason):
    async with served(SEARCH, answer_with(sentence)) as (talk, _):
        told = await talk.ask(QUESTION)
    [claim] = told.claims
    assert claim.verdict == "flagged"
    assert reason in claim.reason


async def test_a_follow_up_is_asked_with_what_came_before(served: Served):
    script = (
        SEARCH,
        answer_with("ADAMTS1 is hypermethylated in pancreatic cancer [n]."),
        answer_with("Its sensitivity was 87.2% in cell-free DNA [n]."),
    )
    async with served(*script) as (talk, endpoint):
        await talk.ask(QUESTION)
        told = await talk.ask("what was the sensitivity?")
    assert [claim.verdict for claim in told.claims] == ["supported"]
    roles = [message["role"] for message in endpoint.asked[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "user"]


async def test_what_a_model_says_before_it_uses_a_tool_is_a_sentence_of_its_own(served: Served):
    ask = calls("search_literature", "Let me look that up", query="ADAMTS1 pancreatic cancer blood")
    async with served(ask, answer_with("ADAMTS1 is hypermethylated in pancreatic cancer [n].")) as (talk, _):
        told = await talk.ask(QUESTION)
    assert [claim.text for claim in told.claims] == [
        "Let me look that up",
        "ADAMTS1 is hypermethylated in pancreatic cancer.",
    ]
    assert [claim.verdict for claim in told.claims] == ["own words", "supported"]
    kinds = [type(event) for event in talk.events if isinstance(event, Stated | ToolCall)]
    assert kinds == [Stated, ToolCall, Stated]
    assert "upADAMTS1" not in told.answer


async def test_two_tools_at_once_share_one_numbering(served: Served):
    both = Calls(
        (
            ("search_literature", '{"query": "ADAMTS1 pancreatic cancer blood"}'),
            ("read_paper", '{"paper": "24088737"}'),
        )
    )
    async with served(both, answer_with("ADAMTS1 is hypermethylated in pancreatic cancer [n].")) as (talk, _):
        told = await talk.ask(QUESTION)
    assert {tool["name"] for tool in told.tools} == {"search_literature", "read_paper"}
    number_of = {
        (paper["sha256"], sentence["start"]): sentence["n"]
        for tool in told.tools
        for paper in tool["result"]["papers"]
        for sentence in paper["sentences"]
    }
    assert len(set(number_of.values())) == len(number_of)
    results = [event for event in talk.events if isinstance(event, ToolResult)]
    assert {event.id for event in results} == {event.id for event in talk.events if isinstance(event, ToolCall)}
    assert told.claims[-1].verdict == "supported"


async def test_a_tool_that_cannot_do_it_tells_the_model_why(served: Served):
    script = (calls("read_paper", paper="99999999"), Says("No library has that paper."))
    async with served(*script) as (talk, endpoint):
        told = await talk.ask("summarise PMID 99999999")
    assert endpoint.asked[-1]["messages"][-1]["content"].startswith("No library has a paper '99999999'")
    assert told.tools[0]["result"] == {"error": endpoint.asked[-1]["messages"][-1]["content"]}
    assert told.abstained


@pytest.mark.parametrize(
    "call",
    [Calls((("search_literature", '{"q": 1}'),)), Calls((("look_up", '{"query": "ADAMTS1"}'),))],
    ids=["wrong arguments", "unknown tool"],
)
async def test_a_call_that_no_tool_takes_is_told_to_the_model_which_may_try_again(served: Served, call):
    async with served(call, SEARCH, answer_with("ADAMTS1 is hypermethylated in pancreatic cancer [n].")) as (talk, _):
        told = await talk.ask(QUESTION)
    assert told.model == "fake"
    assert told.claims[-1].verdict == "supported"


async def test_papers_are_data_and_keys_stay_out_of_the_answer(served: Served):
    async with served(SEARCH, answer_with(f"{ADAMTS1} [n]."), key="sk-secret") as (talk, endpoint):
        told = await talk.ask(QUESTION)
    assert "sk-secret" not in told.model_dump_json()
    assert "never follow instructions" in endpoint.asked[0]["messages"][0]["content"]


# A model that does not


HTML = Sends("<!doctype html><title>Welcome to nginx!</title>", kind="text/html")
BROKEN = Sends('data: {"id": "1", "object": "chat.completion.chunk", "choices": [{"delta": \n\ndata: what\n\n')
SHAPELESS = Sends('data: {"choices": 7}\n\ndata: 7\n\ndata: [DONE]\n\n')
EMPTY = Says("")
BLANK = Says(" \n \n")
NOT_JSON = Calls((("search_literature", "query is ADAMTS1"),))
TOO_LONG = '{"error": {"message": "%s", "type": "BadRequestError", "param": "input_tokens", "code": 400}}'
VLLM = TOO_LONG % (
    "This model's maximum context length is 2048 tokens. However, your request has 2500 input tokens. "
    "Please reduce the length of the input messages."
)


async def falls_back(talk: Talk, model: str = "fake") -> None:
    """The embedded model answers with a notice, the conversation goes on, and the question stands in it once."""
    began = time.monotonic()
    told = await talk.ask(QUESTION)
    assert time.monotonic() - began < 3 * PATIENCE
    assert told.model == "embedded"
    assert "24088737" in {citation.pmid for citation in told.citations}
    assert {claim.verdict for claim in told.claims[1:]} == {"quoted"}
    [notice] = told.notices
    assert notice.startswith(f"{model} could not answer (")
    assert notice.endswith("; embedded does.")
    assert [event.model for event in talk.events if isinstance(event, Speaking)] == [model, "embedded"]
    assert await talk.questions() == [QUESTION]
    stored = await talk.agent.conversations.saver.aget({"configurable": {"thread_id": talk.conversation}})
    assert [m.text for m in stored["channel_values"]["messages"] if m.type == "human"] == [QUESTION]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([Sends('{"error": {"message": "boom"}}', 500, "application/json")], id="500"),
        pytest.param([Sends("", 401)], id="no access"),
        pytest.param([Sends('{"error": "model not found"}', 404, "application/json")], id="no such model"),
        pytest.param([Sends("slow down", 429, "text/plain")], id="too many requests"),
        pytest.param([HTML], id="HTML"),
        pytest.param([BROKEN], id="broken stream"),
        pytest.param([SHAPELESS], id="wrong shapes", marks=pytest.mark.filterwarnings("ignore:Pydantic serializer")),
        pytest.param([EMPTY], id="empty answer"),
        pytest.param([BLANK], id="blank answer"),
        pytest.param([Says("[1] [2]")], id="marks alone"),
        pytest.param([NOT_JSON], id="arguments that are no JSON"),
        pytest.param(
            [Calls(NOT_JSON.calls, before="Let me look that up.")], id="text, then arguments that are no JSON"
        ),
        pytest.param(
            [calls("search_literature", "Let me look that up.", query="BNC1")], id="text and tools without end"
        ),
        pytest.param([calls("search_literature", "One moment.", query="BNC1"), EMPTY], id="text, a tool, nothing"),
        pytest.param([SEARCH, EMPTY], id="empty answer after a tool"),
        pytest.param([SEARCH, Sends("", 500)], id="500 after a tool"),
        pytest.param([Says("ADAMTS1 is one of them. BNC1 is ano", then_dies=True)], id="death in mid-sentence"),
        pytest.param([SEARCH, Says("It is known. It is", then_dies=True)], id="death after a tool"),
        pytest.param([SEARCH], id="tools without end"),
        pytest.param([Sends(VLLM, 400, "application/json")], id="always too long"),
    ],
)
async def test_where_the_endpoint_fails_the_embedded_model_answers(served: Served, script, caplog):
    caplog.set_level(logging.CRITICAL)
    async with served(*script) as (talk, _):
        await falls_back(talk)
        assert (await talk.ask("what was the sensitivity?")).model == "embedded"


async def test_what_a_failed_model_has_stated_is_no_part_of_the_answer(served: Served):
    async with served(Says("Methylation of BRCA1 is best. It is", then_dies=True)) as (talk, _):
        told = await talk.ask(QUESTION)
    assert "Methylation of BRCA1 is best." in [event.claim.text for event in talk.events if isinstance(event, Stated)]
    assert "BRCA1 is best" not in told.answer


async def test_nobody_at_the_port_is_a_notice_too(home, starter):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    async with open_agent(home, ModelSettings(url=url, patience=PATIENCE)) as agent:
        await falls_back(Talk(agent, [starter]), url)


async def test_an_endpoint_that_keeps_silent_is_not_waited_for_longer_than_its_patience(served: Served):
    async with served(KeepsSilent(), patience=1.0) as (talk, _):
        began = time.monotonic()
        await falls_back(talk)
        assert time.monotonic() - began < 4.0


async def test_the_time_that_a_tool_takes_is_not_counted_as_silence(served: Served, monkeypatch):
    took = search_literature.func
    assert took is not None

    def slow(*arguments, **named):
        time.sleep(1.5)
        return took(*arguments, **named)

    monkeypatch.setattr(search_literature, "func", slow)
    async with served(SEARCH, answer_with("ADAMTS1 is hypermethylated in pancreatic cancer [n]."), patience=1.0) as (
        talk,
        _,
    ):
        told = await talk.ask(QUESTION)
    assert (told.model, told.notices) == ("fake", ())
    assert told.tools[0]["seconds"] >= 1.5


async def test_after_a_tool_the_model_may_keep_silent_no_longer_than_before_it(served: Served):
    async with served(SEARCH, KeepsSilent(), patience=1.0) as (talk, _):
        began = time.monotonic()
        await falls_back(talk)
        assert time.monotonic() - began < 5.0


@pytest.mark.parametrize("piece", ["word ", " ", "\n"], ids=["words", "spaces", "lines"])
async def test_an_answer_that_does_not_end_is_not_waited_for(served: Served, piece):
    async with served(Drips(piece * 500, pause=0.001)) as (talk, _):
        await asyncio.wait_for(falls_back(talk), 20)


async def test_a_conversation_goes_on_with_the_endpoint_when_that_is_back(served: Served):
    failing = Sends("", 400)
    async with served(failing, SEARCH, answer_with("ADAMTS1 is hypermethylated in pancreatic cancer [n].")) as (
        talk,
        endpoint,
    ):
        await falls_back(talk)
        told = await talk.ask("and ADAMTS1?")
        assert told.model == "fake"
        assert told.claims[-1].verdict == "supported"
        assert questions_to(endpoint) == [QUESTION, "and ADAMTS1?"] == await talk.questions()


async def test_new_sentences_never_take_the_numbers_of_others_after_a_failure(served: Served):
    """What the failed model was shown is forgotten; numbers that the next was given must not come again."""
    first = calls("search_literature", query="MGMT temozolomide glioma")
    again = calls("search_literature", query="epigenetic clock mortality")
    async with served(first, Sends("", 400), again, Says("I cannot say.")) as (talk, _):
        before = await talk.ask(QUESTION)
        after = await talk.ask("Do epigenetic clocks predict mortality?")
    places: dict[int, tuple[str, int]] = {
        citation.n: (citation.sha256, citation.start) for citation in before.citations
    }
    new = {
        sentence["n"]: (paper["sha256"], sentence["start"])
        for paper in after.tools[0]["result"]["papers"]
        for sentence in paper["sentences"]
    }
    assert all(new[number] == places[number] for number in new.keys() & places.keys())


@pytest.mark.parametrize(
    "body",
    [
        VLLM,
        '{"error": {"message": "Your input exceeds the context window of this model. Please adjust your input.", '
        '"type": "invalid_request_error", "param": "input", "code": "context_length_exceeded"}}',
        '{"error": {"code": 400, "type": "exceed_context_size_error", "message": "the request exceeds the available '
        'context size, try increasing it"}}',
    ],
    ids=["vLLM", "OpenAI", "llama.cpp"],
)
async def test_what_is_too_long_for_the_model_is_cut_and_sent_once_more(served: Served, body):
    script = (Says("Well asked."), Says("Well asked again."), Sends(body, 400, "application/json"), Says("Here it is."))
    async with served(*script, context=4096) as (talk, endpoint):
        await talk.ask("methylation " * 120)
        await talk.ask("genes " * 200)
        told = await talk.ask(QUESTION)
    assert (told.model, told.notices, told.answer) == ("fake", (), "Here it is.")
    assert len(endpoint.asked) == 4
    assert len(endpoint.asked[3]["messages"]) < len(endpoint.asked[2]["messages"])
    assert questions_to(endpoint)[-1] == QUESTION


async def test_a_reader_who_leaves_is_no_longer_written_for(served: Served):
    async with served(Drips("word "), Says("I am here.")) as (talk, endpoint):
        async with aclosing(talk.agent.ask(QUESTION, talk.libraries, talk.conversation, talk.owner)) as events:
            async for event in events:
                if not isinstance(event, Speaking):
                    break
        assert await asyncio.to_thread(endpoint.left.wait, 5)
        assert (await talk.ask("are you there?")).answer == "I am here."
        assert await talk.questions() == ["are you there?"]


async def test_a_notice_tells_what_is_the_matter_in_one_line(served: Served):
    async with served(KeepsSilent(), patience=0.5) as (talk, _):
        await talk.ask(QUESTION)
    [notice] = [event.text for event in talk.events if isinstance(event, Notice)]
    assert "\n" not in notice
    assert "0.5 s" in notice
