"""The tools of a turn as collapsible messages."""

import json
from dataclasses import dataclass, field
from typing import Any

from page import words
from page.markup import Message, div, literal
from page.reasons import said
from page.words import Language, Phrase

_TITLES: dict[str, Phrase] = {
    "search_literature": words.TOOL_SEARCH,
    "find_paper": words.TOOL_FIND,
    "read_paper": words.TOOL_READ,
    "predict_methylation_sites": words.TOOL_METHYLATION,
    "predict_promoter": words.TOOL_PROMOTER,
    "predict_phenotype": words.TOOL_PHENOTYPE,
    "score_variant": words.TOOL_VARIANT,
    "embed_sequence": words.TOOL_EMBED,
    "extract_methylation": words.TOOL_EXTRACT,
    "query_evidence": words.TOOL_EVIDENCE,
}
_PAPERS_SHOWN = 6
_LONGEST_ARGUMENT = 300


@dataclass
class Step:
    """A call of a tool; `seconds` is None until it has ended."""

    name: str
    arguments: dict[str, Any]
    seconds: float | None = None
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    stopped: bool = False

    def message(self, language: Language) -> Message:
        """The step, open while it runs, folded afterwards."""
        metadata: dict[str, object] = {"title": self._title(language)}
        if self.seconds is None and not self.stopped:
            metadata["status"] = "pending"
        else:
            metadata |= {"status": "done", "duration": self.seconds or 0.0}
        return Message(role="assistant", content=self._content(language), metadata=metadata)

    def _title(self, language: Language) -> str:
        phrase = _TITLES.get(self.name)
        return literal(phrase.say(language) if phrase else self.name)

    def _content(self, language: Language) -> str:
        arguments = "".join(
            f"<dt>{literal(name)}</dt><dd>{literal(_value(value))}</dd>" for name, value in self.arguments.items()
        )
        told = (
            f'<p class="tool-error">{literal(said(self.error, language))}</p>' if self.error else self._found(language)
        )
        return div("step", f"<p><code>{literal(self.name)}</code></p><dl>{arguments}</dl>{told}")

    def _found(self, language: Language) -> str:
        papers = self.result.get("papers", ())
        if not papers:
            return ""
        sentences = sum(len(paper.get("sentences", ())) for paper in papers)
        count = literal(words.SHOWN_PAPERS.say(language, papers=len(papers), sentences=sentences))
        titles = [literal(paper.get("title") or words.NO_TITLE.say(language)) for paper in papers[:_PAPERS_SHOWN]]
        if more := len(papers) - len(titles):
            titles.append(literal(words.MORE_PAPERS.say(language, count=more)))
        return f"<p>{count}</p><ul>{''.join(f'<li>{title}</li>' for title in titles)}</ul>"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_ARGUMENT else text[:_LONGEST_ARGUMENT] + "…"
