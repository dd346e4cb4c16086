"""Questions as people ask them, over the starter library, with the embedded model."""

import asyncio
import json
from contextlib import aclosing, suppress

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agent.assembly import open_agent
from agent.errors import UnknownConversation
from agent.events import Answer, Done, Draft, Event, Speaking, Stated, ToolCall, ToolResult
from agent.settings import ModelSettings
from tests.agent.talk import Talk

pytestmark = pytest.mark.anyio

PANCREAS = "Which genes' promoter methylation could detect pancreatic cancer in blood?"
PANCREAS_CHINESE = "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？"
YI_2013 = "24088737"
STOOL_TEST = "17762966"


def cited(answer: Answer) -> set[str | None]:
    return {citation.pmid for citation in answer.citations}


def tool_names(answer: Answer) -> list[str]:
    return [tool["name"] for tool in answer.tools]


# The examples that must work


async def test_blood_markers_of_pancreatic_cancer_are_named_and_cited(talk: Talk):
    answer = await talk.ask(PANCREAS)
    assert "ADAMTS1" in answer.answer
    assert "BNC1" in answer.answer
    assert YI_2013 in cited(answer)
    assert not answer.abstained


async def test_the_same_question_in_chinese_gets_the_same_answer_in_a_chinese_frame(talk: Talk):
    answer = await talk.ask(PANCREAS_CHINESE)
    assert "ADAMTS1" in answer.answer
    assert "BNC1" in answer.answer
    assert YI_2013 in cited(answer)
    frame = [claim.text for claim in answer.claims if not claim.citations]
    assert frame == ["以下逐字引用论文原文："]


async def test_a_question_that_no_paper_answers_is_declined_with_the_nearest_papers(talk: Talk, starter):
    answer = await talk.ask("What is the boiling point of nitrogen?")
    assert answer.abstained
    assert answer.citations == ()
    assert answer.answer.startswith("The library does not say.")
    titles = [line.removeprefix("- ") for line in answer.answer.splitlines()[1:]]
    assert len(titles) == 3
    assert all(starter.find_paper(title, 1)[0].paper.title == title for title in titles)
    assert [paper.title for paper in answer.nearest] == titles
    assert all(starter.paper(paper.paper_id).sha256 == paper.sha256 for paper in answer.nearest)


async def test_an_answer_that_cites_papers_has_no_nearest_ones(talk: Talk):
    assert (await talk.ask(PANCREAS)).nearest == ()


async def test_a_chinese_question_that_no_paper_answers_is_declined_in_chinese(talk: Talk):
    answer = await talk.ask("氮气的沸点是多少？")
    assert answer.abstained
    assert answer.answer.startswith("文献库中没有相关内容。")


@pytest.mark.parametrize(
    ("question", "follow_up"),
    [(PANCREAS, "what was the sensitivity?"), (PANCREAS_CHINESE, "那敏感性是多少？")],
)
async def test_a_question_about_the_answer_is_answered_from_its_papers(talk: Talk, question, follow_up):
    before = await talk.ask(question)
    after = await talk.ask(follow_up)
    assert YI_2013 in cited(after)
    assert {citation.sha256 for citation in after.citations} <= {citation.sha256 for citation in before.citations}
    assert "sensitivity" in after.answer


async def test_a_question_that_widens_the_one_before_is_asked_of_everything(talk: Talk):
    await talk.ask("Which genes are hypermethylated in gastric cancer?")
    answer = await talk.ask("and in blood?")
    [tool] = answer.tools
    assert tool["arguments"] == {"disease": "gastric cancer", "status": "hypermethylated", "sample": "blood"}
    assert any("in blood" in claim.text for claim in answer.claims)


async def test_a_paper_is_summarised_by_its_own_sentences(talk: Talk):
    answer = await talk.ask(f"summarise PMID {YI_2013}")
    assert tool_names(answer) == ["read_paper"]
    assert cited(answer) == {YI_2013}
    assert len(answer.citations) >= 4


async def test_what_is_asked_after_a_paper_is_asked_of_that_paper(talk: Talk):
    await talk.ask(f"summarise PMID {STOOL_TEST}")
    answer = await talk.ask("what were their controls?")
    assert tool_names(answer) == ["read_paper"]
    assert [claim.text for claim in answer.claims[1:]] == ["Patients and controls differed at P < 0.001."]
    assert cited(answer) == {STOOL_TEST}


@pytest.mark.parametrize(
    ("request_", "question"),
    [("summarise PMID {}", "what were their controls?"), ("总结 PMID {}", "他们用了哪种抗生素？")],
)
async def test_what_a_paper_does_not_hold_is_not_answered_from_it(talk: Talk, request_, question):
    await talk.ask(request_.format(YI_2013))
    answer = await talk.ask(question)
    assert answer.abstained
    assert "Novel Methylation Biomarker Panel" in answer.answer
    assert YI_2013 in cited(await talk.ask("what was the sensitivity?"))


