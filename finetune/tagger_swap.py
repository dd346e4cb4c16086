"""Which tagger a home reads its papers with: a candidate put in the place of the one in use, and taken out again.

`tagger` is in use and `tagger.candidate` waits. `tagger.before.1`, `.2`, ... were in use, the last one last; an empty
one stands for the package's own. `tagger.swapping` names the one that is to come back where a swap was interrupted.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from finetune.errors import FinetuneError
from retrieval.paper_tagger import HOME_FOLDER

CANDIDATE = f"{HOME_FOLDER}.candidate"
_BEFORE, _UNDONE = f"{HOME_FOLDER}.before", f"{HOME_FOLDER}.undone"
_MARK, _LOCK = f"{HOME_FOLDER}.swapping", f"{HOME_FOLDER}.lock"


def use_candidate(home: Path) -> None:
    """Put the candidate in the place of the tagger in use, which is kept. Raises FinetuneError where there is none."""
    with _swapping(home):
        candidate, current = home / CANDIDATE, home / HOME_FOLDER
        if not candidate.is_dir():
            raise FinetuneError(
                f"{home} has no tagger that waits to be used", "Make it with `epicite evidence --retrain`."
            )
        before = home / f"{_BEFORE}.{max(_numbers(home, _BEFORE), default=0) + 1}"
        _mark(home, before)
        if current.exists():
            current.rename(before)
        else:
            before.mkdir()
        candidate.rename(current)
        (home / _MARK).unlink()


def undo_use(home: Path) -> bool:
    """Bring back the tagger before the one in use, as it was; whether it is one of the home's own.

    The one that was in use waits to be used again; where another waits already, it is kept beside it. Raises
    FinetuneError where nothing was swapped.
    """
    with _swapping(home) as mended:
        if mended:
            return (home / HOME_FOLDER).exists()
        known = _numbers(home, _BEFORE)
        if not known:
            raise FinetuneError(f"{home} has had no other tagger", "There is nothing to bring back.")
        before, current = home / f"{_BEFORE}.{max(known)}", home / HOME_FOLDER
        _mark(home, before)
        if current.exists():
            current.rename(_aside(home))
        _bring_back(before, current)
        (home / _MARK).unlink()
        return current.exists()


@contextmanager
def _swapping(home: Path) -> Iterator[bool]:
    """One swap at a time; says whether one was interrupted, the tagger of before being in use again now."""
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / _LOCK):
        mark, current = home / _MARK, home / HOME_FOLDER
        mended = mark.is_file() and not current.exists()
        if mark.is_file():
            before = home / mark.read_text(encoding="utf-8")
            if mended and before.is_dir():
                _bring_back(before, current)
            mark.unlink()
        yield mended


def _mark(home: Path, before: Path) -> None:
    unfinished = home / f".{_MARK}.tmp"
    unfinished.write_text(before.name, encoding="utf-8")
    unfinished.replace(home / _MARK)


def _bring_back(before: Path, current: Path) -> None:
    """What was in use before is in use again; what is empty stood for the package's own."""
    if any(before.iterdir()):
        before.rename(current)
    else:
        before.rmdir()


def _aside(home: Path) -> Path:
    """Where a tagger goes that is undone."""
    candidate = home / CANDIDATE
    return home / f"{_UNDONE}.{max(_numbers(home, _UNDONE), default=0) + 1}" if candidate.exists() else candidate


def _numbers(home: Path, name: str) -> list[int]:
    """Under which numbers folders of a name are kept."""
    return [int(path.suffix[1:]) for path in home.glob(f"{name}.*") if path.suffix[1:].isdecimal()]
