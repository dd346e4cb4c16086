"""The chat: questions, proved answers with citations that open beside them, files to add, conversations to keep."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from agent.attachments.handles import named
from agent.attachments.lifting import pasted
from agent.attachments.sorting import is_one_paper, is_paper
from agent.citations.claim import Nearest
from agent.errors import AgentError
from page import words
from page.answering import Answering
from page.history import listing
from page.layout import QUIET, Frame, examples, kept_by_browser
from page.quote import paper_card, quote_card
from page.shelf import Shelf
from page.talk import Talk
from page.told import Told
from page.uploads import SUFFIXES, Intake
from page.words import Language
from retrieval.errors import LibraryError
from retrieval.home import MINE
from seqmodels.errors import ModelError

EXAMPLES = (
    "Which genes' promoter methylation could detect pancreatic cancer in blood?",
    "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？",
    "What is the boiling point of nitrogen?",
)
# Turns wait mostly for models, which run several side by side.
_AT_ONCE = 8
_SCRIPTS = Path(__file__).parent / "assets"

Updates = dict[gr.components.Component, Any]


def chat_view(answering: Answering, shelf: Shelf, uploads: Path, frame: Frame) -> None:
    """Lay out the view in a frame; files that are given are kept in the folder `uploads`."""
    _View(answering, shelf, uploads, frame).listen()


@dataclass(frozen=True)
class _Asked:
    """A question as it was typed, and the files that are given with it."""

    text: str
    files: Sequence[Path]

    @property
    def is_of_attachments(self) -> bool:
        """Whether it may be answered without any library."""
        return bool(self.files) or bool(named(self.text)) or any(pasted(self.text))


class _View:
    def __init__(self, answering: Answering, shelf: Shelf, uploads: Path, frame: Frame) -> None:
        self._answering = answering
        self._shelf = shelf
        self._uploads = uploads
        self._frame = frame
        self._talk = gr.State(None)
        self._kept = kept_by_browser("conversation")
        wording = frame.wording
        with gr.Row(elem_classes="desk"):
            with gr.Column(elem_classes="shelf", min_width=0):
                self._new = wording.tell(gr.Button(size="sm", elem_classes="new"), value=words.NEW_CONVERSATION)
                self._list = gr.HTML(elem_classes="history", apply_default_css=False, js_on_load=_script("history.js"))
            with gr.Column(elem_classes="talk", min_width=0):
                self._chat = wording.tell(_chat(), label=words.ANSWERS, placeholder=words.GREETING)
                self._examples = examples(wording, EXAMPLES)
                self._box = wording.tell(_box(), placeholder=words.ASK_EXAMPLE)
                wording.tell(gr.Markdown(elem_classes="how-to-read files"), value=words.FILES)
                wording.tell(gr.Markdown(elem_classes="how-to-read"), value=words.ON_THIS_COMPUTER)
            with gr.Column(elem_classes="beside", min_width=0):
                self._card = gr.HTML(elem_classes="quote", apply_default_css=False, js_on_load=_script("chat.js"))

    def listen(self) -> None:
        """Connect what a person does to what the view does."""
        language = self._frame.language
        parts = [self._talk, self._chat, self._box, self._card, self._list, self._kept, self._frame.ticked]
        asking: dict[str, Any] = {
            "fn": self._ask,
            "inputs": [self._talk, self._box, self._frame.ticked, language],
            "outputs": parts,
            "concurrency_limit": _AT_ONCE,
            "concurrency_id": "chat",
            **QUIET,
        }
        # By default Gradio drops what is sent before the last answer has quite ended.
        running = [self._box.submit(**asking, trigger_mode="always_last")]
        for button, text in zip(self._examples, EXAMPLES, strict=True):
            filled = button.click(partial(_filled, text), None, self._box, **QUIET)
            running.append(filled.then(**asking))
        for run in running:
            run.failure(self._settle, self._talk, parts, **QUIET)
        ending: dict[str, Any] = {"outputs": parts, "cancels": running, **QUIET}
        self._box.stop(self._stop, self._talk, queue=False, **ending)
        self._new.click(self._begin, language, queue=False, **ending)
        self._list.select(self._choose, [self._talk, language], queue=False, **ending)
        self._list.click(self._choose, [self._talk, language], parts, queue=False, **QUIET)
        self._card.select(self._open, self._talk, [self._card], queue=False, **QUIET)
        language.change(self._retell, [self._talk, language], parts, **QUIET)
        self._frame.blocks.load(self._resume, [self._kept, language], parts, **QUIET)

    async def _ask(
        self, talk: Talk | None, box: dict[str, Any] | None, ticked: list[str], language: Language
    ) -> AsyncGenerator[Updates, None]:
        """Take in the papers that were given, then answer the question, with the other files attached to it."""
        files, question = [Path(file) for file in (box or {}).get("files", ())], (box or {}).get("text", "").strip()
        papers = [file for file in files if await asyncio.to_thread(is_paper, file)]
        attached = [file for file in files if file not in papers]
        if not files and not question:
            yield {self._talk: talk}
            return
        talk = talk or Talk.new()
        talk.language = language
        running = _busy(True) | {"value": {"text": "", "files": []}}
        if papers:
            intake = Intake(papers, MINE)
            talk.entries.append(intake)
            yield {**self._shown(talk), self._box: gr.update(**running)}
            async for names in self._take_in(intake, ticked):
                ticked = names
                yield {**self._shown(talk), self._frame.ticked: gr.update(choices=self._shelf.choices(), value=ticked)}
            # What is asked beside one paper is asked of that paper.
            if question and len(papers) == 1 and intake.is_whole and await asyncio.to_thread(is_one_paper, papers[0]):
                attached = [*papers, *attached]
        if question or attached:
            told = Told(question, [file.name for file in attached])
            talk.entries.append(told)
            yield {**self._shown(talk), self._box: gr.update(**running), self._kept: talk.conversation}
            async for _ in self._answer(talk, told, _Asked(question, attached), ticked):
                yield self._shown(talk)
        yield {**self._shown(talk), self._box: gr.update(**_busy(False)), **await self._listed(talk)}

    async def _take_in(self, intake: Intake, ticked: list[str]) -> AsyncGenerator[list[str], None]:
        """Read files into the private library; yields the ticked libraries, in the end with that one."""
        try:
            library = self._shelf.uploads()
        except LibraryError as error:
            intake.fail(str(error))
            return
        async with aclosing(intake.run(library, self._uploads)) as run:
            async for _ in run:
                yield ticked
        yield list(dict.fromkeys([*ticked, MINE]))

    async def _answer(self, talk: Talk, told: Told, asked: _Asked, ticked: Sequence[str]) -> AsyncGenerator[None, None]:
        """Tell an answer as it comes; yields whenever there is something new to show."""
        try:
            libraries = self._shelf.ticked(ticked)
            if not libraries and not asked.is_of_attachments:
                told.fail(words.NO_LIBRARY)
                return
            agent = await self._answering.agent()
            events = agent.ask(asked.text, libraries, talk.conversation, self._answering.owner, asked.files)
            async with aclosing(events) as turn:
                async for event in turn:
                    if told.take(event):
                        yield
            told.finish()
        except (LibraryError, AgentError, ModelError) as error:
            told.fail(str(error))

    async def _stop(self, talk: Talk | None) -> Updates:
        if talk is not None:
            talk.stop()
        return {**self._shown(talk), self._box: gr.update(**_busy(False))}

    async def _settle(self, talk: Talk | None) -> Updates:
        """After a turn that ended otherwise than it should: say so, and let the reader go on."""
        if talk is None or all(entry.finished for entry in talk.entries):
            return {self._talk: talk}
        talk.settle()
        return {**self._shown(talk), self._box: gr.update(**_busy(False))}

    async def _begin(self, language: Language) -> Updates:
        return await self._turned_to(Talk.new(), language)

    async def _choose(self, talk: Talk | None, language: Language, event: gr.EventData) -> Updates:
        """What was clicked in the list of conversations: one to open, to delete, or to keep after all."""
        talk = talk or Talk.new()
        chosen = str(event.id)
        agent = await self._answering.agent()
        if event.act == "ask":
            return await self._listed(talk, deleting=chosen)
        if event.act in ("delete", "drop"):
            await agent.conversations.delete(chosen, self._answering.owner)
        if event.act == "drop":
            return await self._turned_to(Talk.new(), language)
        if event.act == "open":
            return await self._turned_to(await self._read(chosen), language)
        return await self._listed(talk)

    async def _resume(self, kept: str | None, language: Language | None) -> Updates:
        """Go on where this browser was."""
        return await self._turned_to(await self._read(kept) if kept else Talk.new(), language)

    async def _read(self, conversation: str) -> Talk:
        agent = await self._answering.agent()
        try:
            exchanges = await agent.conversations.exchanges(conversation, self._answering.owner)
        except AgentError:
            return Talk.new()
        return Talk(conversation, exchanges)

    async def _turned_to(self, talk: Talk, language: Language | None) -> Updates:
        talk.language = language or talk.language
        return {
            **self._shown(talk),
            self._card: "",
            self._kept: talk.conversation,
            self._box: gr.update(**_busy(False)),
            **await self._listed(talk),
        }

    async def _retell(self, talk: Talk | None, language: Language) -> Updates:
        if talk is None:
            return {self._talk: None}
        talk.language = language
        return {**self._shown(talk), self._card: self._carded(talk), **await self._listed(talk)}

    def _open(self, talk: Talk | None, event: gr.EventData) -> str:
        if talk is None:
            return ""
        talk.open(str(event.key))
        return self._carded(talk)

    def _carded(self, talk: Talk) -> str:
        if talk.opened is None:
            return ""
        (number, opened), libraries = talk.opened, self._shelf.libraries().values()
        if isinstance(opened, Nearest):
            return paper_card(opened, libraries, talk.language)
        return quote_card(number, opened, libraries, talk.language)

    def _shown(self, talk: Talk | None) -> Updates:
        return {self._talk: talk, self._chat: talk.messages() if talk else []}

    async def _listed(self, talk: Talk, deleting: str | None = None) -> Updates:
        agent = await self._answering.agent()
        summaries = await agent.conversations.summaries(self._answering.owner)
        return {self._list: listing(summaries, talk.conversation, deleting, talk.language)}


def _chat() -> gr.Chatbot:
    return gr.Chatbot(
        elem_classes="chat",
        show_label=False,
        height="var(--chat-height)",
        buttons=[],
        latex_delimiters=[],
        allow_tags=False,
        feedback_options=None,
        layout="bubble",
    )


def _box() -> gr.MultimodalTextbox:
    return gr.MultimodalTextbox(
        elem_classes="box",
        show_label=False,
        file_types=SUFFIXES,
        file_count="multiple",
        sources=["upload"],
        max_lines=6,
        max_plain_text_length=100_000,
        autofocus=True,
    )


def _busy(busy: bool) -> dict[str, Any]:
    """The box with the button that is of use."""
    return {"submit_btn": not busy, "stop_btn": busy}


def _filled(text: str) -> dict[str, Any]:
    return {"text": text, "files": []}


def _script(name: str) -> str:
    return (_SCRIPTS / name).read_text(encoding="utf-8")
