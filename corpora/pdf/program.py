"""Runs the program that reads PDF files, and takes what it says."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from corpora.characters import storable
from corpora.pdf.page import Page, Run
from corpora.unreadable import Unreadable

REPAIR = "Download it again, or mend it, for example with: qpdf broken.pdf mended.pdf."
_DECRYPT = "Save it without a password, for example with: qpdf --decrypt locked.pdf open.pdf."
_PROGRAM = Path(__file__).with_name("extraction.py")
_OVERFULL = 3
"""How the program ends where a page holds more than it reads."""
SECONDS = 180.0
"""By the clock, that a file may take. The program itself bounds the memory and the time of computing."""


def damaged(flaw: str) -> Unreadable:
    """A file that cannot be read as it is."""
    return Unreadable(f"is damaged: {flaw}", REPAIR)


@contextmanager
def opened(path: Path) -> Iterator[tuple[int, dict[str, str], Iterator[Page]]]:
    """How many pages a PDF file says that it has, its metadata, and the pages that are there.

    Raises Unreadable where it is encrypted or damaged, also while the pages are taken.
    """
    command = [sys.executable, "-I", str(_PROGRAM), str(path.absolute())]
    closed = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=closed, stdin=closed) as run:  # noqa: S603 - our own program
        assert run.stdout is not None
        late = threading.Event()
        clock = threading.Timer(SECONDS, _stop, (run, late))
        clock.daemon = True
        clock.start()
        try:
            said = _said(run, run.stdout, late)
            head = next(said, None)
            if head is None:
                raise damaged("nothing can be read from it")
            if reason := head.get("refused"):
                raise Unreadable("is encrypted", _DECRYPT) if reason == "encrypted" else damaged("it is no whole PDF")
            metadata = {key: storable(value) for key, value in head["metadata"].items()}
            yield head["pages"], metadata, (_page(number, page) for number, page in enumerate(said, start=1))
        finally:
            clock.cancel()
            run.kill()


def _stop(run: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    late.set()
    run.kill()


def _said(run: "subprocess.Popen[bytes]", stream: IO[bytes], late: threading.Event) -> Iterator[dict[str, Any]]:
    """What the program says, line by line, and an error where it did not come to its end."""
    for line in stream:
        if not line.endswith(b"\n"):
            break
        yield json.loads(line)
    code = run.wait()
    if late.is_set():
        raise damaged(f"reading it takes longer than {SECONDS:.0f} seconds")
    if code == _OVERFULL:
        raise damaged("a page has more letters than any printed page")
    if code:
        raise damaged("the program that reads it broke off, for want of memory or time or by a fault of its own")


def _page(number: int, said: dict[str, Any]) -> Page:
    runs = (
        Run(
            text,
            left,
            right,
            baseline,
            size,
            top,
            bottom,
            is_bold="b" in marks,
            is_italic="i" in marks,
            after_space="s" in marks,
        )
        for letters, left, right, baseline, size, top, bottom, marks in said["runs"]
        if (text := storable(letters).replace("\u00ad", "-" if letters.endswith("\u00ad") else "").strip())
    )
    rules, areas, pictures = (tuple(map(tuple, said[kind])) for kind in ("rules", "areas", "pictures"))
    return Page(number, said["width"], said["height"], tuple(runs), rules, areas, pictures, said["objects"])
