import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.failure import Failure
from corpora.paper import Paper
from corpora.reading import READERS, TABLES, read, sources

ARTICLE = (
    b"<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T</ArticleTitle>"
    b"</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)
RECORD = json.dumps({"title": "T"}).encode()
SUFFIXES = [*READERS, *TABLES]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))


def failures(found: list[Any]) -> list[Failure]:
    return [one for one in found if isinstance(one, Failure)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", RECORD),
        ("a.NDJSON", RECORD),
        ("a.jsonl.gz", gzip.compress(RECORD)),
        ("a.xml", ARTICLE),
        ("a.Xml.Gz", gzip.compress(ARTICLE)),
        ("a.txt", b"T"),
        ("a.b.md", b"T"),
        ("a.MARKDOWN", b"T"),
    ],
)
def test_the_suffix_says_how_a_file_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    (paper,) = read(path)
    assert isinstance(paper, Paper)
    assert paper.text == "T"
    assert paper.source is not None
    assert paper.source.path == path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "content", [PNG, gzip.compress(PNG), b"\xff" * 5000, b"\0" * 5000], ids=["png", "gz", "ff", "nul"]
)
def test_binary_rubbish_is_a_failure_under_every_suffix(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"rubbish{suffix}"
    path.write_bytes(content)
    found = list(read(path))
    assert found
    assert found == failures(found)
    assert all(failure.reason and failure.remedy.endswith(".") for failure in failures(found))


@settings(max_examples=200, deadline=None)
@given(
    suffix=st.sampled_from(SUFFIXES),
    content=st.binary(max_size=200),
    mark=st.sampled_from(
        [
            b"",
            b"%PDF-1.4\n",
            b"<PubmedArticleSet>",
            b"\x1f\x8b\x08",
            b"PK\x03\x04",
            b"<article>",
            b"{",
            b"TY  - JOUR\n",
            b"@a{b,",
        ]
    ),
)
def test_no_bytes_make_a_reader_raise(
    suffix: str, content: bytes, mark: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"drawn{suffix}"
    path.write_bytes(mark + content)
    found = list(read(path))
    assert found
    assert all(isinstance(one, Paper | Failure) for one in found)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_empty_file_is_called_empty_under_every_suffix(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"nothing{suffix}"
    path.write_bytes(b"")
    (failure,) = read(path)
    assert isinstance(failure, Failure)
    assert str(failure).startswith(f"{path}: is empty. ")


def test_a_gzip_suffix_on_plain_text_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl.gz"
    path.write_bytes(RECORD)
    (failure,) = read(path)
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged gzip: Not a gzipped file")


@pytest.mark.parametrize(
    ("name", "given"),
    [("a.pages", ".pages"), ("README", "no suffix"), ("a.fasta.gz", ".fasta.gz"), (".jsonl", "no suffix")],
)
def test_another_format_is_refused_with_those_that_are_read(tmp_path: Path, name: str, given: str) -> None:
    path = tmp_path / name.replace(".jsonl", "jsonl")
    path.write_text("content")
    (failure,) = sources([path])
    assert isinstance(failure, Failure)
    assert failure.reason == f"has a format that is not read ({given})"
    assert all(suffix in failure.remedy for suffix in SUFFIXES)
    assert list(read(path)) == [failure]


def test_folders_are_walked_in_order_and_hidden_files_passed_over(tmp_path: Path) -> None:
    for name in ("b.txt", "a/2.md", "a/1.jsonl", "c/d/e.pdf", ".hidden.txt", ".git/config.txt", "a/.~lock.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    found = [str(path.relative_to(tmp_path)) for path in sources([tmp_path]) if isinstance(path, Path)]
    assert found == ["a/1.jsonl", "a/2.md", "b.txt", "c/d/e.pdf"]
    assert list(sources([tmp_path])) == list(sources([tmp_path]))


def test_paths_are_taken_in_the_order_given_even_when_hidden(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("z.txt", ".a.txt", "m.txt")]
    for path in paths:
        path.write_text("x")
    assert list(sources(iter(paths))) == paths


def test_links_are_followed_but_never_in_circles(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    library = tmp_path / "library"
    for folder in (outside, library):
        folder.mkdir()
    (outside / "linked.txt").write_text("x")
    (library / "back").symlink_to(library)
    (library / "out").symlink_to(outside)
    (library / "self").symlink_to(library / "self")
    (outside / "up").symlink_to(tmp_path)
    found = list(sources([library]))
    assert [path for path in found if isinstance(path, Path)] == [library / "out" / "linked.txt"]
    (circle,) = failures(found)
    assert circle.source.path == library / "self"


def test_what_is_missing_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "here.txt").write_text("x")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    link, here, missing = sources([tmp_path, tmp_path / "missing.txt"])
    assert isinstance(link, Failure)
    assert link.reason == "is a link to a file that is missing"
    assert here == tmp_path / "here.txt"
    assert isinstance(missing, Failure)
    assert missing.reason == "does not exist"


def test_a_folder_that_may_not_be_listed_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, opened = tmp_path / "a", tmp_path / "b.txt"
    closed.mkdir()
    opened.write_text("x")
    allowed = Path.iterdir

    def iterdir(folder: Path) -> Any:
        if folder == closed:
            raise PermissionError(13, "Permission denied")
        return allowed(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    failure, path = sources([tmp_path])
    assert isinstance(failure, Failure)
    assert (failure.source.path, failure.reason) == (closed, "cannot be read: Permission denied")
    assert path == opened


def test_a_file_that_may_not_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closed.txt"
    path.write_text("x")
    monkeypatch.setattr(os, "access", lambda *_: False)
    (failure,) = sources([path])
    assert isinstance(failure, Failure)
    assert failure.reason == "may not be read"
    assert list(read(path)) == [failure]


def test_a_file_that_breaks_while_being_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "broken.txt"
    path.write_text("x")

    def opened(*_: object) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", opened)
    (failure,) = read(path)
    assert isinstance(failure, Failure)
    assert failure.reason == "cannot be read: Input/output error"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    (failure,) = read(path)
    assert isinstance(failure, Failure)
    assert failure.reason == "is neither a file nor a folder"


def test_a_folder_cannot_be_read_as_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    (failure,) = read(folder)
    assert isinstance(failure, Failure)
    assert failure.reason == "is a folder"


def test_a_name_that_cannot_be_stored_is_refused_with_a_name_that_can_be_printed(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("x")
    (failure,) = sources([tmp_path])
    assert isinstance(failure, Failure)
    assert failure.source.path == tmp_path / "caf\ufffd.txt"
    assert str(failure).encode()
    assert list(read(tmp_path / name)) == [failure]


@pytest.mark.parametrize("name", ["a\0b.txt", "x" * 5000 + ".txt"])
def test_an_impossible_path_is_a_failure(name: str) -> None:
    (failure,) = sources([Path(name)])
    assert isinstance(failure, Failure)


def test_nothing_heavy_is_loaded_until_a_file_needs_it() -> None:
    heavy = "{'lxml', 'pypdf', 'pypdfium2', 'docx', 'openpyxl', 'rispy', 'bibtexparser'}"
    script = f"import sys, corpora.reading; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2]).returncode == 0


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("7|t|Title\n7|a|Text\n\n8|t|Other\n", ["Title\nText", "Other"]),
        ("TY  - JOUR\nTI  - Title\nER  - \n", ["Title"]),
        ("Title | t | of a text\n\nTY is here.", ["Title | t | of a text\n\nTY is here."]),
    ],
)
def test_a_text_file_is_told_by_its_first_line(tmp_path: Path, content: str, texts: list[str]) -> None:
    (tmp_path / "a.txt").write_text(content)
    assert [paper.text for paper in read(tmp_path / "a.txt") if isinstance(paper, Paper)] == texts
