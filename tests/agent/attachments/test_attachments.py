"""What is pasted and uploaded is kept beside a conversation, under handles, and out of its messages."""

import asyncio
import gzip
import hashlib
import os
import re
import sqlite3
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain.tools import ToolRuntime, tool

from agent.attachments.attaching import Attaching, NotAFile
from agent.attachments.attachment import Attachment, Attachments, LostContent, UnknownHandle
from agent.attachments.handles import attached, mark, meant, named, without_marks
from agent.attachments.pasted import Kind
from agent.attachments.sorting import is_one_paper, is_paper
from agent.conversation import Agent, Speaker
from agent.conversations import Conversations
from agent.embedded.extractive import ExtractiveChatModel
from agent.errors import UnknownConversation
from agent.events import Answer, Done, Lifted
from agent.graph import build_graph
from agent.tools import LITERATURE
from agent.tools.declaration import Declaration, Request, declare, particular
from agent.turn import Turn

pytestmark = pytest.mark.anyio

DNA = "ACGTTGCAAGCTTAGCCATGACGATCGATTAGCCAGTCATGGCATTA"
OTHER = DNA[::-1]
FASTA = f">s1\n{DNA}\n>s2\n{OTHER}\n"
PROTEIN = "MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQ"
TABLE = "line,m1,m2\nL1,0,1\nL2,1,-1\nL3,0,0\n"
VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t12\t.\tA\tG\n"


@pytest.fixture
async def conversations(tmp_path: Path) -> AsyncIterator[Conversations]:
    async with Conversations.open(tmp_path / "conversations.db") as conversations:
        yield conversations


async def attach(
    conversations: Conversations, conversation: str, owner: str, message: str, uploads: Sequence[Path] = ()
) -> str:
    return await conversations.attach(await conversations.begin(conversation, owner), message, uploads)


def stored(folder: Path) -> list[Path]:
    return [path for path in (folder / "uploads").rglob("*") if path.is_file()]


def put_back(message: str, known: Attachments) -> str:
    return re.sub(r"\[(\w+): [^\]]*\]", lambda found: known.read(found.group(1)).text(), message)


# Messages


@pytest.mark.parametrize(
    ("pasted", "message"),
    [
        (f"is {DNA} a promoter?", "is [seq1: DNA, 47 letters] a promoter?"),
        (f"序列{DNA}是启动子吗？", "序列[seq1: DNA, 47 letters]是启动子吗？"),
        (f"{DNA}\n{OTHER}", "[seq1: DNA, 94 letters in 2 lines]"),
        (f"{DNA} or {OTHER}?", "[seq1: DNA, 47 letters] or [seq2: DNA, 47 letters]?"),
        (f"{DNA} twice: {DNA}", "[seq1: DNA, 47 letters] twice: [seq1: DNA, 47 letters]"),
        (f"{FASTA}which?", "[seq1: FASTA, 2 sequences, 94 letters (ACGT)]\nwhich?"),
        (f"predict\n{TABLE}", "predict\n[table1: table, 3 rows]\n"),
        (f"{VCF}and\n\n{TABLE}", "[vcf1: VCF, 1 row]\nand\n\n[table1: table, 3 rows]\n"),
        ("Is BRCA1 methylated?", "Is BRCA1 methylated?"),
    ],
)
async def test_a_message_holds_handles_where_content_was_pasted(conversations, pasted, message):
    assert await attach(conversations, "c", "local", pasted) == message
    assert put_back(message, await conversations.attachments("c", "local")) == pasted


words = st.text(st.sampled_from("the ACT gene, 序列\n.?5'-"), max_size=30)
contents = st.one_of(
    st.text("ACGTacgtN", min_size=15, max_size=90),
    st.text("ACGUNRY \n", min_size=20, max_size=90),
    st.sampled_from([FASTA, TABLE, VCF, FASTA.replace("\n", "\r\n"), TABLE.replace(",", "\t")]),
)


@given(st.lists(st.one_of(words, contents), max_size=6).map("".join))
def test_putting_the_content_back_into_a_message_loses_nothing(tmp_path_factory, text):
    attaching = Attaching(Attachments(), tmp_path_factory.mktemp("uploads"))
    assert put_back(attaching.take(text), Attachments(attaching.new)) == text


