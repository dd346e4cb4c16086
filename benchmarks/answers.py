"""Answers of the embedded model: is the question's own paper cited, are quotes in their papers, how long it takes.

The 500 PubMedQA questions are asked of all 1,500 abstracts; the warm times on the starter library are of the 60
English and Chinese questions that were written for it.
"""

import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from agent.assembly import open_agent
from agent.conversation import Agent
from agent.events import Answer, Done, Stated
from agent.settings import ModelSettings
from benchmarks.chinese import QUESTIONS
from benchmarks.shared import ROOT, WORK, epi_and_cg, library_of, pubmedqa, require_data
from retrieval.home import Home
from retrieval.library import Library

_WARM_UP = 5


@dataclass(frozen=True)
class _Timed:
    """An answer, the seconds until its first sentence and until its end."""

    answer: Answer
    first: float
    whole: float


def main() -> None:
    """Print the shares and the times."""
    require_data()
    asyncio.run(_run())
    command = [sys.executable, str(ROOT / "app.py"), "ask", "Which genes are silenced in gastric cancer?"]
    environment = {"EPICITE_HOME": str(WORK / "home"), "PATH": "/usr/bin:/bin"}
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    print(f"epicite ask, cold: median {statistics.median(seconds):.1f} s of {len(seconds)}")


async def _run() -> None:
    papers, _ = epi_and_cg()
    asked_of, items = pubmedqa()
    everything = library_of("all-1500", [*papers, *asked_of])
    home = Home(WORK / "answers")
    shutil.rmtree(home.root, ignore_errors=True)
    starter = Home(WORK / "home").starter()
    home.root.mkdir(parents=True)
    (home.root / "encoders").symlink_to(WORK / "encoders", target_is_directory=True)
    async with open_agent(home, ModelSettings()) as agent:
        questions = [json.loads(line) for line in Path(QUESTIONS).read_text(encoding="utf-8").splitlines()]
        texts = [question[language] for question in questions for language in ("en", "zh")]
        _print_times("starter", [await _ask(agent, text, starter) for text in tqdm(texts, desc="starter")])
        timed = [await _ask(agent, item.question, everything) for item in tqdm(items, desc="PubMedQA")]
        _print_times("1,500 abstracts", timed)
    own = sum(
        any(citation.pmid == item.pmid for citation in one.answer.citations)
        for one, item in zip(timed, items, strict=True)
    )
    answered = sum(not one.answer.abstained for one in timed)
    quotes = [citation for one in timed for citation in one.answer.citations]
    wrong = sum(everything.paper(quote.paper_id).text[quote.start : quote.end] != quote.quote for quote in quotes)
    print(f"the question's own paper is cited in {own} of {len(items)} answers ({answered} were not declined)")
    print(f"quotes that are not in their paper: {wrong} of {len(quotes)}")


async def _ask(agent: Agent, question: str, library: Library) -> _Timed:
    start = time.perf_counter()
    first = None
    async for event in agent.ask(question, [library], agent.conversations.new_id(), "local"):
        if isinstance(event, Stated) and first is None:
            first = time.perf_counter() - start
        if isinstance(event, Done):
            return _Timed(event.answer, first or 0.0, time.perf_counter() - start)
    raise AssertionError("a turn ends with Done")


def _print_times(name: str, timed: Sequence[_Timed]) -> None:
    warm = timed[_WARM_UP:]
    print(
        f"warm answer on {name}: median {statistics.median(one.whole for one in warm) * 1e3:.0f} ms, "
        f"first sentence {statistics.median(one.first for one in warm) * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
