import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from page import uploads, words
from page.uploads import Intake
from retrieval.errors import LibraryError
from retrieval.library import Library

TEXT = "Axolotl limbs\n\nPromoter methylation of axoreg1 fell from 81% to 12%.\n"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    file = tmp_path / "axolotl <b>.txt"
    file.write_text(TEXT, encoding="utf-8")
    return file


def take_in(library: Any, folder: Path, *files: Path) -> tuple[Intake, list[str]]:
    intake = Intake(files, "My papers")

    async def run() -> list[str]:
        return [intake.messages("0", "en")[-1]["content"] async for _ in intake.run(library, folder)]

    return intake, asyncio.run(run())


def shown(intake: Intake) -> str:
    return intake.messages("0", "en")[-1]["content"]


def test_papers_are_counted_and_failures_named_without_the_folders_of_this_machine(
    library: Library, tmp_path: Path, paper: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    intake, _ = take_in(library, tmp_path / "kept", paper, broken)
    assert "1 added&#44; 0 updated&#44; 0 unchanged&#44; 1 failed" in shown(intake)
    assert "<li>broken&#46;pdf&#58; is damaged" in shown(intake)
    assert tmp_path.name not in shown(intake)
    assert intake.finished
    assert not intake.is_whole
    assert library.counts().papers == 1
    assert take_in(library, tmp_path / "kept", paper)[0].is_whole


def test_a_paper_is_kept_beside_the_library_so_that_its_source_stays(
    library: Library, tmp_path: Path, paper: Path
) -> None:
    take_in(library, tmp_path / "kept", paper)
    paper.unlink()
    (stored,) = library.papers()
    assert stored.paper.source is not None
    assert stored.paper.source.path.read_text(encoding="utf-8") == TEXT
    assert stored.paper.source.path.is_relative_to((tmp_path / "kept").resolve())


def test_two_papers_of_one_file_name_are_two_papers(library: Library, tmp_path: Path, paper: Path) -> None:
    take_in(library, tmp_path / "kept", paper)
    paper.write_text("Newts\n\nAnother paper altogether.\n", encoding="utf-8")
    take_in(library, tmp_path / "kept", paper)
    assert library.counts().papers == 2
    assert "0 added&#44; 0 updated&#44; 1 unchanged" in shown(take_in(library, tmp_path / "kept", paper)[0])


def test_it_says_that_it_is_reading_and_the_names_of_files_are_text(
    library: Library, tmp_path: Path, paper: Path
) -> None:
    intake, said = take_in(library, tmp_path / "kept", paper)
    assert "Reading into" in said[0]
    assert "<progress" in said[0]
    assert "axolotl &#60;b&#62;&#46;txt" in intake.messages("0", "en")[0]["content"]


def test_what_a_library_cannot_do_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, paper: Path) -> None:
    def ingest(*_: object) -> None:
        raise LibraryError("library.sqlite is damaged", "Restore it")

    monkeypatch.setattr(uploads, "ingest", ingest)
    intake, _ = take_in(object(), tmp_path / "kept", paper)
    assert "is damaged&#46; Restore it" in shown(intake)
    assert intake.finished


def test_the_limit_of_a_file_is_told_as_it_is() -> None:
    limit = uploads.MAXIMUM_SIZE.replace("mb", " MB")
    assert limit in words.FILES.en
    assert limit in words.FILES.zh


def test_stopping_ends_the_work_at_the_next_paper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, paper: Path) -> None:
    worked: list[int] = []

    def ingest(_library: object, _files: object, progress: Any) -> None:
        for number in range(10_000):
            progress("reading", number, None)
            worked.append(number)
            intake.stop()

    monkeypatch.setattr(uploads, "ingest", ingest)
    intake = Intake([paper], "My papers")

    async def run() -> Iterator[None]:
        async for _ in intake.run(object(), tmp_path / "kept"):  # type: ignore[arg-type]
            pass
        return iter(())

    asyncio.run(run())
    assert worked == [0]
    assert "What was read so far stays" in shown(intake)
