import gzip
import io
import stat
import tarfile
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora import archive, package
from corpora.failure import Failure
from corpora.package import Limits
from corpora.paper import Paper
from corpora.reading import read, sources
from corpora.streams import MIB
from corpora.withdrawal import Withdrawn
from tests.corpora.written import PROSE, only_failure, only_paper

FORMS = [".zip", ".tar.gz", ".tgz"]
RECORD = b'{"title": "T"}'


def packed(form: str, members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    if form == ".zip":
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
            for name, text in members.items():
                made.writestr(name, text)
        return content.getvalue()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return content.getvalue()


def outcomes(folder: Path, form: str, content: dict[str, bytes] | bytes) -> list[Paper | Failure | Withdrawn]:
    path = folder / f"papers{form}"
    path.write_bytes(packed(form, content) if isinstance(content, dict) else content)
    return list(read(path))


@pytest.mark.parametrize("form", FORMS)
def test_members_are_read_like_files_and_named_by_their_place(tmp_path: Path, form: str) -> None:
    members = {
        "b/notes.txt": b"Note",
        "a.jsonl": RECORD + b"\n" + RECORD,
        "b/": b"",
        ".hidden.txt": b"x",
        "__MACOSX/a.txt": b"x",
    }
    found = outcomes(tmp_path, form, {name: text for name, text in members.items() if not name.endswith("/")})
    assert [(paper.text, str(paper.source)) for paper in found if isinstance(paper, Paper)] == [
        ("T", f"{tmp_path / f'papers{form}'}, a.jsonl, line 1"),
        ("T", f"{tmp_path / f'papers{form}'}, a.jsonl, line 2"),
        ("Note", f"{tmp_path / f'papers{form}'}, b/notes.txt"),
    ]
    assert list(sources([tmp_path])) == [tmp_path / f"papers{form}"]


@settings(max_examples=25, deadline=None)
@given(form=st.sampled_from(FORMS), texts=st.lists(PROSE, min_size=1, max_size=5))
def test_every_member_comes_back_whole_and_in_order(
    form: str, texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = outcomes(tmp_path_factory.getbasetemp(), form, {f"{n}.txt": text.encode() for n, text in enumerate(texts)})
    assert [paper.text for paper in found if isinstance(paper, Paper)] == texts


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_within_an_archive_is_read_and_no_deeper(tmp_path: Path, form: str) -> None:
    inner = packed(".zip", {"deep.txt": b"Deep", "third.zip": packed(".zip", {"x.txt": b"x"})})
    paper, failure = outcomes(tmp_path, form, {"inner.zip": inner})
    assert isinstance(paper, Paper)
    assert paper.source is not None
    assert (paper.text, paper.source.place) == ("Deep", "inner.zip, deep.txt")
    assert isinstance(failure, Failure)
    assert (failure.source.place, failure.reason) == ("inner.zip, third.zip", "lies in an archive within an archive")


@pytest.mark.parametrize("form", FORMS)
def test_a_member_that_cannot_be_read_is_named_and_the_others_are_read(tmp_path: Path, form: str) -> None:
    first, odd, bad, last = outcomes(
        tmp_path, form, {"a.txt": b"A", "b.exe": b"MZ", "c.jsonl": b"rubbish", "d.txt": b"D"}
    )
    assert isinstance(first, Paper)
    assert isinstance(last, Paper)
    assert isinstance(odd, Failure)
    assert isinstance(bad, Failure)
    assert (odd.source.path, odd.source.place) == (tmp_path / f"papers{form}", "b.exe")
    assert odd.reason == "has a format that is not read (.exe)"
    assert bad.source.place == "c.jsonl, line 1"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt", "C:/out.txt"]
)
def test_names_that_lead_out_are_refused_and_nothing_is_written_there(tmp_path: Path, form: str, name: str) -> None:
    found = outcomes(tmp_path, form, {name: b"evil", "good.txt": b"Good"})
    failure, paper = sorted(found, key=lambda one: isinstance(one, Paper))
    assert isinstance(failure, Failure)
    assert failure.reason == "has a name that leads out of the archive"
    assert isinstance(paper, Paper)
    assert paper.text == "Good"
    assert [path.name for path in tmp_path.rglob("*")] == [f"papers{form}"]
    assert not (Path(tempfile.gettempdir()) / "out.txt").exists()


def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for name, kind, target in (
            ("link.txt", tarfile.SYMTYPE, str(secret)),
            ("hard.txt", tarfile.LNKTYPE, str(secret)),
            ("pipe.txt", tarfile.FIFOTYPE, ""),
            ("device.txt", tarfile.CHRTYPE, ""),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            tar.addfile(member)
    found = outcomes(tmp_path, ".tar.gz", content.getvalue())
    assert [one.reason for one in found[:4] if isinstance(one, Failure)] == ["is a link or a device, not a file"] * 4
    assert "TOPSECRET" not in str(found)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        link = zipfile.ZipInfo("link.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    first, last = outcomes(tmp_path, ".zip", content.getvalue())
    assert isinstance(first, Failure)
    assert first.reason == "is a link or a device, not a file"
    assert isinstance(last, Failure)
    assert last.reason == "holds no file that is read"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_occurs_twice_and_one_under_a_file_are_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name in ("a.txt", "a.txt", "a.txt/b.txt", f"{'n' * 300}.txt"):
            made.writestr(name, "A")
    *failures, paper = outcomes(tmp_path, ".zip", content.getvalue())
    assert isinstance(paper, Paper)
    assert [one.reason for one in failures if isinstance(one, Failure)] == [
        "occurs twice in the archive",
        "has the name of a folder of the archive, or stands under that of a file",
        "has a name that is too long",
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_bomb_is_refused_before_it_fills_memory_or_disk(tmp_path: Path, form: str) -> None:
    (tmp_path / f"bomb{form}").write_bytes(packed(form, {"a.txt": bytes(20 * MIB)}))
    tracemalloc.start()
    found = list(read(tmp_path / f"bomb{form}"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(found[-1], Failure)
    assert "bomb" in found[-1].reason
    assert not any(isinstance(one, Paper) for one in found)
    assert peak < 8 * MIB


def test_a_tar_with_a_header_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    head = tarfile.TarInfo("pax")
    head.type, head.size = tarfile.XHDTYPE, 20 * MIB
    raw = head.tobuf(tarfile.GNU_FORMAT)
    (tmp_path / "bomb.tgz").write_bytes(gzip.compress(raw + bytes(20 * MIB), 1) + b"")
    tracemalloc.start()
    failure = only_failure(list(read(tmp_path / "bomb.tgz")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert failure.reason.startswith(("is damaged or no archive", "is a bomb"))
    assert peak < 8 * MIB


@pytest.mark.parametrize("form", FORMS)
def test_too_many_or_too_large_members_are_refused(tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (archive, package):
        monkeypatch.setattr(module, "ARCHIVE", Limits(3, 1000 * MIB))
    found = outcomes(tmp_path, form, {f"{n}.txt": b"x" for n in range(5)})
    assert isinstance(found[-1], Failure)
    assert "3" in found[-1].reason
    for module in (archive, package):
        monkeypatch.setattr(module, "ARCHIVE", Limits(300, 1 * MIB))
    found = outcomes(tmp_path, form, {"a.txt": bytes(range(256)) * 8192})
    assert isinstance(found[-1], Failure)
    assert "is larger than 1 MiB when unpacked" in found[-1].reason


def test_a_truncated_tar_gives_every_member_before_the_cut(tmp_path: Path) -> None:
    import random

    noise = random.Random(7)
    members = {f"{n:03}.txt": bytes(noise.choices(b"abcdefghij \n", k=5000)) for n in range(100)}
    whole = packed(".tar.gz", members)
    *papers, failure = outcomes(tmp_path, ".tar.gz", whole[: len(whole) // 2])
    assert 40 <= len(papers) < 60
    assert [paper.text.encode() for paper in papers if isinstance(paper, Paper)] == list(members.values())[
        : len(papers)
    ]
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("is damaged or no archive")
    assert failure.source.place is None


@pytest.mark.parametrize("form", FORMS)
def test_rubbish_and_cut_archives_are_one_failure(tmp_path: Path, form: str) -> None:
    whole = packed(form, {"a.txt": b"A" * 100})
    for content in (b"rubbish", whole[:20], gzip.compress(b"rubbish")):
        assert only_failure(outcomes(tmp_path, form, content)).reason.startswith("is damaged or no")


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    content = bytearray(packed(".zip", {"a.txt": b"A"}))
    # Bit 0 of the flags, in the local header and in the directory (APPNOTE 4.4.4).
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    found = outcomes(tmp_path, ".zip", bytes(content))
    assert isinstance(found[0], Failure)
    assert (found[0].source.place, found[0].reason) == ("a.txt", "is encrypted")


def test_an_archive_without_any_file_is_one_failure(tmp_path: Path) -> None:
    assert only_failure(outcomes(tmp_path, ".zip", {".hidden": b"x"})).reason == "holds no file that is read"


def test_nothing_is_left_behind_even_where_reading_stops_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "papers.zip").write_bytes(packed(".zip", {f"{n}.txt": b"x" for n in range(5)}))
    reading = read(tmp_path / "papers.zip")
    assert isinstance(next(reading), Paper)
    assert list((tmp_path / "temporary").iterdir())
    reading.close()  # type: ignore[attr-defined]
    assert not list((tmp_path / "temporary").iterdir())
    only_paper(outcomes(tmp_path, ".zip", {"a.txt": b"A"}))
    assert not list((tmp_path / "temporary").iterdir())


def test_names_in_chinese_are_kept(tmp_path: Path) -> None:
    paper = only_paper(outcomes(tmp_path, ".zip", {"论文/甲基化.txt": "甲基化".encode()}))
    assert paper.source is not None
    assert paper.source.place == "论文/甲基化.txt"
