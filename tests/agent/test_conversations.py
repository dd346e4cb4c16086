"""Conversations as they are kept: small, for their owners only, and forgotten when deleted."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from agent.assembly import open_agent
from agent.conversations import Conversations
from agent.errors import DeletedConversation, UnknownConversation, UnreadableConversations
from agent.events import Answer, Event, Speaking, Stated, ToolCall
from agent.settings import ModelSettings
from tests.agent.talk import Talk

pytestmark = pytest.mark.anyio

SUBJECTS = ("pancreatic cancer", "gastric cancer", "lung cancer", "glioma", "breast cancer", "hepatocellular carcinoma")
ASKED = (
    "Which genes are hypermethylated in {}?",
    "and in blood?",
    "what was the sensitivity?",
    "summarise PMID 24088737",
)
MEGABYTE = 1_000_000


def answer(text: str, conversation: str) -> Answer:
    return Answer(
        answer=text,
        claims=(),
        citations=(),
        tools=(),
        notices=(),
        abstained=False,
        conversation=conversation,
        model="m",
    )


async def record(conversations: Conversations, conversation: str, owner: str, question: str, told: Answer) -> None:
    await conversations.record(await conversations.begin(conversation, owner), question, told)


def rows(home, query: str, *values: str) -> list[tuple]:
    with closing(sqlite3.connect(home.root / "conversations.db")) as connection:
        return connection.execute(query, values).fetchall()


def size_on_disk(home) -> int:
    return sum(path.stat().st_size for path in home.root.glob("conversations.db*"))


async def test_forty_turns_stay_below_a_megabyte_and_leave_one_checkpoint(home, starter):
    async with open_agent(home, ModelSettings()) as agent:
        talk = Talk(agent, [starter])
        for turn in range(40):
            await talk.ask(ASKED[turn % 4].format(SUBJECTS[turn // 4 % 6]))
        assert len(rows(home, "SELECT 1 FROM checkpoints WHERE thread_id = ?", talk.conversation)) == 1
        assert size_on_disk(home) < MEGABYTE
    assert size_on_disk(home) < MEGABYTE
    async with open_agent(home, ModelSettings()) as agent:
        told = await Talk(agent, [starter], talk.conversation).ask("what was the sensitivity?")
    assert {citation.pmid for citation in told.citations} == {"24088737"}


@pytest.mark.parametrize("is_folder", [True, False])
async def test_a_file_that_cannot_be_read_is_named_with_the_way_out(home, is_folder):
    path = home.root / "conversations.db"
    path.mkdir(parents=True) if is_folder else path.parent.mkdir(parents=True)
    if not is_folder:
        path.write_text("This is no database, but a text that is long enough to look like one at first sight." * 20)
    with pytest.raises(UnreadableConversations, match=r"conversations\.db cannot be read .*Restore the file"):
        async with Conversations.open(path):
            pass


async def test_conversations_are_listed_for_their_owner_the_latest_first(home):
    async with Conversations.open(home.root / "conversations.db") as conversations:
        for name, owner in (("a", "anna"), ("b", "ben"), ("c", "anna")):
            await record(conversations, name, owner, f"Question {name}?", answer("Yes.", name))
        assert [summary.id for summary in await conversations.summaries("anna")] == ["c", "a"]
        assert [summary.title for summary in await conversations.summaries("ben")] == ["Question b?"]
        assert await conversations.summaries("carl") == []


async def test_a_conversation_is_called_by_its_first_question(home):
    async with Conversations.open(home.root / "conversations.db") as conversations:
        await record(conversations, "a", "anna", "x" * 500, answer("Yes.", "a"))
        await record(conversations, "a", "anna", "and in blood?", answer("No.", "a"))
        [summary] = await conversations.summaries("anna")
        assert summary.title == "x" * 80


async def test_questions_and_answers_are_read_again_in_order(home):
    async with Conversations.open(home.root / "conversations.db") as conversations:
        for number in range(12):
            await record(conversations, "a", "anna", f"Question {number}?", answer(f"Answer {number}.", "a"))
        exchanges = await conversations.exchanges("a", "anna")
    assert [exchange.question for exchange in exchanges] == [f"Question {n}?" for n in range(12)]
    assert [exchange.answer.answer for exchange in exchanges] == [f"Answer {n}." for n in range(12)]


async def test_whose_a_conversation_is_decides_who_reads_and_deletes_it(home):
    async with Conversations.open(home.root / "conversations.db") as conversations:
        await record(conversations, "a", "anna", "Question?", answer("Yes.", "a"))
        assert await conversations.exists("a", "anna")
        assert not await conversations.exists("a", "ben")
        for attempt in (conversations.exchanges("a", "ben"), conversations.delete("a", "ben")):
            with pytest.raises(UnknownConversation):
                await attempt
        assert len(await conversations.exchanges("a", "anna")) == 1


async def test_a_conversation_that_never_was_has_nothing_and_is_deleted_without_a_word(home):
    async with Conversations.open(home.root / "conversations.db") as conversations:
        assert await conversations.exchanges("never", "anna") == []
        await conversations.delete("never", "anna")


async def test_what_is_deleted_is_forgotten_to_the_last_byte_and_the_others_stay(home, starter):
    secret = "Is ZYXGENE methylated in the tumour of patient QUUX-4711?"
    async with open_agent(home, ModelSettings()) as agent:
        kept, gone = Talk(agent, [starter]), Talk(agent, [starter])
        await kept.ask("Which genes are hypermethylated in gastric cancer?")
        await gone.ask(secret)
        await gone.ask("and in blood?")
        await agent.conversations.delete(gone.conversation, gone.owner)
        assert await gone.questions() == []
        assert [summary.id for summary in await agent.conversations.summaries("local")] == [kept.conversation]
        assert (await kept.ask("and in blood?")).citations
        after = await gone.ask("and in urine?")
        assert "ZYXGENE" not in after.model_dump_json()
    for table in ("checkpoints", "writes"):
        threads = {thread for (thread,) in rows(home, f"SELECT thread_id FROM {table}")}
        assert threads <= {kept.conversation, gone.conversation}
    assert all(b"QUUX-4711" not in path.read_bytes() for path in home.root.glob("conversations.db*"))


PASTED = "ACGTTGCAAGCTTAGCCATGACGATCGATTAGCCAGTCATGGCATTA"


async def delete_at(talk: Talk, question: str, kind: type[Event], conversations: Conversations) -> None:
    """Ask, and delete the conversation elsewhere when the first event of a kind comes."""
    deleted = False
    async for event in talk.agent.ask(question, talk.libraries, talk.conversation, talk.owner):
        if isinstance(event, kind) and not deleted:
            await conversations.delete(talk.conversation, talk.owner)
            deleted = True


def assert_nothing_is_left_of(conversation: str, home) -> None:
    for table, column in (("conversations", "id"), ("turns", "conversation"), ("attachments", "conversation")):
        assert rows(home, f"SELECT 1 FROM {table} WHERE {column} = ?", conversation) == []
    for table in ("checkpoints", "writes"):
        assert rows(home, f"SELECT 1 FROM {table} WHERE thread_id = ?", conversation) == []
    assert not list((home.root / "uploads").rglob(conversation))


@pytest.mark.parametrize("kind", [Speaking, ToolCall, Stated])
@pytest.mark.parametrize("turns_before", [0, 1])
async def test_a_conversation_that_is_deleted_in_mid_turn_stays_deleted(talk: Talk, home, kind, turns_before):
    for _ in range(turns_before):
        await talk.ask(f"Is RASSF1A silenced in lung cancer, and what is {PASTED}?")
    with pytest.raises(DeletedConversation):
        await delete_at(talk, "Which genes are methylated in lung cancer?", kind, talk.agent.conversations)
    assert_nothing_is_left_of(talk.conversation, home)
    assert await talk.agent.conversations.summaries(talk.owner) == []


async def test_what_is_attached_in_a_turn_goes_with_the_conversation_too(talk: Talk, home):
    with pytest.raises(DeletedConversation):
        await delete_at(talk, f"is {PASTED} a promoter?", Speaking, talk.agent.conversations)
    assert_nothing_is_left_of(talk.conversation, home)


async def test_a_conversation_that_another_program_deletes_in_mid_turn_stays_deleted(talk: Talk, home):
    await talk.ask("Is RASSF1A silenced in lung cancer?")
    async with Conversations.open(home.root / "conversations.db") as other:
        with pytest.raises(DeletedConversation):
            await delete_at(talk, "and in blood?", Stated, other)
    assert_nothing_is_left_of(talk.conversation, home)


async def test_after_a_deletion_the_same_name_can_begin_anew(talk: Talk):
    with pytest.raises(DeletedConversation):
        await delete_at(talk, "Is RASSF1A silenced in lung cancer?", Speaking, talk.agent.conversations)
    assert (await talk.ask("Is RASSF1A silenced in lung cancer?")).citations
    assert await talk.questions() == ["Is RASSF1A silenced in lung cancer?"]


async def test_whenever_a_turn_is_cancelled_the_next_is_answered_and_what_is_listed_is_what_is_remembered(talk: Talk):
    await talk.ask("Is RASSF1A silenced in lung cancer?")
    for milliseconds in (0, 1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 50, 60, 80):
        task = asyncio.create_task(talk.ask("hello"))
        await asyncio.sleep(milliseconds / 1000)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        told = await asyncio.wait_for(talk.ask("what was the sensitivity?"), 20)
        assert told.tools
        stored = await talk.agent.conversations.saver.aget({"configurable": {"thread_id": talk.conversation}})
        remembered = [message.text for message in stored["channel_values"]["messages"] if message.type == "human"]
        assert remembered == await talk.questions()


async def test_a_question_that_began_no_conversation_is_forgotten_when_the_file_is_opened_again(home, starter):
    async with open_agent(home, ModelSettings()) as agent:
        kept, cut_short = Talk(agent, [starter]), Talk(agent, [starter])
        await kept.ask("hello")
        # As a process leaves it that is killed within the first turn.
        thread = {"configurable": {"thread_id": cut_short.conversation}}
        await agent._memory.aupdate_state(thread, {"messages": [HumanMessage("hello")]}, as_node="model")
        assert len(rows(home, "SELECT 1 FROM checkpoints")) == 2
    async with open_agent(home, ModelSettings()):
        assert rows(home, "SELECT thread_id FROM checkpoints") == [(kept.conversation,)]


async def test_conversations_that_are_written_at_once_do_not_disturb_each_other(talk: Talk):
    talks = [talk.anew() for _ in range(6)]
    told = await asyncio.gather(*(one.ask("Is RASSF1A silenced in lung cancer?") for one in talks))
    assert all(one.citations for one in told)
    assert [await one.questions() for one in talks] == [["Is RASSF1A silenced in lung cancer?"]] * 6


async def test_a_second_program_may_use_the_same_file(home, starter):
    async with open_agent(home, ModelSettings()) as one, open_agent(home, ModelSettings()) as other:
        first, second = Talk(one, [starter]), Talk(other, [starter])
        await asyncio.gather(first.ask("Is RASSF1A silenced in lung cancer?"), second.ask("Is p16 silenced in glioma?"))
        assert await first.questions() == ["Is RASSF1A silenced in lung cancer?"]
        assert len(await other.conversations.summaries("local")) == 2


# The process

PROGRAM = """
import asyncio, sys
from pathlib import Path
from agent.assembly import open_agent
from agent.conversations import Conversations
from agent.settings import ModelSettings
from langsmith.utils import tracing_is_enabled
from retrieval.home import Home