async def test_a_million_bases_make_a_short_message(conversations):
    message = await attach(conversations, "c", "local", f"is {DNA * 20_000} a promoter?")
    assert message == "is [seq1: DNA, 940,000 letters] a promoter?"


async def test_hundreds_of_sequences_are_one_list(conversations):
    listed = ", ".join(f"{DNA}{'ACGT' * number}" for number in range(300))
    message = await attach(conversations, "c", "local", f"rank {listed} please")
    assert re.fullmatch(r"rank \[file1: file, [\d,]+ bytes\] please", message)
    assert (await conversations.attachments("c", "local")).read("file1").text() == listed


async def test_an_attachment_tells_what_it_is(conversations):
    await attach(conversations, "c", "local", f"fold {DNA.lower()}NN")
    attachment = (await conversations.attachments("c", "local")).read("seq1")
    assert (attachment.kind, attachment.length, attachment.size) == ("dna", 49, 49)
    assert (attachment.alphabet, attachment.preview) == ("ACGNT", DNA.lower()[:30])
    assert attachment.sha256 == hashlib.sha256(attachment.text().encode()).hexdigest()


async def test_the_letters_of_a_sequence_are_those_without_line_ends_and_positions(conversations):
    await attach(conversations, "c", "local", "1 gatcctccat atacaacggt\n21 ccgacatgag")
    attachment = (await conversations.attachments("c", "local")).read("seq1")
    assert attachment.letters() == "gatcctccatatacaacggtccgacatgag"
    assert attachment.length == 30


# Handles


async def test_handles_are_never_given_out_twice_and_the_same_content_keeps_its_own(conversations):
    assert "seq1" in await attach(conversations, "c", "local", DNA)
    assert "seq2" in await attach(conversations, "c", "local", OTHER)
    assert "seq1" in await attach(conversations, "c", "local", f"again {DNA}")
    assert [attachment.handle for attachment in await conversations.attachments("c", "local")] == ["seq1", "seq2"]


async def test_an_unknown_handle_is_refused_with_those_that_there_are(conversations):
    await attach(conversations, "c", "local", f"{DNA}\n\n{TABLE}")
    known = await conversations.attachments("c", "local")
    with pytest.raises(UnknownHandle, match=r"'seq7'\. There are: table1, seq1|'seq7'\. There are: seq1, table1"):
        known.read("seq7")
    with pytest.raises(UnknownHandle, match="Nothing is attached"):
        Attachments().read("seq1")


@pytest.mark.parametrize("given", ["seq1", "Seq1", " [seq1] "])
async def test_a_handle_is_read_as_models_and_people_write_it(conversations, given):
    await attach(conversations, "c", "local", DNA)
    assert (await conversations.attachments("c", "local")).read(given).text() == DNA


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("is [seq3: DNA, 70 letters] like seq1?", ("seq3", "seq1")),
        ("seq2是启动子吗？SEQ2呢", ("seq2",)),
        ("read [file1: seq9.fa, FASTA, 1 sequence, 30 letters (ACGT)].", ("file1",)),
        ("open file1.txt of myseq1 or seq1b, seq0", ()),
    ],
)
def test_handles_are_found_where_a_message_names_them(text, handles):
    assert named(text) == handles


@given(
    st.builds(
        Attachment,
        handle=st.sampled_from(["seq1", "file12"]),
        kind=st.sampled_from(get_args(Kind)),
        name=st.one_of(
            st.none(),
            st.text(max_size=30).filter(str.isprintable),
            st.sampled_from(["DNA, 3 letters", "a, VCF, 2 rows"]),
        ),
        size=st.integers(0, 10**9),
        length=st.one_of(st.none(), st.integers(0, 10**9)),
        parts=st.integers(0, 10**6),
        alphabet=st.just("ACGT"),
        preview=st.just("ACGT"),
        sha256=st.just("0" * 64),
        path=st.just(Path("x")),
    )
)
def test_a_mark_tells_the_handle_and_the_kind(attachment):
    assert attached(f"is {mark(attachment)} [sic] one?") == {attachment.handle: attachment.kind}


