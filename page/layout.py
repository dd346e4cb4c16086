"""The frame around the views: the name, the language switch, the libraries, and how the page looks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from page import words
from page.shelf import Shelf
from page.wording import Wording
from page.words import TAGS, Language, Phrase, preferred_language

STYLES = [Path(__file__).parent / "assets" / name for name in ("style.css", "chat.css", "evidence.css")]
ICON = Path(__file__).parent / "assets" / "icon.png"


# How an event is wired that a person should not notice.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

_SECONDS_BETWEEN_CLEANINGS = 3600
_SECONDS_FILES_LIVE = 86400
_SAME_AT_EVERY_START = "epicite"
_NAME_LANGUAGE = f"(language) => {{ document.documentElement.lang = language === 'zh' ? '{TAGS['zh']}' : 'en' }}"


# Gradio encrypts what the browser keeps; a key of its own making would not open it after a restart.
def kept_by_browser(name: str) -> gr.BrowserState:
    """A value that outlives a reload and a restart, such as a choice; nothing that was asked or answered."""
    return gr.BrowserState(None, storage_key=f"epicite-{name}", secret=_SAME_AT_EVERY_START)


@dataclass(frozen=True)
class Frame:
    """What a view is laid out in: the page, the words of its components and their language, what is ticked, its tab."""

    blocks: gr.Blocks
    wording: Wording
    language: gr.Radio
    ticked: gr.CheckboxGroup
    tab: gr.Tab


def framed(views: Mapping[Phrase, Callable[[Frame], None]], shelf: Shelf) -> gr.Blocks:
    """A page with some views, each under a tab."""
    wording = Wording()
    cleaning = (_SECONDS_BETWEEN_CLEANINGS, _SECONDS_FILES_LIVE)
    blocks = gr.Blocks(title="Epicite", analytics_enabled=False, delete_cache=cleaning)
    with blocks:
        language, ticked = _header(wording), _libraries(wording, shelf)
        with gr.Tabs(elem_classes="views"):
            for title, view in views.items():
                with wording.tell(gr.Tab(), label=title) as tab:
                    view(Frame(blocks, wording, language, ticked, tab))
        _speak(blocks, wording, language)
        blocks.load(lambda: gr.update(**_all_ticked(shelf)), None, ticked, **QUIET)
    return blocks


def examples(wording: Wording, texts: Sequence[str]) -> list[gr.Button]:
    """A row of questions to begin with."""
    with gr.Row(elem_classes="examples"):
        wording.tell(gr.Markdown(elem_classes="try"), value=words.TRY)
        return [gr.Button(text, size="sm", elem_classes="example") for text in texts]


def _libraries(wording: Wording, shelf: Shelf) -> gr.CheckboxGroup:
    return wording.tell(gr.CheckboxGroup(**_all_ticked(shelf), elem_classes="libraries"), label=words.LIBRARIES)


def _all_ticked(shelf: Shelf) -> dict[str, Any]:
    choices = shelf.choices()
    return {"choices": choices, "value": [name for _, name in choices]}


def _header(wording: Wording) -> gr.Radio:
    with gr.Row(elem_classes="masthead", equal_height=True):
        with gr.Column(scale=1, min_width=200):
            gr.HTML("<h1>Epicite</h1>", js_on_load=None)
            wording.tell(gr.Markdown(elem_classes="tagline"), value=words.TAGLINE)
        switch = gr.Radio(
            [("English", "en"), ("中文", "zh")],
            value=None,
            container=False,
            scale=0,
            min_width=160,
            elem_classes="language",
        )
        return wording.tell(switch, label=words.LANGUAGE)


def _speak(blocks: gr.Blocks, wording: Wording, language: gr.Radio) -> None:
    """Begin in the language that was chosen before, else in the browser's, and follow the switch."""
    chosen = kept_by_browser("language")
    blocks.load(_first_language, chosen, language, **QUIET)
    language.change(wording.updates, language, wording.components, **QUIET)
    language.change(None, language, None, js=_NAME_LANGUAGE)
    language.input(lambda value: value, language, chosen, **QUIET)


def _first_language(chosen: str | None, request: gr.Request) -> Language:
    if chosen in TAGS:
        return chosen
    return preferred_language(request.headers.get("accept-language", ""))