@pytest.mark.parametrize("request_", ["summarise PMID 99999999", "find PMID 99999999", "总结 PMID 99999999"])
async def test_a_paper_that_no_library_has_is_said_to_be_missing(talk: Talk, request_):
    answer = await talk.ask(request_)
    assert answer.abstained
    assert "No library has a paper '99999999'" in " ".join([answer.answer, *answer.notices])


@pytest.mark.parametrize("greeting", ["hello", "Thanks, that was helpful!", "你好"])
async def test_a_greeting_needs_no_tool(talk: Talk, greeting):
    answer = await talk.ask(greeting)
    assert answer.tools == ()
    assert not answer.abstained
    assert "Epicite" in answer.answer


async def test_it_says_that_it_quotes(talk: Talk):
    answer = await talk.ask(PANCREAS)
    assert answer.claims[0].text == "I quote the papers, word for word:"
    assert {claim.verdict for claim in answer.claims[1:]} == {"quoted"}


async def test_every_quote_is_the_stored_papers_text_at_its_place(talk: Talk, starter):
    for question in (PANCREAS, PANCREAS_CHINESE, f"summarise PMID {YI_2013}", "Is RASSF1A silenced in lung cancer?"):
        answer = await talk.ask(question)
        citations = [citation for claim in answer.claims for citation in claim.citations]
        assert citations
        for citation in citations:
            paper = starter.paper(citation.paper_id)
            assert paper.sha256 == citation.sha256
            assert paper.text[citation.start : citation.end] == citation.quote


async def test_without_libraries_the_answer_is_that_they_do_not_say(talk: Talk):
    talk.libraries.clear()
    answer = await talk.ask(PANCREAS)
    assert answer.abstained
    assert answer.answer == "The library does not say."


async def test_a_paper_whose_library_is_no_longer_ticked_is_not_quoted_again(talk: Talk):
    await talk.ask(PANCREAS)
    talk.libraries.clear()
    answer = await talk.ask("what was the sensitivity?")
    assert answer.citations == ()
    assert answer.abstained


# What a turn tells


async def test_events_come_in_the_order_of_the_work(talk: Talk):
    answer = await talk.ask(PANCREAS)
    kinds = [type(event) for event in talk.events if not isinstance(event, Draft)]
    assert kinds == [Speaking, ToolCall, ToolResult, *[Stated] * len(answer.claims), Done]
    [call] = [event for event in talk.events if isinstance(event, ToolCall)]
    [result] = [event for event in talk.events if isinstance(event, ToolResult)]
    assert call.id == result.id
    assert call.arguments == {"query": PANCREAS}
    assert result.error is None
    assert result.result["relevant"] is True


async def test_a_draft_tells_how_much_has_come_and_never_what(talk: Talk):
    await talk.ask(PANCREAS)
    drafts = [event for event in talk.events if isinstance(event, Draft)]
    assert drafts
    assert all(list(draft.model_dump()) == ["characters"] for draft in drafts)
    assert all(isinstance(draft.characters, int) and draft.characters > 0 for draft in drafts)


async def test_the_answer_is_the_sentences_that_were_stated(talk: Talk):
    answer = await talk.ask(PANCREAS)
    stated = [event.claim for event in talk.events if isinstance(event, Stated)]
    assert answer.claims == tuple(stated)
    assert "".join(answer.answer.split()) == "".join(
        "".join([claim.lead, claim.text, *(f"[{citation.n}]" for citation in claim.citations)]) for claim in stated
    ).replace(" ", "").replace("\n", "")
    numbers = [citation.n for citation in answer.citations]
    assert len(numbers) == len(set(numbers))


async def test_an_answer_in_json_has_the_fields_of_the_design(talk: Talk):
    answer = json.loads((await talk.ask(PANCREAS)).model_dump_json())
    assert list(answer) == [
        "answer", "claims", "citations", "nearest", "evidence", "tools", "attachments", "notices", "abstained",
        "conversation", "model",
    ]  # fmt: skip
    assert set(answer["claims"][1]) >= {"text", "citations", "verdict", "reason"}
    assert answer["claims"][1]["citations"] == [answer["citations"][0]["n"]]
    assert set(answer["citations"][0]) >= {
        "n", "pmid", "doi", "title", "journal", "year", "url", "kind", "section", "page", "quote", "start", "end",
        "sha256",
    }  # fmt: skip
    assert set(answer["tools"][0]) == {"name", "arguments", "seconds", "result"}
    assert answer["model"] == "embedded"


# What is remembered


async def test_a_conversation_goes_on_after_a_restart(home, starter):
    async with open_agent(home, ModelSettings()) as agent:
        talk = Talk(agent, [starter])
        before = await talk.ask(PANCREAS)
    async with open_agent(home, ModelSettings()) as agent:
        talk = Talk(agent, [starter], talk.conversation)
        after = await talk.ask("how often were these genes methylated?")
        assert await talk.questions() == [PANCREAS, "how often were these genes methylated?"]
    assert YI_2013 in cited(after)
    same = {(citation.sha256, citation.start): citation.n for citation in before.citations}
    again = {(citation.sha256, citation.start): citation.n for citation in after.citations}
    shared = same.keys() & again.keys()
    assert shared
    assert all(same[place] == again[place] for place in shared)


