"""The evidence view: filters, a heat map of genes and diseases, and rows with their quotes that a person may judge."""

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from page import words
from page.evidence_files import files, take_in
from page.evidence_quote import evidence_card
from page.evidence_rows import table
from page.evidence_told import head
from page.gathering import asked_evidence, gather, judge
from page.heat_drawing import drawing
from page.heat_map import Cell
from page.judging import corrected
from page.layout import QUIET, Frame
from page.looking import Evidence, Looking, Said, identity
from page.naming import SAMPLES, SIGNS, SOURCES, STATUSES
from page.outcome import Refused
from page.shelf import Shelf
from page.wording import Wording
from page.words import Language, Phrase
from retrieval.errors import LibraryError
from retrieval.evidence_row import Correction, EvidenceRow, Verdict

_SCRIPT = (Path(__file__).parent / "assets" / "evidence.js").read_text(encoding="utf-8")
_VERDICTS: dict[str, Verdict | None] = {"accept": "accepted", "reject": "rejected", "back": None}
_CHOICES: tuple[dict[str, Phrase], ...] = (SIGNS | STATUSES, SAMPLES, SOURCES)
_AT_ONCE = 8


def evidence_view(shelf: Shelf, frame: Frame) -> None:
    """Lay out the view in a frame."""
    _View(shelf, frame).listen()


