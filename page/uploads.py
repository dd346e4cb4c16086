"""Files that a reader gives: kept in the home, read into their private library."""

import asyncio
import hashlib
import shutil
import threading
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.attachments.sorting import ATTACHED
from corpora.failure import Failure
from corpora.reading import READERS
from page import words
from page.markup import Message, div, failed, file_names, literal
from page.reasons import said
from page.words import Language, Phrase
from retrieval.errors import LibraryError
from retrieval.ingest import Report, ingest
from retrieval.library import Library
from seqmodels.errors import ModelError

SUFFIXES = [*READERS, *ATTACHED]
MAXIMUM_SIZE = "100mb"
_SECONDS_BETWEEN_REPORTS = 0.3
_HASH_LENGTH = 16
_STAGES: dict[str, Phrase] = {
    "reading": words.STAGE_READING,
    "gene names": words.STAGE_GENES,
    "embedding": words.STAGE_EMBEDDING,
    "indexing": words.STAGE_INDEXING,
}


@dataclass(frozen=True)
class _Stage:
    name: str
    done: int
    total: int | None


class _Stopped(Exception):
    """The reader wants no more."""


class Intake:
    """Files on their way into a library, as the page shows it."""

    def __init__(self, files: Sequence[Path], library: str) -> None:
        self._files = files
        self._library = library
        self._stage: _Stage | None = None
        self._report: Report | None = None
        self._failure: Phrase | str | None = None
        self._stopped = threading.Event()

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self._stopped.is_set() or self._report is not None or self._failure is not None

    @property
    def is_whole(self) -> bool:
        """Whether all of it is in the library."""
        return self._report is not None and not self._report.failures

    async def run(self, library: Library, folder: Path) -> AsyncGenerator[None, None]:
        """Keep the files in a folder and read them in, in a thread; yields whenever there is something to show."""
        work = asyncio.get_running_loop().run_in_executor(None, self._work, library, folder)
        try:
            while not work.done():
                yield
                await asyncio.wait({work}, timeout=_SECONDS_BETWEEN_REPORTS)
            self._report = await work
        except (LibraryError, ModelError, OSError) as error:
            self._failure = str(error)
        finally:
            if not work.done():
                self._stopped.set()

    def stop(self) -> None:
        """The reader wants no more; the paper that is being read is the last."""
        self._stopped.set()

    def fail(self, reason: Phrase | str = words.BROKEN_OFF) -> None:
        """The files could not be taken in."""
        self._failure = reason

    def _work(self, library: Library, folder: Path) -> Report | None:
        try:
            return ingest(library, [_keep(file, folder) for file in self._files], self._progress)
        except _Stopped:
            return None

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._stage = _Stage(stage, done, total)

    def citation(self, _number: int) -> None:
        """It cites nothing."""

    def nearest(self, _number: int) -> None:
        """It looks for nothing."""

    def messages(self, _key: str, language: Language) -> list[Message]:
        """The names of the files, then how far they are or what came of them."""
        names = file_names(file.name for file in self._files)
        return [
            Message(role="user", content=div("asked", names)),
            Message(role="assistant", content=div("answer", self._told(language))),
        ]

    def _told(self, language: Language) -> str:
        if self._report is not None:
            return _counted(self._report, self._library, language)
        if self._failure is not None:
            return failed(words.UPLOAD_FAILED, self._failure, language)
        if self._stopped.is_set():
            return f'<p class="stopped">{literal(words.UPLOAD_STOPPED.say(language, library=self._library))}</p>'
        begun = literal(words.UPLOAD_BEGUN.say(language, library=self._library))
        return f'<p class="doing">{begun}</p>{_bar(self._stage, language)}'


def _bar(stage: _Stage | None, language: Language) -> str:
    if stage is None:
        return "<progress></progress>"
    name = _STAGES[stage.name].say(language) if stage.name in _STAGES else stage.name
    total = f" / {stage.total}" if stage.total else ""
    bounds = f' max="{stage.total}" value="{stage.done}"' if stage.total else ""
    return f"<p>{literal(f'{name}: {stage.done}{total}')}</p><progress{bounds}></progress>"


def _counted(report: Report, library: str, language: Language) -> str:
    counts = {name: getattr(report, name) for name in ("added", "updated", "unchanged")}
    told = literal(words.UPLOAD_DONE.say(language, library=library, failed=len(report.failures), **counts))
    ready = f" {literal(words.UPLOAD_READY.say(language))}" if any(counts.values()) else ""
    failures = "".join(f"<li>{literal(_failure(failure, language))}</li>" for failure in report.failures)
    listed = f'<ul class="failures">{failures}</ul>' if failures else ""
    return f"<p>{told}{ready}</p>{listed}"


def _failure(failure: Failure, language: Language) -> str:
    """Where, why and what to do; of the path only the name, by which the reader knows the file."""
    place = said(failure.source.place, language) if failure.source.place else ""
    values = {"file": failure.source.path.name, "reason": said(failure.reason, language), "place": place}
    phrase = words.FAILURE_AT if place else words.FAILURE
    return phrase.say(language, **values, remedy=said(failure.remedy, language))


def _keep(file: Path, folder: Path) -> Path:
    """A copy that stays, in a folder named by its content: two papers may have files of one name."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()[:_HASH_LENGTH]
    kept = folder / digest / file.name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_name(f".{file.name}.tmp")
        shutil.copyfile(file, unfinished)
        unfinished.replace(kept)
    return kept
