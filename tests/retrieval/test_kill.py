"""Ingest killed without warning, again and again: nothing is lost, nothing twice, and the next run goes on."""

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import retrieval
from retrieval.home import MINE, Home
from retrieval.ingest import ingest
from retrieval.manifest import FILE_NAME as MANIFEST
from retrieval.upkeep import compact, verify

KILLS = 30
PAPERS = 60
QUESTIONS = ["RASSF1A promoter methylation", "hypomethylation in liver tumours", "甲基化 epigenetic age", "zebrafish"]
INGEST = """
import os, runpy, sys
from pathlib import Path
from retrieval.home import MINE, Home
from retrieval.ingest import ingest
import faiss, tantivy

files, Home.embedder = [Path(name) for name in sys.argv[2:]], runpy.run_path(sys.argv[1])["BagOfWords"]()
Home.tagger = None
while home := sys.stdin.readline().strip():
    process = os.fork()
    if process == 0:
        print(os.getpid(), flush=True)
        try:
            with Home(Path(home)).library(MINE) as library:
                ingest(library, files, lambda *progress: print(*progress, flush=True))
        finally:
            print("done", flush=True)
        os._exit(0)
    sys.stdin.readline()
    # On a line of its own: who is killed may leave half a line.
    print(f"\\nended {os.waitpid(process, 0)[1]}", flush=True)
"""


@pytest.fixture
def files(tmp_path, starter):
    """Two files of papers with and without identifiers, short and long."""
    lines = []
    for number, paper in enumerate(starter[:PAPERS]):
        record = {"pmid": paper.pmid, "title": paper.title, "text": paper.text * (1 + 7 * (number % 9 == 0))}
        if number % 5 == 0:
            del record["pmid"]
        lines.append(json.dumps(record) + "\n")
    paths = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    for path, half in zip(paths, (lines[: PAPERS // 2], lines[PAPERS // 2 :]), strict=True):
        path.write_text("".join(half), encoding="utf-8")
    return paths


@pytest.fixture
def ingest_and_kill(files):
    """Ingests the files into the library of a home, in a process that is killed some time after some progress.

    Gives whether it was killed before it was done.
    """
    forker = subprocess.Popen(
        [sys.executable, "-c", INGEST, Path(__file__).with_name("conftest.py"), *files],
        cwd=Path(retrieval.__file__).parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def run(home, progress, seconds):
        forker.stdin.write(f"{home}\n")
        forker.stdin.flush()
        process = int(forker.stdout.readline())
        told = itertools.takewhile(lambda line: line != "done\n", iter(forker.stdout.readline, ""))
        if len(list(itertools.islice(told, progress))) == progress:
            time.sleep(seconds)
            os.kill(process, signal.SIGKILL)
        forker.stdin.write("\n")
        forker.stdin.flush()
        ended = next(line for line in forker.stdout if line.startswith("ended"))
        assert ended in ("ended 0\n", f"ended {signal.SIGKILL}\n")
        return ended != "ended 0\n"

    yield run
    forker.stdin.close()
    forker.wait(timeout=60)
    forker.stdout.close()


def texts(library):
    return [stored.paper.text for stored in library.papers()]


def found(library):
    """Hits of an index that was built in one go: the scores of others differ a little by how they came about."""
    compact(library)
    return [[(hit.text, hit.score) for hit in library.search(question).hits] for question in QUESTIONS]


def test_a_killed_ingest_loses_nothing_and_is_finished_by_the_next(
    files, ingest_and_kill, tmp_path, cheap, monkeypatch
):
    monkeypatch.setattr(Home, "embedder", cheap)
    with Home(tmp_path / "undisturbed").library(MINE) as library:
        ingest(library, files)
        expected, hits = texts(library), found(library)

    moments = random.Random(1)
    kills, rounds = 0, 1
    states: Counter[str] = Counter()
    known: list[str] = []
    while kills < KILLS:
        home = tmp_path / f"home{rounds}"
        # Progress is told for each paper that is read and that is embedded; before any, the library is being made.
        progress = max(0, moments.randrange(-20, 2 * PAPERS + 20))
        killed = ingest_and_kill(home, progress, moments.uniform(0, 0.02))
        kills += killed
        if not (home / "libraries" / MINE / MANIFEST).exists():
            continue
        shutil.rmtree(tmp_path / "copy", ignore_errors=True)
        shutil.copytree(home, tmp_path / "copy")  # so that only the killed processes change the library itself
        with Home(tmp_path / "copy").library(MINE) as library:
            stored, pending = texts(library), library.pending()["vectors"]
            assert stored[: len(known)] == known
            assert stored == expected[: len(stored)]
            assert verify(library) == []
            states[f"{len(stored)} stored, {pending} pending"] += 1
            if not killed:
                assert (stored, pending) == (expected, 0)
                assert found(library) == hits
        known, rounds = (stored, rounds) if killed else ([], rounds + 1)
    assert len(states) > 4

    with Home(tmp_path / f"home{rounds}").library(MINE) as library:
        assert ingest(library, files).failures == ()
        assert (texts(library), library.pending()["vectors"]) == (expected, 0)
        assert found(library) == hits
        assert verify(library) == []
