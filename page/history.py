"""The list of conversations as HTML."""

from collections.abc import Sequence
from html import escape

from agent.conversations import Summary
from page import words
from page.paper import lang
from page.words import Language


def listing(summaries: Sequence[Summary], current: str, deleting: str | None, language: Language) -> str:
    """The conversations, the current one marked; the one to be deleted asks whether it really should be.

    What the buttons do is their name: "open", "ask" whether to delete, "delete", "drop" the current one, "keep".
    """
    if not summaries:
        return f'<p class="none">{escape(words.NO_CONVERSATIONS.say(language))}</p>'
    items = (
        (_question if summary.id == deleting else _entry)(summary, summary.id == current, language)
        for summary in summaries
    )
    label = escape(words.CONVERSATIONS.say(language))
    return f'<ul class="conversations" aria-label="{label}">{"".join(items)}</ul>'


def _entry(summary: Summary, is_current: bool, language: Language) -> str:
    when = summary.changed.astimezone()
    current = ' aria-current="true"' if is_current else ""
    time = f'<time datetime="{when.isoformat()}">{when:%Y-%m-%d %H:%M}</time>'
    label = escape(words.DELETE_THIS.say(language, title=summary.title))
    named = f' title="{label}" aria-label="{label}"'
    return f"<li{current}>{_button('open', summary, _titled(summary) + time)}{_button('ask', summary, '×', named)}</li>"


def _question(summary: Summary, is_current: bool, language: Language) -> str:
    really = escape(words.DELETE_REALLY.say(language))
    delete = _button("drop" if is_current else "delete", summary, escape(words.DELETE.say(language)))
    keep = _button("keep", summary, escape(words.KEEP.say(language)))
    return f'<li class="deleting">{_titled(summary)}<p>{really}</p>{delete}{keep}</li>'


def _titled(summary: Summary) -> str:
    return f"<span{lang(summary.title)}>{escape(summary.title)}</span>"


def _button(act: str, summary: Summary, content: str, attributes: str = "") -> str:
    return f'<button type="button" name="{act}" value="{escape(summary.id)}"{attributes}>{content}</button>'
