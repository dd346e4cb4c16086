"""One turn of a conversation as the page shows it, while it runs and when it is read again."""

from collections.abc import Sequence

from agent.attachments.attachment import Attached
from agent.citations.claim import Citation, Claim, Nearest
from agent.conversations import Exchange
from agent.events import Done, Draft, Event, Lifted, Notice, Speaking, Stated, Thought, ToolCall, ToolResult
from page import chips, words
from page.answer import Numbering, body, sources
from page.markup import Message, div, failed, file_names, literal
from page.prediction import panel
from page.reasons import said
from page.steps import Step
from page.words import Language, Phrase


class Told:
    """A question and what has been told in answer to it so far."""

    def __init__(self, question: str, files: Sequence[str] = ()) -> None:
        self._question = question
        self._files = files
        self._attachments: tuple[Attached, ...] = ()
        self._steps: dict[str, Step] = {}
        self._claims: list[Claim] = []
        self._nearest: Sequence[Nearest] = ()
        self._notices: list[str] = []
        self._conversation = ""
        self._doing: Phrase | str | None = words.WORKING
        self._failure: Phrase | str | None = None

    @classmethod
    def before(cls, exchange: Exchange) -> "Told":
        """A turn of before."""
        told = cls(exchange.question)
        answer = exchange.answer
        for number, tool in enumerate(answer.tools):
            result = tool["result"]
            told._steps[str(number)] = Step(
                tool["name"], tool["arguments"], tool["seconds"], result, error=result.get("error")
            )
        told._attachments, told._nearest = answer.attachments, answer.nearest
        told._claims, told._notices, told._doing = list(answer.claims), list(answer.notices), None
        told._conversation = answer.conversation
        return told

    @property
    def finished(self) -> bool:
        """Whether nothing more will be told."""
        return self._doing is None

    def take(self, event: Event) -> bool:
        """Note an event; whether it changes what is shown."""
        shown = self._doing
        match event:
            case Lifted():
                self._question, self._attachments, self._files = event.question, event.attachments, ()
            case Speaking():
                self._claims.clear()
                self._doing = words.WORKING
            case Thought():
                self._doing = event.text
            case ToolCall():
                self._steps[event.id] = Step(event.name, event.arguments)
            case ToolResult():
                step = self._steps.setdefault(event.id, Step(event.name, {}))
                step.seconds, step.result, step.error = event.seconds, event.result, event.error
                self._notice(*event.result.get("notices", ()))
            case Draft():
                self._doing = words.WRITING
                return shown is not self._doing
            case Stated():
                self._claims.append(event.claim)
            case Notice():
                self._notice(event.text)
            case Done():
                self._nearest, self._conversation = event.answer.nearest, event.answer.conversation
        return True

    def finish(self) -> None:
        """Nothing more will come."""
        self._doing = None

    def stop(self) -> None:
        """The reader wants no more."""
        self._end(words.STOPPED)

    def fail(self, reason: Phrase | str = words.BROKEN_OFF) -> None:
        """The turn could not be brought to its end."""
        self._end(reason)

    def _end(self, failure: Phrase | str) -> None:
        self._doing, self._failure = None, failure
        for step in self._steps.values():
            step.stopped = True

    def _notice(self, *texts: str) -> None:
        self._notices += [text for text in texts if text not in self._notices]

    def citation(self, number: int) -> Citation | None:
        """The citation that the answer shows under a number."""
        return Numbering(self._claims).citation(number)

    def nearest(self, number: int) -> Nearest | None:
        """The paper under a number, counted from 1, of those that were nearest where nothing was cited."""
        return self._nearest[number - 1] if 0 < number <= len(self._nearest) else None

    def messages(self, key: str, language: Language) -> list[Message]:
        """The question, the steps, and the answer as far as it has come."""
        asked = Message(role="user", content=div("asked", self._asked(language)))
        steps = [step.message(language) for step in self._steps.values()]
        answer = Message(role="assistant", content=div("answer", self._answer(key, language)))
        return [asked, *steps, answer]

    def _asked(self, language: Language) -> str:
        """The question, and the names of files as long as nothing else is known of them."""
        written = chips.question(self._question, self._attachments, language)
        return written + file_names(self._files)

    def _answer(self, key: str, language: Language) -> str:
        notices = "".join(f'<p class="notice">{literal(said(notice, language))}</p>' for notice in self._notices)
        # What is predicted stands by itself, before what papers say.
        end = max((place for place, claim in enumerate(self._claims, 1) if claim.verdict == "predicted"), default=0)
        predicted, others = self._claims[:end], self._claims[end:]
        told = notices + body(predicted, (), key, language) + self._predictions(language)
        told += body(others, self._nearest, key, language)
        if self._doing is not None:
            return f'{told}<p class="doing">{literal(said(self._doing, language))}</p>'
        if self._failure is words.STOPPED:
            told += f'<p class="stopped">{literal(words.STOPPED.say(language))}</p>'
        elif self._failure is not None:
            told += failed(words.TURN_FAILED, self._failure, language)
        return told + sources(self._claims, key, language)

    def _predictions(self, language: Language) -> str:
        """What tools have predicted, once the files that they made are stored."""
        if not self._conversation:
            return ""
        return "".join(panel(step.result, self._conversation, language) for step in self._steps.values())
