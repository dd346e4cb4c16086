"""The search view: a question, the libraries to search, filters, and the results as cards."""

import unicodedata
from functools import partial
from typing import Any

import gradio as gr
from pydantic import ValidationError

from page import words
from page.layout import QUIET, Frame, examples
from page.outcome import Outcome, Refused, find
from page.shelf import Shelf
from page.wording import Wording
from page.words import Language
from retrieval.filters import Filters

EXAMPLES = (
    "Which genes' promoter methylation could detect pancreatic cancer in blood?",
    "哪些基因的启动子甲基化可以作为胰腺癌的血液标志物？",
    "RASSF1A nasopharyngeal carcinoma",
    "6mA in plants",
)
_COUNTS = [5, 10, 20, 50]
# A search waits mostly for the encoder, which runs several questions side by side.
_AT_ONCE = 8


def search_view(shelf: Shelf, frame: Frame) -> None:
    """Lay out the view in a frame."""
    _View(shelf, frame).listen()


class _View:
    def __init__(self, shelf: Shelf, frame: Frame) -> None:
        self._shelf = shelf
        self._frame = frame
        self._outcome = gr.State(None)
        wording = frame.wording
        with gr.Row(elem_classes="ask"):
            self._question = _question(wording)
            self._go = wording.tell(
                gr.Button(variant="primary", elem_classes="go", scale=0, min_width=112), value=words.SEARCH
            )
        self._examples = examples(wording, EXAMPLES)
        with wording.tell(gr.Accordion(open=False, elem_classes="filters"), label=words.FILTERS):
            self._filters = _filters(wording)
        self._shown = gr.HTML(elem_classes="outcome", apply_default_css=False, js_on_load=None)
        wording.tell(gr.Markdown(elem_classes="how-to-read"), value=words.HOW_TO_READ)

    def listen(self) -> None:
        """Connect what a person does to what the view does."""
        language = self._frame.language
        searching: dict[str, Any] = {
            "fn": self._search,
            "inputs": [self._question, self._frame.ticked, language, *self._filters],
            "outputs": [self._outcome, self._shown],
            "api_visibility": "private",
            "concurrency_limit": _AT_ONCE,
            "concurrency_id": "search",
            "show_progress": "minimal",
            "show_progress_on": self._shown,
        }
        gr.on([self._question.submit, self._go.click], **searching)
        for button, text in zip(self._examples, EXAMPLES, strict=True):
            button.click(partial(str, text), None, self._question, **QUIET).then(**searching)
        language.change(_retold, [language, self._outcome], self._shown, **QUIET)

    def _search(self, question: str | None, ticked: list[str], language: Language, *fields: Any) -> tuple[Outcome, str]:
        *conditions, count = fields
        filters = asked_filters(*conditions)
        if isinstance(filters, Refused):
            outcome: Outcome = filters
        else:
            outcome = find(self._shelf, ticked, question or "", count, filters)
        return outcome, outcome.html(language)


def _retold(language: Language, outcome: Outcome | None) -> str:
    return outcome.html(language) if outcome else ""


def asked_filters(
    year_from: str | None,
    year_to: str | None,
    journal: str | None,
    gene: str | None,
    leave_out_retracted: bool,
) -> Filters | Refused:
    """Filters as the form gives them, an empty field asking nothing; or what is wrong with the years."""
    years = {"year_from": typed(year_from), "year_to": typed(year_to)}
    conditions = {"journal": typed(journal), "gene": typed(gene), **years}
    try:
        return Filters.model_validate({**conditions, "retracted": False if leave_out_retracted else None})
    except ValidationError:
        return Refused(words.BAD_YEARS, {name: year or "…" for name, year in years.items()})


def typed(text: str | None) -> str | None:
    """What a text field holds, full-width digits as plain ones; None where it is empty."""
    return unicodedata.normalize("NFKC", text or "").strip() or None


def _question(wording: Wording) -> gr.Textbox:
    box = gr.Textbox(lines=1, max_lines=4, autofocus=True, elem_classes="question", scale=1)
    return wording.tell(box, label=words.QUESTION, placeholder=words.QUESTION_EXAMPLE)


def _filters(wording: Wording) -> list[gr.components.Component]:
    """The fields of the filters, in the order in which a search takes them."""
    with gr.Row():
        year_from = wording.tell(gr.Textbox(max_length=4, min_width=140), label=words.YEAR_FROM)
        year_to = wording.tell(gr.Textbox(max_length=4, min_width=140), label=words.YEAR_TO)
        journal = wording.tell(gr.Textbox(min_width=140), label=words.JOURNAL, placeholder=words.JOURNAL_EXAMPLE)
        gene = wording.tell(gr.Textbox(min_width=140), label=words.GENE, placeholder=words.GENE_EXAMPLE)
    with gr.Row(equal_height=True):
        retracted = wording.tell(gr.Checkbox(False, min_width=200), label=words.LEAVE_OUT_RETRACTED)
        count = wording.tell(gr.Radio(_COUNTS, value=10, min_width=240), label=words.RESULTS_WANTED)
    return [year_from, year_to, journal, gene, retracted, count]
