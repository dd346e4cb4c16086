"""The list of conversations as HTML."""

from collections.abc import Sequence
from html import escape

from agent.conversations import Summary
from page import words
from page.paper import lang
from page.words import Language


def listing(summaries: Sequence[Summary], current: str, deleting: str | None, language: Language) -> str:
    """The conversations, the current one marked; the one to be deleted asks whether it really should be."""
    if not summaries:
        return f'<p class="none">{escape(words.NO_CONVERSATIONS.say(language))}</p>'
    items = (
        _question(summary, language) if summary.id == deleting else _entry(summary, summary.id == current, language)
        for summary in summaries
    )
    return f'<ul class="conversations">{"".join(items)}</ul>'


def _entry(summary: Summary, is_current: bool, language: Language) -> str:
    when = summary.changed.astimezone()
    current = ' aria-current="true"' if is_current else ""
    delete = escape(words.DELETE_THIS.say(language, title=summary.title))
    return (
        f'<li{current}><button type="button" name="open" value="{escape(summary.id)}">'
        f"<span{lang(summary.title)}>{escape(summary.title)}</span>"
        f'<time datetime="{when.isoformat()}">{when:%Y-%m-%d %H:%M}</time></button>'
        f'<button type="button" name="ask" value="{escape(summary.id)}" title="{delete}" aria-label="{delete}">×</button>'
        "</li>"
    )


def _question(summary: Summary, language: Language) -> str:
    return (
        f'<li class="deleting"><span{lang(summary.title)}>{escape(summary.title)}</span>'
        f"<p>{escape(words.DELETE_REALLY.say(language))}</p>"
        f'<button type="button" name="delete" value="{escape(summary.id)}">{escape(words.DELETE.say(language))}</button>'
        f'<button type="button" name="keep" value="{escape(summary.id)}">{escape(words.KEEP.say(language))}</button></li>'
    )
