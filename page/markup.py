"""Text in a chat message, where Gradio reads Markdown and HTML: shown as the characters that it is."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TypedDict

from page.reasons import said
from page.words import Language, Phrase

_SIGN = re.compile(r"[^\w\s]|_")


class Message(TypedDict, total=False):
    """A message as Gradio's chat takes it."""

    role: str
    content: str
    metadata: Mapping[str, object]


def literal(text: str) -> str:
    """A text of which nothing is read as Markdown, HTML, a formula or an address; white space is collapsed.

    A character reference never begins a mark-up of CommonMark (0.31, section 2.5), so every sign becomes one.
    """
    return _SIGN.sub(lambda sign: f"&#{ord(sign[0])};", " ".join(text.split()))


def file_names(names: Iterable[str]) -> str:
    """The names of files, one on a line."""
    return "<br>".join(f'<span class="file">{literal(name)}</span>' for name in names)


def div(manner: str, content: str) -> str:
    """A block of HTML in a message; `content` is escaped already. Markdown leaves it alone up to an empty line."""
    return f'<div class="{escape(manner)}">{content}</div>'


def failed(heading: Phrase, reason: Phrase | str, language: Language) -> str:
    """What did not work, and why."""
    head, told = literal(heading.say(language)), literal(said(reason, language))
    return div("failed", f"<p><strong>{head}</strong></p><p>{told}</p>")
