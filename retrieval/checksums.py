"""Whether the files of a tantivy index are still as tantivy wrote them."""

import json
import mmap
import zlib
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

_META = "meta.json"
_PARTS = ("fast", "fieldnorm", "idx", "pos", "store", "term")
# The end of every file of tantivy: JSON with the CRC-32 of all before it, the length of that JSON, a magic number.
_TAIL = 8
_MAGIC = 1337


class _Deletes(BaseModel):
    opstamp: int


class _Segment(BaseModel):
    segment_id: UUID
    max_doc: int
    deletes: _Deletes | None


class _Meta(BaseModel):
    segments: tuple[_Segment, ...]


def check_files(folder: Path) -> None:
    """Raise ValueError where a file that the index counts on is missing or changed.

    tantivy notes checksums but does not look at them: from a changed file it gives other hits, or it ends the
    process.
    """
    while (meta := _read(folder)) is not None:
        try:
            for path in _files(folder, meta):
                _check(path)
        except (FileNotFoundError, ValueError) as error:
            if meta == _read(folder):  # else another process has just written and cleared old files away
                raise ValueError(str(error)) from error
        else:
            return


def documents(folder: Path) -> int:
    """How many documents an index counts with, those included that are deleted but not yet cleared away."""
    meta = _read(folder)
    return sum(segment.max_doc for segment in meta.segments) if meta else 0


def _read(folder: Path) -> _Meta | None:
    try:
        return _Meta.model_validate_json((folder / _META).read_bytes())
    except FileNotFoundError:
        return None


def _files(folder: Path, meta: _Meta) -> list[Path]:
    files = []
    for segment in meta.segments:
        suffixes = [*_PARTS, *([f"{segment.deletes.opstamp}.del"] if segment.deletes else [])]
        files += [folder / f"{segment.segment_id.hex}.{suffix}" for suffix in suffixes]
    return files


def _check(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        length, magic = (int.from_bytes(content[at : at + 4], "little") for at in (len(content) - 8, len(content) - 4))
        end = len(content) - _TAIL - length
        if magic != _MAGIC or end < 0:
            raise ValueError(f"{path} is cut off")
        with memoryview(content) as whole, whole[:end] as body:
            if zlib.crc32(body) != json.loads(content[end : end + length])["crc"]:
                raise ValueError(f"{path} does not have its checksum")
