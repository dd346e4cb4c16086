"""A language model that reads papers for the methylation of genes, as the bundled tagger does, and beside it."""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agent.errors import AgentError, ModelUnusable
from agent.extraction.placing import Placed, placed
from agent.extraction.statement import INSTRUCTION, SCHEMA, question, read
from agent.extraction.stretches import stretches
from agent.settings import ModelSettings
from retrieval.evidence_reading import PaperTagger
from retrieval.sentences import Span
from seqmodels.tagger.tagged import Methylation, Name, Tagged

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

RULES = "abstracts of 3000 characters, words found whole, version 1"
"""How texts are cut for the model and its words found in them; to be changed with them."""
# Models are taught abstracts; longer texts are asked of abstract by abstract.
_MOST_CHARACTERS = 3000
# Of a window, the share that may be written; names of genes have few characters to a token.
_WRITTEN, _CHARACTERS_A_TOKEN, _INSTRUCTION_TOKENS = 0.4, 2.5, 200
_AT_ONCE = 8
# How long an endpoint that did not answer is left alone, in seconds; and how many times its patience one answer takes.
_PAUSE, _PATIENCES = 60.0, 10


@dataclass(frozen=True)
class Answer:
    """What a language model says of a text; None and why where it gave nothing that can be used.

    `missing` statements quote what does not stand in the text, or say again what was said.
    """

    methylation: tuple[Methylation, ...] | None
    missing: int = 0
    reason: str = ""

    def over(self, tagged: Tagged) -> Tagged:
        """The names of a tagger with what the language model says, else all that the tagger says."""
        if self.methylation is None:
            return tagged
        taken = [(name.start, name.end) for name in tagged.names]
        genes = dict.fromkeys(event.gene for event in self.methylation)
        new = (gene for gene in genes if not any(gene.start < end and start < gene.end for start, end in taken))
        names = [*tagged.names, *(Name(gene.start, gene.end, gene.text, "gene") for gene in new)]
        return Tagged(tuple(sorted(names, key=lambda name: (name.start, name.end))), self.methylation)


class ModelExtractor:
    """Asks the model of an endpoint; what it does not answer is read by the tagger.

    Args:
        settings: the endpoint, and under `name` the model or adapter.
        version: what tells the model from others of its name, such as the hash of its weights.
        tagger: finds the names of cancers, and reads what the model fails at; None: nothing does.

    """

    def __init__(self, settings: ModelSettings, version: str, tagger: PaperTagger | None) -> None:
        assert settings.url, "an endpoint is asked"
        self.name = settings.name
        self.version = version
        self.tagger = tagger
        self._settings = settings
        room = (1 - _WRITTEN) * settings.context - _INSTRUCTION_TOKENS
        self._most = min(_MOST_CHARACTERS, int(room * _CHARACTERS_A_TOKEN))
        self._asked_again = 0.0

    @cached_property
    def hash(self) -> str:
        """What tells it from every other: of model, prompt, schema, rules and the tagger beside it."""
        beside = self.tagger.hash if self.tagger else ""
        parts = (self.name, self.version, INSTRUCTION, json.dumps(SCHEMA), RULES, str(self._most), beside)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def tag_methylation(self, texts: Sequence[str]) -> list[Tagged]:
        """Read the texts that speak of methylation; nothing is said of the others."""
        tagged = self.tagger.tag_methylation(texts) if self.tagger else [Tagged((), ())] * len(texts)
        answers = self.answers(texts)
        self.tell(answers)
        return [answer.over(said) for answer, said in zip(answers, tagged, strict=True)]

    def tell(self, answers: Sequence[Answer]) -> None:
        """Log how many answers could not be used, and how many statements were not in their texts."""
        failed = [answer.reason for answer in answers if answer.methylation is None]
        if failed:
            instead = "the tagger has read them" if self.tagger else "no tagger is there to read them"
            told = self.name, len(failed), len(answers), failed[0], instead
            log.warning("%s failed at %d of %d texts (%s); %s.", *told)
        if missing := sum(answer.missing for answer in answers):
            log.warning("%d statements of %s do not stand in their texts and were left out.", missing, self.name)

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """What the model says of each text; it is not asked of texts that do not speak of methylation."""
        cut = [stretches(text, self._most) for text in texts]
        asked = [(text, span) for text, spans in zip(texts, cut, strict=True) for span in spans]
        if not asked:
            return [Answer(())] * len(texts)
        # A thread of its own, as the one that asks may have an event loop running.
        with ThreadPoolExecutor(1) as thread:
            said = iter(thread.submit(asyncio.run, self._said(asked)).result())
        return [_joined([next(said) for _ in spans]) for spans in cut]

    async def _said(self, asked: Sequence[tuple[str, Span]]) -> list[Placed | str]:
        """The statements of each stretch, or why there are none."""
        from agent.served import served_model

        form = {"type": "json_schema", "json_schema": {"name": "statements", "strict": True, "schema": SCHEMA}}
        most = int(_WRITTEN * self._settings.context)
        room = asyncio.Semaphore(_AT_ONCE)
        async with served_model(self._settings) as model:

            async def one(text: str, span: Span) -> Placed | str:
                async with room:
                    return await self._one(model, text, span, {"response_format": form, "max_tokens": most})

            return list(await asyncio.gather(*(one(text, span) for text, span in asked)))

    async def _one(self, model: "BaseChatModel", text: str, span: Span, wanted: dict[str, Any]) -> Placed | str:
        from langchain_core.exceptions import LangChainException
        from openai import APIConnectionError, OpenAIError

        if time.monotonic() < self._asked_again:
            return "the endpoint does not answer"
        try:
            async with asyncio.timeout(_PATIENCES * self._settings.patience):
                # As an extra, since the client would stream what it knows to be JSON in another way.
                stream = model.astream([*question(text[slice(*span)])], extra_body=wanted)
                answer = "".join([piece.text async for piece in stream])
            return placed(text, read(answer), span)
        except ModelUnusable as error:
            return error.reason
        except (APIConnectionError, OSError) as error:
            self._asked_again = time.monotonic() + _PAUSE
            return _short(error)
        except (LangChainException, OpenAIError, AgentError, ValueError, TypeError, KeyError) as error:
            return _short(error)


def _joined(said: Sequence[Placed | str]) -> Answer:
    """What is said of the stretches of one text; a text of which one stretch is not answered is not answered."""
    whole = [each for each in said if isinstance(each, Placed)]
    if len(whole) < len(said):
        return Answer(None, reason=next(each for each in said if isinstance(each, str)))
    return Answer(tuple(event for each in whole for event in each.methylation), sum(each.missing for each in whole))


def _short(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200] or type(error).__name__
