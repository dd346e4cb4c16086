"""PubMed whole: the files of the yearly baseline, then each day's update files, in the order of their numbers.

Layout, MD5 files and order: https://ftp.ncbi.nlm.nih.gov/pubmed/updatefiles/README.txt and
https://pubmed.ncbi.nlm.nih.gov/download/. A baseline replaces all that came before it; its numbers go on in the update
files, which hold new and revised records and what was deleted.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from corpora.feeds.client import Client, Damaged
from corpora.feeds.errors import BadRequest, Unavailable
from corpora.feeds.fetched import Progress
from corpora.feeds.folder import occupied, write_whole
from corpora.feeds.settings import FeedSettings

PER_SECOND = 3.0
FOLDERS = ("baseline", "updatefiles")
_NAME = re.compile(r"\bpubmed(\d\d)n(\d{4,6})\.xml\.gz\b(?!\.)")
_MD5 = re.compile(rb"\b([0-9a-f]{32})\b", re.IGNORECASE)
_BLOCK = 1 << 20
_DOWNLOADS = 3


class Release(NamedTuple):
    """A file of PubMed by its year and number; files are applied in this order."""

    year: int
    number: int
    name: str
    folder: str


def releases(settings: FeedSettings) -> list[Release]:
    """What PubMed has now: the last baseline and the update files behind it, in order. Raises FeedError."""
    with closing(Client(settings, PER_SECOND)) as client:
        found = [release for folder in FOLDERS for release in _listed(client, settings, folder)]
    year = max(release.year for release in found if release.folder == FOLDERS[0])
    return sorted({release.number: release for release in found if release.year == year}.values())


def wanted(found: list[Release], first: int | None, applied: str | None, most: int | None) -> list[Release]:
    """The files to apply: from `first`, else those behind the last that was `applied`.

    Raises BadRequest where neither says where to begin, or the year has changed since.
    """
    baseline = [release for release in found if release.folder == FOLDERS[0]]
    update = baseline[-1].number + 1
    if first is None:
        known = _NAME.search(applied or "")
        if known is None:
            raise BadRequest(
                f"PubMed's baseline of 20{found[0].year} has {len(baseline)} files (to number {update - 1}) and "
                f"{len(found) - len(baseline)} update files follow (to number {found[-1].number})",
                f"Say where to begin: --from {baseline[0].number} takes all of PubMed, "
                f"--from {update} only what is new this year.",
            )
        if int(known.group(1)) != found[0].year:
            raise BadRequest(
                f"{applied} was applied last, and PubMed has begun the baseline of 20{found[0].year} since",
                f"Take it from the beginning with --from {baseline[0].number}: what has not changed stays as it is.",
            )
        first = int(known.group(2)) + 1
    following = [release for release in found if release.number >= first]
    return following if most is None else following[:most]


def download(settings: FeedSettings, folder: Path, files: list[Release], progress: Progress) -> Iterator[Path]:
    """Each file when it is whole, in order; those that are there are not asked for. Raises FeedError.

    A download that was cut off is gone on with. A file is there under its name only when its MD5 is right.
    """
    with occupied(folder), closing(Client(settings, PER_SECOND)) as client:
        for done, release in enumerate(files):
            progress("downloading", done, len(files))
            path = folder / release.name
            if not path.exists():
                _bring(client, f"{_base(settings)}/{release.folder}/{release.name}", path)
            yield path
    progress("downloading", len(files), len(files))


def last_in(folder: Path) -> str | None:
    """The name of the last file that is there."""
    names = [path.name for path in folder.glob("pubmed*.xml.gz") if _NAME.fullmatch(path.name)]
    return max(names, default=None)


def applied_to(folder: Path, library: Path) -> str | None:
    """The name of the last file that was applied to a library."""
    try:
        return _marker(folder, library).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def mark_applied(folder: Path, library: Path, name: str) -> None:
    """Remember a file as the last that was applied to a library."""
    write_whole(_marker(folder, library), name.encode())


def _marker(folder: Path, library: Path) -> Path:
    key = hashlib.sha256(str(library.resolve()).encode()).hexdigest()[:16]
    return folder / f".applied-{key}"


def _base(settings: FeedSettings) -> str:
    return settings.pubmed_files.rstrip("/")


def _listed(client: Client, settings: FeedSettings, folder: str) -> list[Release]:
    """The files that the listing of a folder names."""

    def read(body: bytes) -> list[Release]:
        names = dict.fromkeys(found.group() for found in _NAME.finditer(body.decode("utf-8", "replace")))
        # Before the first update of a year there are none, and the listing says whose it is.
        if not names and (folder == FOLDERS[0] or folder.encode() not in body):
            raise Damaged(f"the listing of {folder} names no files")
        return [_release(name, folder) for name in names]

    return client.get(f"{_base(settings)}/{folder}/", {}, read)


def _release(name: str, folder: str) -> Release:
    found = _NAME.fullmatch(name)
    assert found is not None
    return Release(int(found.group(1)), int(found.group(2)), name, folder)


def _bring(client: Client, url: str, path: Path) -> None:
    """A file under its name, once its MD5 is the one that PubMed tells."""
    told = client.get(f"{url}.md5", {}, _digest)
    part = path.with_name(f".{path.name}.part")
    for _ in range(_DOWNLOADS):
        client.download(url, part)
        if _md5(part) == told:
            part.replace(path)
            return
        part.unlink()
    raise Unavailable(f"{url} has another MD5 than {url}.md5 tells, {_DOWNLOADS} times", "Try again later.")


def _digest(body: bytes) -> str:
    found = _MD5.search(body)
    if found is None:
        raise Damaged("the .md5 file holds no MD5")
    return found.group(1).decode().lower()


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