async def test_a_stored_answer_is_read_back_as_it_was_given(talk: Talk):
    answer = await talk.ask(PANCREAS)
    [exchange] = await talk.agent.conversations.exchanges(talk.conversation, talk.owner)
    assert exchange.answer == answer


async def test_conversations_do_not_know_of_each_other(talk: Talk):
    await talk.ask(PANCREAS)
    answer = await talk.anew().ask("what was the sensitivity?")
    assert "within" not in answer.tools[0]["arguments"]
    assert "pancreatic" not in answer.tools[0]["arguments"]["query"]


async def test_two_questions_at_once_are_answered_one_after_the_other(talk: Talk):
    other = Talk(talk.agent, talk.libraries, talk.conversation)
    first, second = await asyncio.gather(talk.ask(PANCREAS), other.ask("Is RASSF1A methylated in lung cancer?"))
    assert first.citations
    assert second.citations
    assert await talk.questions() == [PANCREAS, "Is RASSF1A methylated in lung cancer?"]
    assert [
        message.text for message in await memory(talk) if isinstance(message, HumanMessage)
    ] == await talk.questions()


async def test_a_conversation_of_somebody_else_cannot_be_asked_read_or_deleted(talk: Talk):
    await talk.ask(PANCREAS)
    stranger = Talk(talk.agent, talk.libraries, talk.conversation, owner="stranger")
    for attempt in (
        stranger.ask("what was the sensitivity?"),
        stranger.questions(),
        talk.agent.conversations.delete(talk.conversation, "stranger"),
    ):
        with pytest.raises(UnknownConversation):
            await attempt
    assert await talk.questions() == [PANCREAS]


async def test_of_two_people_who_begin_a_conversation_at_once_only_one_has_it(talk: Talk):
    stranger = Talk(talk.agent, talk.libraries, talk.conversation, owner="stranger")
    outcomes = await asyncio.gather(talk.ask(PANCREAS), stranger.ask("hello"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Answer, UnknownConversation]


# What is cut short


async def memory(talk: Talk) -> list:
    """What the agent remembers of a conversation."""
    stored = await talk.agent.conversations.saver.aget({"configurable": {"thread_id": talk.conversation}})
    return stored["channel_values"].get("messages", []) if stored else []


async def cancel_at(talk: Talk, question: str, kind: type[Event]) -> None:
    """Ask, and cancel the task when an event of a kind comes."""
    come = asyncio.Event()

    async def listen() -> None:
        async for event in talk.agent.ask(question, talk.libraries, talk.conversation, talk.owner):
            if isinstance(event, kind):
                come.set()
                await asyncio.sleep(60)

    task = asyncio.create_task(listen())
    await come.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("kind", [Speaking, ToolCall, ToolResult, Stated])
async def test_after_a_cancelled_turn_the_next_question_is_answered(talk: Talk, kind):
    await talk.ask(PANCREAS)
    await cancel_at(talk, "Is RASSF1A methylated in lung cancer?", kind)
    answer = await asyncio.wait_for(talk.ask("what was the sensitivity?"), 20)
    assert YI_2013 in cited(answer)
    assert await talk.questions() == [PANCREAS, "what was the sensitivity?"]
    assert [
        message.text for message in await memory(talk) if isinstance(message, HumanMessage)
    ] == await talk.questions()


async def test_after_a_reader_has_left_the_next_question_is_answered(talk: Talk):
    async with aclosing(talk.agent.ask(PANCREAS, talk.libraries, talk.conversation, talk.owner)) as events:
        async for event in events:
            if isinstance(event, ToolCall):
                break
    answer = await asyncio.wait_for(talk.ask(PANCREAS), 20)
    assert YI_2013 in cited(answer)
    assert await talk.questions() == [PANCREAS]


@pytest.mark.parametrize("pieces", [1, 2, 3], ids=["question", "call", "result"])
async def test_after_a_crash_within_a_turn_the_next_question_is_answered(talk: Talk, pieces):
    await talk.ask(PANCREAS)
    call = {"name": "search_literature", "args": {"query": "x"}, "id": "c1", "type": "tool_call"}
    crashed = [
        HumanMessage("Is RASSF1A methylated in lung cancer?"),
        AIMessage("", tool_calls=[call]),
        ToolMessage('{"papers": [], "relevant": false}', name="search_literature", tool_call_id="c1"),
    ]
    await leave_behind(talk, crashed[:pieces])
    answer = await talk.ask("what was the sensitivity?")
    assert YI_2013 in cited(answer)
    assert [
        message.text for message in await memory(talk) if isinstance(message, HumanMessage)
    ] == await talk.questions()


async def leave_behind(talk: Talk, messages: list) -> None:
    """State as a process leaves it that is killed within a turn."""
    graph = talk.agent._memory
    config = {"configurable": {"thread_id": talk.conversation}}
    await graph.aupdate_state(config, {"messages": messages}, as_node="model")