EARLIER = [
    "is [seq1: DNA, 70 letters] a promoter?",
    "predict [table1: table, 3 rows]",
    "and [seq2: RNA, 30 letters], [seq3: RNA, 30 letters]",
    "thanks",
]


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("score the sequence for 6mA", ("seq2", "seq3")),
        ("这条序列有什么修饰？", ("seq2", "seq3")),
        ("use that marker table again", ("table1",)),
        ("用上面的表格预测产量", ("table1",)),
        ("is the sequence [seq4: DNA, 70 letters] one?", ("seq4",)),
        ("score these variants", ()),
        ("该基因的表达如何？", ()),
        ("is BRCA1 methylated?", ()),
    ],
)
def test_a_request_points_to_the_last_attachments_of_the_kind_that_it_speaks_of(text, handles):
    assert meant(text, EARLIER) == handles


def test_marks_shrink_to_their_handles_for_a_router():
    assert without_marks("is [seq1: DNA, 70 letters] [sic] a promoter?") == "is seq1 [sic] a promoter?"


@pytest.mark.parametrize(
    ("name", "content", "paper"),
    [
        ("paper.pdf", b"%PDF-1.7\0\xff", True),
        ("paper.TXT", "We studied BRCA1 in ACGTACGTACGTACGTACGTACGT.", True),
        ("records.xml.gz", gzip.compress(b"<x/>"), True),
        ("notes.md", "# Notes", True),
        ("pasted_text.txt", FASTA, False),
        ("lines.txt", TABLE, False),
        ("genome.fa", FASTA, False),
        ("genome.fna.gz", gzip.compress(FASTA.encode()), False),
        ("rubbish.fasta", "nothing", False),
        ("calls.vcf", VCF, False),
        ("lines.csv", TABLE, False),
        ("abstracts.csv", "pmid,title,abstract\n1,MGMT,It was silenced.\n", True),
        ("abstracts.tsv.gz", gzip.compress(b"PMID\tTitle\n1\tMGMT\n"), True),
        ("broken.csv.gz", b"\x1f\x8bno", False),
        ("page.html", "<p>MGMT</p>", True),
    ],
)
def test_papers_go_to_a_library_and_sequences_and_tables_to_the_conversation(tmp_path, name, content, paper):
    assert is_paper(file(tmp_path, name, content)) == paper


@pytest.mark.parametrize(
    ("name", "content", "one"),
    [
        ("paper.PDF", b"%PDF-1.7", True),
        ("notes.md", "# Notes", True),
        ("a.jsonl", "{}", False),
        ("article.nxml", "<article/>", True),
        ("abstracts.csv", "pmid,title\n1,MGMT\n", False),
        ("s.txt", FASTA, False),
    ],
)
def test_a_file_that_is_one_paper_is_told_from_a_file_of_many_and_from_data(tmp_path, name, content, one):
    assert is_one_paper(file(tmp_path, name, content)) == one


# Whose they are, and how long they last


async def test_content_outlives_a_restart(tmp_path):
    for _ in range(2):
        async with Conversations.open(tmp_path / "conversations.db") as conversations:
            await attach(conversations, "c", "local", f"is {DNA} one?")
    async with Conversations.open(tmp_path / "conversations.db") as conversations:
        assert (await conversations.attachments("c", "local")).read("seq1").text() == DNA


async def test_a_conversation_sees_its_own_attachments_only(conversations):
    await attach(conversations, "mine", "local", DNA)
    assert list(await conversations.attachments("another", "local")) == []
    with pytest.raises(UnknownConversation):
        await conversations.attachments("mine", "somebody")
    with pytest.raises(UnknownConversation):
        await attach(conversations, "mine", "somebody", OTHER)


async def test_content_goes_with_its_conversation_and_with_no_other(conversations, tmp_path):
    await attach(conversations, "first", "local", DNA)
    await attach(conversations, "second", "local", DNA)
    assert len(stored(tmp_path)) == 2
    await conversations.delete("first", "local")
    assert list(await conversations.attachments("first", "local")) == []
    assert (await conversations.attachments("second", "local")).read("seq1").text() == DNA
    assert len(stored(tmp_path)) == 1