async def main():
    home = Home(Path(sys.argv[1]))
    async with open_agent(home, ModelSettings()) as agent:
        async for event in agent.ask("hello", [], Conversations.new_id(), "local"):
            pass
    print(event.answer.model, tracing_is_enabled(), flush=True)

asyncio.run(main())
"""


def test_nothing_is_traced_whatever_the_shell_says_and_the_process_ends_when_it_is_done(tmp_path, encoder_cache: Path):
    (tmp_path / "encoders").symlink_to(encoder_cache, target_is_directory=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        visits: list[object] = []
        threading.Thread(target=_count_visits, args=(listener, visits), daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        tracing = {
            f"{brand}_{name}": value
            for brand in ("LANGSMITH", "LANGCHAIN")
            for name, value in {
                "TRACING": "true", "TRACING_V2": "true", "ENDPOINT": address, "API_KEY": "lsv2_key"
            }.items()
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            env={**os.environ, **tracing},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        said = process.stdout.readline()
        began = time.monotonic()
        _, errors = process.communicate(timeout=60)
    assert (said, process.returncode) == ("embedded False\n", 0), errors
    assert time.monotonic() - began < 5
    assert visits == []


def _count_visits(listener: socket.socket, visits: list[object]) -> None:
    with suppress(OSError):
        while True:
            connection, visitor = listener.accept()
            visits.append(visitor)
            connection.close()
