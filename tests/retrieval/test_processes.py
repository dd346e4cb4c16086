"""Several processes on one library."""

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest

import retrieval
from retrieval.home import Home
from retrieval.upkeep import verify

ADD = """
import sys
from pathlib import Path
from corpora.starter import starter_papers
from retrieval.home import Home

papers = list(starter_papers())[int(sys.argv[2]) : int(sys.argv[3])]
print("ready", flush=True)
sys.stdin.readline()
with Home(Path(sys.argv[1])).library("mine") as library:
    for paper in papers:
        library.add(paper)
        library.find_paper(paper.text[:60])
"""


@pytest.mark.parametrize("_", range(2))
def test_processes_that_make_and_fill_one_library_at_the_same_time_lose_nothing(tmp_path, starter, _):
    with contextlib.ExitStack() as running:
        processes = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", ADD, tmp_path, *bounds],
                    cwd=Path(retrieval.__file__).parents[1],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                )
            )
            for bounds in (("0", "25"), ("15", "40"))
        ]  # fmt: skip
        for process in processes:
            process.stdout.readline()
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        complaints = [process.communicate(timeout=60)[1] for process in processes]
        assert [process.returncode for process in processes] == [0, 0], complaints
    with Home(tmp_path).library("mine") as library:
        assert sorted(stored.paper.pmid or "" for stored in library.papers()) == sorted(
            paper.pmid or "" for paper in starter[:40]
        )
        assert library.pending()["vectors"] == 40
        assert verify(library) == []
