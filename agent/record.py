"""What a turn has told so far, and the answer that it amounts to."""

from collections.abc import Iterator, Sequence
from typing import Any

from agent.attachments.attachment import Attached
from agent.citations.claim import Citation, Claim, Nearest
from agent.citations.marks import mark
from agent.events import Answer, Event, Lifted, Notice, Speaking, Stated, ToolCall, ToolResult

# As many as an answer that finds nothing relevant names.
_NEAREST = 3


class Record:
    """Takes the events of a turn; gives the whole answer."""

    def __init__(self) -> None:
        self._claims: list[Claim] = []
        self._arguments: dict[str, dict[str, Any]] = {}
        self._results: dict[str, dict[str, Any]] = {}
        self._notices: list[str] = []
        self._attachments: tuple[Attached, ...] = ()
        self._model = ""

    def take(self, event: Event) -> None:
        """Note an event; a new speaker begins the answer anew."""
        match event:
            case Lifted():
                self._attachments = event.attachments
            case Speaking():
                self._model = event.model
                self._claims.clear()
            case Stated():
                self._claims.append(event.claim)
            case Notice():
                self._notices.append(event.text)
            case ToolCall():
                self._arguments[event.id] = event.arguments
            case ToolResult():
                self._notices.extend(event.result.get("notices", ()))
                result = {"error": event.error} if event.error else event.result
                self._results[event.id] = {
                    "name": event.name,
                    "arguments": self._arguments.setdefault(event.id, {}),
                    "seconds": event.seconds,
                    "result": result,
                }

    def answer(self, conversation: str, evidence: Sequence[dict[str, Any]] = ()) -> Answer:
        """The answer so far, with the evidence rows that were found.

        It abstains where tools were asked and nothing was cited or predicted.
        """
        cited: dict[int, Citation] = {}
        for claim in self._claims:
            cited |= {citation.n: citation for citation in claim.citations}
        predicted = any(claim.verdict == "predicted" for claim in self._claims)
        abstained = bool(self._results) and not cited and not predicted
        return Answer(
            answer="".join(_written(claim) for claim in self._claims).strip(),
            claims=tuple(self._claims),
            citations=tuple(cited.values()),
            nearest=tuple(self._nearest()) if abstained else (),
            evidence=tuple(evidence),
            tools=self._tools(),
            attachments=self._attachments,
            notices=tuple(dict.fromkeys(self._notices)),
            abstained=abstained,
            conversation=conversation,
            model=self._model,
        )

    def _tools(self) -> tuple[dict[str, Any], ...]:
        """What tools gave, in the order of their calls: those of one message run side by side and end in any order."""
        return tuple(self._results[call] for call in self._arguments if call in self._results)

    def _nearest(self) -> Iterator[Nearest]:
        """The first papers that tools have shown, each once."""
        shown = {paper["sha256"]: paper for tool in self._tools() for paper in tool["result"].get("papers", ())}
        for paper in list(shown.values())[:_NEAREST]:
            yield Nearest(**{name: paper[name] for name in Nearest.model_fields})


def _written(claim: Claim) -> str:
    if claim.verdict == "withheld":
        return f"{claim.lead}[withheld: {claim.reason}]"
    marks = mark(*(citation.n for citation in claim.citations))
    return f"{claim.lead}{claim.text}{' ' if marks else ''}{marks}"
