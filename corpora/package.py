"""Zip files from people whom nobody vouches for: packages of office programs, books and archives."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from corpora.elements import root_in
from corpora.streams import MIB
from corpora.unreadable import Unreadable

if TYPE_CHECKING:
    from zipfile import ZipFile

REPAIR = "Download it again, or open it and save it anew."
_DECRYPT = "Save it without a password."
# Office programs write old formats, and new ones with a password, as compound files (MS-CFB 2.2).
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A paper of text and tables alone is packed to a thirtieth at most; nothing but a trap is smaller.
MOST_RATIO = 200
_ALWAYS_ALLOWED = 16 * MIB


class Limits(NamedTuple):
    """How many members a package may have, and how many bytes these may be together."""

    members: int
    size: int


DOCUMENT = Limits(5_000, 256 * MIB)
ARCHIVE = Limits(20_000, 4096 * MIB)


def is_trap(size: int, packed: int) -> bool:
    """Whether so many bytes cannot honestly come from so few."""
    return size > _ALWAYS_ALLOWED and size > MOST_RATIO * max(1, packed)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator["ZipFile"]:
    """A zip file within limits, which `zipfile` holds to the sizes that it declares.

    Raises Unreadable where it is empty, damaged, encrypted or beyond the limits, also while it is read.
    """
    import zlib
    from zipfile import BadZipFile, ZipFile

    if not path.stat().st_size:
        raise Unreadable("is empty", REPAIR)
    with path.open("rb") as stream:
        if stream.read(len(_COMPOUND)) == _COMPOUND:
            raise Unreadable(
                "is protected with a password, or of an old format (.doc, .xls)", "Save it anew, without a password."
            )
    try:
        with ZipFile(path) as package:
            _check(package, path.stat().st_size, limits)
            yield package
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Unreadable(f"is damaged or no zip file: {error}", REPAIR) from error
    except RuntimeError as error:
        # zipfile has no type of its own for this one.
        if "password" not in str(error) and "encrypted" not in str(error):
            raise
        raise Unreadable("is encrypted", _DECRYPT) from error


def _check(package: "ZipFile", packed: int, limits: Limits) -> None:
    members = package.infolist()
    if len(members) > limits.members:
        raise Unreadable(f"holds {len(members)} files, more than {limits.members}", "Split it.")
    size = sum(member.file_size for member in members)
    if size > limits.size:
        raise Unreadable(f"is larger than {limits.size // MIB} MiB when unpacked", "Split it.")
    if is_trap(size, packed):
        raise Unreadable(f"is a zip bomb: {size} bytes are packed in {packed}", "Do not open it.")


def check_office(package: "ZipFile", needed: str) -> None:
    """Refuse a package that is not of the kind that holds this part, or whose XML declares entities.

    Office packages may not declare any (ECMA-376, part 2), and the libraries that read them do not all mind.
    """
    names = set(package.namelist())
    if needed not in names:
        kind = "of an old or another kind" if "[Content_Types].xml" not in names else "of another kind"
        raise Unreadable(f"is an office document {kind} (it has no {needed})", REPAIR)
    for name in names:
        if name.lower().endswith((".xml", ".rels")):
            with package.open(name) as part:
                root_in(part)