async def test_a_conversation_that_has_attachments_but_no_answer_is_listed_so_that_it_can_be_deleted(conversations):
    await attach(conversations, "c", "local", f"is {DNA} one?")
    assert [summary.title for summary in await conversations.summaries("local")] == ["is seq1 one?"]


async def test_content_that_was_removed_from_the_disk_is_said_to_be_lost(conversations, tmp_path):
    await attach(conversations, "c", "local", DNA)
    stored(tmp_path)[0].unlink()
    with pytest.raises(LostContent, match="seq1"):
        (await conversations.attachments("c", "local")).read("seq1").text()


@pytest.mark.parametrize("hostile", ["../../x", "..", "/etc/x", "a/b", "C:\\x", "X", "é", "x" * 300, "nul\0l", ""])
async def test_no_name_of_an_owner_or_conversation_leaves_the_folder(conversations, tmp_path, hostile):
    await attach(conversations, hostile, hostile, DNA)
    (path,) = stored(tmp_path)
    assert path.resolve() == path
    assert path.name == hashlib.sha256(DNA.encode()).hexdigest()
    assert len(path.relative_to(tmp_path / "uploads").parts) == 3
    await conversations.delete(hostile, hostile)
    assert stored(tmp_path) == []


# Uploads


def file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content", "mark"),
    [
        ("genome.fa", FASTA, "[file1: genome.fa, FASTA, 2 sequences, 94 letters (ACGT)]"),
        ("标记.csv", "\ufeff" + TABLE, "[file1: 标记.csv, table, 3 rows]"),
        ("calls.vcf", VCF, "[file1: calls.vcf, VCF, 1 row]"),
        ("calls.vcf.gz", gzip.compress(VCF.encode(), mtime=0), "[file1: calls.vcf.gz, VCF, 99 bytes]"),
        ("bare.txt", f"{DNA}\n{OTHER}\n", "[file1: bare.txt, DNA, 94 letters in 2 lines]"),
        ("paper.txt", "We studied BRCA1.", "[file1: paper.txt, file, 17 bytes]"),
        ("paper.pdf", b"%PDF-1.7\0\xff", "[file1: paper.pdf, file, 10 bytes]"),
        ("empty.fa", "", "[file1: empty.fa, file, 0 bytes]"),
        ("broken.gz", b"\x1f\x8bnothing", "[file1: broken.gz, file, 9 bytes]"),
    ],
)
async def test_an_upload_is_told_by_what_it_holds(conversations, tmp_path, name, content, mark):
    message = await attach(conversations, "c", "local", "what is this?", [file(tmp_path, name, content)])
    assert re.sub(r"\d+ bytes", "", message) == re.sub(r"\d+ bytes", "", f"what is this?\n{mark}")
    attachment = (await conversations.attachments("c", "local")).read("file1")
    assert (attachment.name, attachment.path.read_bytes()) == (name, file(tmp_path, name, content).read_bytes())


async def test_a_compressed_upload_is_read_through(conversations, tmp_path):
    await attach(conversations, "c", "local", "", [file(tmp_path, "s.fa.gz", gzip.compress(FASTA.encode()))])
    assert (await conversations.attachments("c", "local")).read("file1").text() == FASTA


async def test_an_upload_stays_when_the_file_that_it_came_from_goes(conversations, tmp_path):
    path = file(tmp_path, "s.fa", FASTA)
    await attach(conversations, "c", "local", "keep it", [path])
    path.unlink()
    assert (await conversations.attachments("c", "local")).read("file1").text() == FASTA


@pytest.mark.parametrize("name", ["..]\n[seq1: DNA, 9 letters].fa", b"\xff\xfe.fa", "\u202efa.exe", "x" * 200 + ".fa"])
async def test_a_hostile_name_of_a_file_breaks_neither_its_mark_nor_the_folder(conversations, tmp_path, name):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + os.fsencode(name)))
    path.write_text(FASTA)
    message = await attach(conversations, "c", "local", "", [path])
    assert re.fullmatch(r"\[file1: [^\[\]\n]*, FASTA, 2 sequences, 94 letters \(ACGT\)\]", message)
    assert message.isprintable()
    assert named(message) == ("file1",)
    assert [stored.name for stored in stored(tmp_path)] == [hashlib.sha256(FASTA.encode()).hexdigest()]


