"""The frame around every view: the name, the language switch, and how the page looks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from page import words
from page.wording import Wording
from page.words import TAGS, Language, preferred_language

STYLE = Path(__file__).parent / "assets" / "style.css"
ICON = Path(__file__).parent / "assets" / "icon.png"


# How an event is wired that a person should not notice.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

_SECONDS_BETWEEN_CLEANINGS = 3600
_SECONDS_FILES_LIVE = 86400
# Gradio encrypts what the browser keeps; a key of its own making would not open it after a restart.
_SAME_AT_EVERY_START = "epicite"
_NAME_LANGUAGE = f"(language) => {{ document.documentElement.lang = language === 'zh' ? '{TAGS['zh']}' : 'en' }}"


@dataclass(frozen=True)
class Frame:
    """What a view is laid out in: the page, the words of its components, and the switch of their language."""

    blocks: gr.Blocks
    wording: Wording
    language: gr.Radio


def framed(view: Callable[[Frame], None]) -> gr.Blocks:
    """A page with one view."""
    wording = Wording()
    cleaning = (_SECONDS_BETWEEN_CLEANINGS, _SECONDS_FILES_LIVE)
    blocks = gr.Blocks(title="Epicite", analytics_enabled=False, delete_cache=cleaning)
    with blocks:
        frame = Frame(blocks, wording, _header(wording))
        view(frame)
        _speak(frame)
    return blocks


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


def _speak(frame: Frame) -> None:
    """Begin in the language that was chosen before, else in the browser's, and follow the switch."""
    wording, language = frame.wording, frame.language
    chosen = gr.BrowserState(None, storage_key="epicite-language", secret=_SAME_AT_EVERY_START)
    frame.blocks.load(_first_language, chosen, language, **QUIET)
    language.change(wording.updates, language, wording.components, **QUIET)
    language.change(None, language, None, js=_NAME_LANGUAGE)
    language.input(lambda value: value, language, chosen, **QUIET)


def _first_language(chosen: str | None, request: gr.Request) -> Language:
    if chosen in TAGS:
        return chosen
    return preferred_language(request.headers.get("accept-language", ""))