class _View:
    def __init__(self, shelf: Shelf, frame: Frame) -> None:
        self._shelf = shelf
        self._frame = frame
        self._looking = gr.State(None)
        wording = frame.wording
        with gr.Column(elem_classes="filters asked-evidence"):
            self._texts, self._choices = _filters(wording)
            with gr.Row(elem_classes="acts"):
                self._go = wording.tell(gr.Button(variant="primary", elem_classes="show", scale=0), value=words.SHOW)
                self._boxes = _boxes(wording)
                self._import = wording.tell(_import(), label=words.IMPORT_CORRECTIONS)
        self._head = _html("outcome evidence-head")
        self._map = _html("heat-map", _SCRIPT)
        self._table = _html("outcome quote evidence-rows", _SCRIPT)

    def listen(self) -> None:
        """Connect what a person does to what the view does."""
        language, ticked = self._frame.language, self._frame.ticked
        shown = [self._looking, self._head, self._map, self._table]
        gene, disease, first_year, last_year = self._texts
        status, sample, source = self._choices
        fields = [gene, disease, status, sample, first_year, last_year, source, *self._boxes]
        asking: dict[str, Any] = {
            "fn": self._show,
            "inputs": [self._looking, ticked, language, *fields],
            "outputs": shown,
            "concurrency_limit": _AT_ONCE,
            "concurrency_id": "evidence",
            "trigger_mode": "always_last",
            **QUIET,
        }
        given = [box.submit for box in self._texts] + [box.input for box in (*self._choices, *self._boxes)]
        gr.on([self._go.click, self._frame.tab.select, *given], **asking)
        here = [self._looking, language]
        ticked.change(self._show_again, [self._looking, ticked, language, *fields], shown, **QUIET)
        for part in (self._map, self._table):
            part.select(self._act, here, shown, **QUIET)
        self._table.submit(self._correct, here, shown, **QUIET)
        self._import.upload(self._take_in, [self._import, *here], shown, **QUIET)
        language.change(self._retell, here, [*shown, *self._choices], **QUIET)

    def _show(self, looking: Looking | None, ticked: list[str], language: Language, *fields: Any) -> tuple[Any, ...]:
        looking = looking or Looking()
        asked = asked_evidence(*fields)
        looking.take(asked if isinstance(asked, Refused) else gather(self._shelf, ticked, asked))
        return self._told(looking, language)

    def _show_again(
        self, looking: Looking | None, ticked: list[str], language: Language, *fields: Any
    ) -> tuple[Any, ...]:
        """Follow the ticks once the view has been opened."""
        if looking is None:
            return (gr.skip(),) * 4
        return self._show(looking, ticked, language, *fields)

    def _act(self, looking: Looking | None, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """What was clicked: a cell, a head to sort by, a row to open or to judge."""
        looking = looking or Looking()
        act, looking.said = _given(event, "act"), None
        row = looking.row(_given(event, "key"))
        if act == "cell":
            cell = Cell(_given(event, "gene"), _given(event, "disease"))
            looking.enter(None if cell == looking.cell else cell)
        elif act == "all":
            looking.enter(None)
        elif act == "sort":
            looking.sort(_given(event, "column"))
        elif act == "more":
            looking.go_on()
        elif row is not None and act in ("open", "close"):
            looking.turn(identity(row))
        elif row is not None and act in _VERDICTS:
            self._judge(looking, row, _VERDICTS[act])
        return self._told(looking, language)

    def _correct(self, looking: Looking | None, language: Language, event: gr.EventData) -> tuple[Any, ...]:
        """A form that was sent."""
        looking = looking or Looking()
        row = looking.row(_given(event, "key"))
        if row is not None:
            correction = corrected(row, {name: _given(event, name) for name in ("gene", "status", "disease", "sample")})
            if isinstance(correction, Refused):
                looking.said = Said(correction.phrase, correction.values)
            else:
                self._judge(looking, row, "corrected", correction)
        return self._told(looking, language)

    def _judge(
        self, looking: Looking, row: EvidenceRow, verdict: Verdict | None, correction: Correction | None = None
    ) -> None:
        """Store a verdict and read the rows anew, so that what is shown is what is stored."""
        if not isinstance(looking.found, Evidence):
            return
        try:
            judge(self._shelf.ticked(looking.found.ticked), row, verdict, correction)
        except LibraryError as error:
            looking.said = Said(words.NOT_JUDGED, reason=str(error))
            return
        looking.judged.add(identity(row))
        looking.take(gather(self._shelf, looking.found.ticked, looking.found.asked))

    def _take_in(self, path: str | None, looking: Looking | None, language: Language) -> tuple[Any, ...]:
        looking = looking or Looking()
        if path is not None and isinstance(looking.found, Evidence):
            said = take_in(self._shelf.ticked(looking.found.ticked), Path(path))
            looking.take(gather(self._shelf, looking.found.ticked, looking.found.asked))
            looking.said = said
        return self._told(looking, language)

    def _retell(self, looking: Looking | None, language: Language) -> tuple[Any, ...]:
        choices = (gr.update(choices=_told(phrases, language)) for phrases in _CHOICES)
        if looking is None:
            return (*(gr.skip(),) * 4, *choices)
        return (*self._told(looking, language), *choices)

    def _told(self, looking: Looking, language: Language) -> tuple[Any, ...]:
        ticked, links = [], []
        if isinstance(looking.found, Evidence):
            ticked, links = self._shelf.ticked(looking.found.ticked), files(looking.found)
        quote_of = partial(evidence_card, libraries=ticked, language=language)
        return (
            looking,
            head(looking, links, language),
            drawing(looking.map(), looking.cell, language),
            table(looking, quote_of, language),
        )


def _given(event: gr.EventData, name: str) -> str:
    """What the browser sent under a name; empty where it sent nothing."""
    return str(getattr(event, name, ""))


def _told(phrases: dict[str, Phrase], language: Language) -> list[tuple[str, str]]:
    """The choices of a filter, any first."""
    return [(words.ANY.say(language), ""), *((phrase.say(language), name) for name, phrase in phrases.items())]


def _html(classes: str, script: str | None = None) -> gr.HTML:
    return gr.HTML(elem_classes=classes.split(), apply_default_css=False, js_on_load=script)


def _import() -> gr.UploadButton:
    return gr.UploadButton(file_types=[".jsonl"], size="sm", elem_classes="import", scale=0)


def _filters(wording: Wording) -> tuple[list[Any], list[Any]]:
    """Text fields and choices, each in the order in which they are laid out."""
    with gr.Row():
        gene = wording.tell(
            gr.Textbox(min_width=140), label=words.GENE_BY_ANY_NAME, placeholder=words.GENE_NAME_EXAMPLE
        )
        disease = wording.tell(gr.Textbox(min_width=140), label=words.DISEASE, placeholder=words.DISEASE_EXAMPLE)
        status, sample, source = (
            wording.tell(gr.Dropdown(_told(phrases, "en"), value="", min_width=130, filterable=False), label=label)
            for phrases, label in zip(
                _CHOICES, (words.EVIDENCE_STATUS, words.SAMPLE, words.EVIDENCE_SOURCE), strict=True
            )
        )
        first_year = wording.tell(gr.Textbox(max_length=4, min_width=90), label=words.YEAR_FROM)
        last_year = wording.tell(gr.Textbox(max_length=4, min_width=90), label=words.YEAR_TO)
    return [gene, disease, first_year, last_year], [status, sample, source]


def _boxes(wording: Wording) -> list[Any]:
    """What is left out unless it is ticked."""
    phrases = (words.WITH_REJECTED, words.WITH_RETRACTED)
    return [wording.tell(gr.Checkbox(False, container=False, min_width=0), label=phrase) for phrase in phrases]