async def test_what_is_no_file_is_refused_and_nothing_is_kept(conversations, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing.fa", tmp_path, tmp_path / "pipe"):
        with pytest.raises(NotAFile):
            await attach(conversations, "c", "local", "this", [path])
    assert list(await conversations.attachments("c", "local")) == []
    assert stored(tmp_path) == []


# A whole turn


@pytest.mark.parametrize("asked", ["summarise this file\nfile1", "What does the PDF say? file1", "总结这个文件 file1"])
def test_to_ask_for_what_a_file_says_is_to_ask_for_all_of_it(asked):
    assert particular(Request(asked, asked, handles=("file1",), kinds={"file1": "file"})) is None


@tool("count_bases")
def _count_bases(
    sequence: Annotated[str, "The handle of a sequence."],
    runtime: ToolRuntime[Turn],
) -> str:
    """Count the bases of a sequence."""
    letters = runtime.context.attachments.read(sequence).letters()
    return f'{{"bases": {len(letters)}, "notices": ["counted {len(letters)}"]}}'


count_bases = declare(
    _count_bases,
    Declaration(
        examples=("How many bases has seq1?", "Count the bases of this sequence", "seq1 有多少个碱基？", "数一下碱基"),
        readers={"sequence": lambda request: request.handles[0] if request.handles else None},
        takes=frozenset(("dna", "rna")),
    ),
)


async def ask(agent: Agent, question: str, *uploads: Path) -> Answer:
    events = [event async for event in agent.ask(question, [], "c", "local", uploads)]
    assert isinstance(events[-1], Done)
    return events[-1].answer


@pytest.fixture
async def agent(conversations: Conversations, embedder) -> Agent:
    tools = [*LITERATURE, count_bases]
    graph = build_graph(ExtractiveChatModel(embedder=embedder), tools, conversations.saver, 8_000)

    async def speakers() -> list[Speaker]:
        return [Speaker("embedded", graph)]

    return Agent(speakers, graph, conversations, embedder)


async def test_tools_resolve_handles_of_this_message_and_of_those_before(agent, tmp_path):
    first = await ask(agent, f"How many bases has {DNA}?")
    assert (first.tools[0]["arguments"], first.tools[0]["result"]["bases"]) == ({"sequence": "seq1"}, 47)
    pointing = await ask(agent, "请数一下这条序列的碱基")
    assert pointing.tools[0]["arguments"] == {"sequence": "seq1"}
    unsaid = await ask(agent, "and how many now?")
    assert unsaid.tools[0]["arguments"] == {"sequence": "seq1"}
    uploaded = await ask(agent, "How many bases has it?", file(tmp_path, "s.txt", f"{DNA}\n{OTHER}"))
    assert (uploaded.tools[0]["arguments"], uploaded.tools[0]["result"]["bases"]) == ({"sequence": "file1"}, 94)


@pytest.mark.parametrize(
    ("pasted", "asked", "said"),
    [
        (TABLE, "predict the yield of these lines: {}", "No tool here can work with table1 (table)."),
        (FASTA, "is this a promoter?\n{}", "No tool here can work with seq1 (FASTA)."),
        (VCF, "{}\n这些变异有害吗？", "这里没有工具能处理 vcf1（VCF）。"),
        (PROTEIN, "哪些基因在胰腺癌血液中甲基化，比如{}？", "这里没有工具能处理 seq1（蛋白质）。"),
        (FASTA, "{}", "No tool here can work with seq1 (FASTA)."),
    ],
)
async def test_what_no_tool_takes_is_said_and_nothing_is_searched_for_instead(agent, pasted, asked, said):
    answer = await ask(agent, asked.format(pasted))
    assert answer.answer.startswith(said)
    assert answer.tools == ()


async def test_what_is_asked_of_it_next_is_no_question_to_the_papers_either(agent):
    await ask(agent, f"is this a promoter? {PROTEIN}")
    for follow_up in ("and in Arabidopsis?", "Is that sequence methylated in gastric cancer?"):
        assert (await ask(agent, follow_up)).answer.startswith("No tool here can work with seq1 (protein).")
    assert (await ask(agent, "Which genes are methylated in gastric cancer?")).tools[0]["name"] == "search_literature"


async def test_a_tool_that_takes_an_attachment_is_preferred_to_a_search(agent):
    answer = await ask(agent, f"Which genes in gastric cancer count bases like {DNA}?")
    assert answer.tools[0]["name"] == "count_bases"


async def test_an_attachment_without_a_question_is_asked_about_with_examples_of_what_can_be(agent):
    answer = await ask(agent, DNA)
    assert answer.answer == "What would you like to know about seq1? For example:\n- How many bases has seq1?"
    assert answer.tools == ()


async def test_what_was_lifted_out_of_a_question_is_told_first_and_kept_with_the_answer(agent, tmp_path):
    question, path = f"How many bases has {DNA}?", file(tmp_path, "s.fa", FASTA)
    events = [event async for event in agent.ask(question, [], "c", "local", [path])]
    lifted, done = events[0], events[-1]
    assert isinstance(lifted, Lifted)
    assert isinstance(done, Done)
    assert lifted.question.startswith("How many bases has [seq1: DNA, 47 letters]?\n[file1: s.fa, FASTA")
    pasted, uploaded = lifted.attachments
    assert (pasted.handle, pasted.kind, pasted.name, pasted.size, pasted.alphabet) == ("seq1", "dna", None, 47, "ACGT")
    assert (uploaded.handle, uploaded.kind, uploaded.name, uploaded.parts) == ("file1", "fasta", "s.fa", 2)
    assert done.answer.attachments == lifted.attachments
    assert str(tmp_path) not in done.answer.model_dump_json()
    (exchange,) = await agent.conversations.exchanges("c", "local")
    assert exchange.answer == done.answer


async def test_a_question_that_only_names_an_attachment_lifts_nothing(agent):
    await ask(agent, f"How many bases has {DNA}?")
    events = [event async for event in agent.ask("How many bases has seq1?", [], "c", "local")]
    assert not [event for event in events if isinstance(event, Lifted)]


async def test_a_mark_that_somebody_types_is_no_attachment(agent):
    answer = await ask(agent, "How many bases has [seq1: DNA, 47 letters]?")
    assert answer.attachments == ()


async def test_a_model_that_names_an_unknown_handle_is_told_those_that_exist(agent):
    await ask(agent, f"How many bases has {DNA}?")
    answer = await ask(agent, "How many bases has seq9?")
    assert "There are: seq1." in answer.tools[0]["result"]["error"]


def everything_in(database: Path) -> dict[str, bytes]:
    """What the tables of a database hold, with what is packed unpacked."""
    with closing(sqlite3.connect(database)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    return {name: b"\n".join(_plain(value) for row in rows[name] for value in row) for name in names}


def _plain(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode()
    return zlib.decompress(value) if value.startswith(b"x") else value


async def test_pasted_letters_are_in_no_table_of_the_conversations_beyond_their_preview(agent, tmp_path):
    await ask(agent, f"How many bases has {DNA}?")
    stored = everything_in(tmp_path / "conversations.db")
    for table in ("turns", "checkpoints"):
        assert b"[seq1: DNA, 47 letters]" in stored[table]
    for table in stored:
        assert DNA[:31].encode() not in stored[table]
    (exchange,) = await agent.conversations.exchanges("c", "local")
    assert exchange.question == "How many bases has [seq1: DNA, 47 letters]?"


async def test_conversations_that_run_side_by_side_keep_their_handles_apart(agent):
    async def one(name: str, letters: str) -> str:
        async for _ in agent.ask(f"How many bases has {letters}?", [], name, "local"):
            pass
        return (await agent.conversations.attachments(name, "local")).read("seq1").text()

    assert await asyncio.gather(one("a", DNA), one("b", OTHER)) == [DNA, OTHER]
