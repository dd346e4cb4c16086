"""The program as a person runs it, without the second that a new process costs."""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app import main
from retrieval.home import MINE

RASSF1A = {
    "pmid": "101",
    "doi": "10.1000/rassf1a",
    "title": "RASSF1A is silenced in nasopharyngeal carcinoma",
    "abstract": "The promoter of RASSF1A was methylated in 14 of 21 tumours. Normal epithelium was unmethylated.",
    "journal": "Journal of Examples",
    "year": 2001,
    "url": "https://example.org/101",
}
MLH1 = {
    "pmid": "102",
    "title": "MLH1 methylation in sporadic colorectal cancer",
    "abstract": "Hypermethylation of MLH1 explains microsatellite instability in most of these tumours.",
    "journal": "Journal of Examples",
    "year": 1999,
}
YEARLESS = {"id": "c", "title": "甲基化与胃癌", "abstract": "胃癌组织中 CDH1 启动子高甲基化。"}


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Epicite = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A home with nothing in it, and no setting from the machine that the tests run on."""
    for name in [name for name in os.environ if name.upper().startswith("EPICITE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("EPICITE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def prepared_home(home, encoder_cache) -> Path:
    """A home without libraries, where the encoder's graph, which takes seconds to write, is already written."""
    home.mkdir()
    (home / "encoders").symlink_to(encoder_cache, target_is_directory=True)
    return home


@pytest.fixture
def epicite(capsys) -> Epicite:
    """Runs the program; exit code and what it wrote."""

    def run(*words: object) -> Outcome:
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:
            code = end.code
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return run


@pytest.fixture
def papers(tmp_path) -> Path:
    """A file of three papers."""
    return write_papers(tmp_path / "papers.jsonl")


@pytest.fixture(scope="session")
def own_library(tmp_path_factory, embedder) -> Path:
    """The folder of a library with the three papers in it; not to be changed."""
    from retrieval.ingest import ingest
    from retrieval.library import Library

    folder = tmp_path_factory.mktemp("own")
    with Library.create(folder / MINE, embedder) as library:
        ingest(library, [write_papers(folder / "papers.jsonl")])
    return folder / MINE


@pytest.fixture
def mine(prepared_home, own_library) -> Path:
    """The folder of one's own library, with the three papers in it."""
    return shutil.copytree(own_library, prepared_home / "libraries" / MINE)


def write_papers(path: Path) -> Path:
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in (RASSF1A, MLH1, YEARLESS))
    path.write_text("".join(lines), encoding="utf-8")
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of CSV, by column."""
    return list(csv.DictReader(io.StringIO(text)))
