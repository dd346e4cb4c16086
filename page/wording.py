"""Components that speak two languages."""

from typing import Any, TypeVar

import gradio as gr

from page.words import NAMES, Language, Phrase, translations

Part = TypeVar("Part", bound=gr.blocks.Block)


_translated = gr.I18n()


class Wording:
    """The components of one page and what they say.

    The browser's own language decides what is read first, without waiting for the server; after that, `updates`
    gives every component its words in the language that was chosen.
    """

    def __init__(self) -> None:
        self._phrases: list[tuple[gr.blocks.Block, dict[str, Phrase]]] = []

    def tell(self, component: Part, **phrases: Phrase) -> Part:
        """Let a component say phrases, each as one of its properties (`label`, `value`, `placeholder`)."""
        for name, phrase in phrases.items():
            setattr(component, name, _translated(NAMES[phrase]))
        self._phrases.append((component, phrases))
        return component

    @property
    def components(self) -> list[gr.blocks.Block]:
        """The components, in the order of their updates."""
        return [component for component, _ in self._phrases]

    def updates(self, language: Language) -> list[dict[str, Any]]:
        """What each component says in a language."""
        return [_update(phrases, language) for _, phrases in self._phrases]


def _update(phrases: dict[str, Phrase], language: Language) -> dict[str, Any]:
    said: dict[str, Any] = {name: phrase.say(language) for name, phrase in phrases.items()}
    return gr.update(**said)


def browser_words() -> gr.I18n:
    """The phrases for the browser, by every tag under which it may ask for Chinese."""
    words = translations()
    return gr.I18n(**{"en": words["en"], "zh": words["zh"], "zh-CN": words["zh"]})
