"""Archives (.zip, .tar.gz) laid out in a folder of our own, within limits and without any trick of paths or links."""

import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, cast

from corpora.failure import Failure
from corpora.package import ARCHIVE, is_trap, opened
from corpora.streams import MIB, Stream
from corpora.unreadable import Unreadable

if TYPE_CHECKING:
    from zipfile import ZipInfo

SUFFIXES = (".zip", ".tar.gz", ".tgz")
_BLOCK = 1 << 20
_LONGEST_NAME = 200
_REPAIR = "Download the archive again, or pack it again."
_UNSAFE = "Pack the archive again, with plain files under relative names."


def is_archive(path: Path) -> bool:
    """Whether a file is an archive, by its name."""
    return path.name.lower().endswith(SUFFIXES)


def unpack(path: Path, folder: Path) -> Iterator[Failure]:
    """Lay the files of an archive out in a folder, and hand out a failure for each member that is left out.

    Hidden files are passed over. Raises Unreadable where the archive is damaged, encrypted or beyond the limits: what
    stands before the damage is laid out.
    """
    yield from _unzip(path, folder) if path.name.lower().endswith(".zip") else _untar(path, folder)


def _unzip(path: Path, folder: Path) -> Iterator[Failure]:
    with opened(path, ARCHIVE) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            try:
                _refuse_odd(member)
                target = _target(member.filename, folder)
                if target is not None:
                    with archive.open(member) as content:
                        _copy(content, target)
            except Unreadable as found:
                yield found.at(path, _named(member.filename))
            except (NotImplementedError, zlib.error, EOFError) as error:
                yield Unreadable(f"is damaged or packed in an unknown way: {error}", _REPAIR).at(
                    path, _named(member.filename)
                )


def _refuse_odd(member: "ZipInfo") -> None:
    if member.flag_bits & 1:
        raise Unreadable("is encrypted", "Pack the archive again without a password.")
    mode = member.external_attr >> 16
    if mode and (mode & 0o170000) not in (0, 0o100000):
        raise Unreadable("is a link or a device, not a file", _UNSAFE)


class _Member(tarfile.TarInfo):
    """A member whose name and attributes are of a size that these have: tarfile would hold any in memory."""

    _LONG = (
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    )

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in self._LONG and self.size > MIB:
            raise tarfile.ReadError(f"a header of {self.size} bytes")
        found: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return found


def _untar(path: Path, folder: Path) -> Iterator[Failure]:
    import gzip

    packed = path.stat().st_size
    if not packed:
        raise Unreadable("is empty", _REPAIR)
    try:
        with gzip.open(path, "rb") as stream:
            limited = cast("IO[bytes]", _Limited(stream, packed))
            with tarfile.open(fileobj=limited, mode="r|", tarinfo=_Member) as tar:
                for number, member in enumerate(tar, start=1):
                    if number > ARCHIVE.members:
                        raise Unreadable(f"holds more than {ARCHIVE.members} files", "Split it.")
                    try:
                        _lay_out(tar, member, folder)
                    except Unreadable as found:
                        yield found.at(path, _named(member.name))
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError) as error:
        raise Unreadable(f"is damaged or no archive: {error}", _REPAIR) from error


def _lay_out(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    if member.isdir():
        return
    if not member.isreg():
        raise Unreadable("is a link or a device, not a file", _UNSAFE)
    target = _target(member.name, folder)
    content = tar.extractfile(member)
    if target is not None and content is not None:
        _copy(content, target)


class _Limited:
    """A stream of bytes that ends with Unreadable where more come out than an archive may hold."""

    def __init__(self, stream: Stream, packed: int) -> None:
        self._stream = stream
        self._packed = packed
        self._given = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        block = self._stream.read(size)
        self._given += len(block)
        if self._given > ARCHIVE.size:
            raise Unreadable(f"is larger than {ARCHIVE.size // MIB} MiB when unpacked", "Split it.")
        if is_trap(self._given, self._packed):
            raise Unreadable(f"is a bomb: {self._given} bytes and more are packed in {self._packed}", "Do not open it.")
        return block


def _target(name: str, folder: Path) -> Path | None:
    """Where a member is laid out; None for one that is hidden. Raises Unreadable for a name that leads elsewhere."""
    plain = PurePosixPath(name)
    parts = plain.parts
    if plain.is_absolute() or ".." in parts or "\\" in name or "\0" in name or (parts and parts[0].endswith(":")):
        raise Unreadable("has a name that leads out of the archive", _UNSAFE)
    if not parts or any(part.startswith(".") for part in parts) or parts[0] == "__MACOSX":
        return None
    if any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in parts) or len(name) > 10 * _LONGEST_NAME:
        raise Unreadable("has a name that is too long", _UNSAFE)
    target = folder.joinpath(*parts)
    if target.exists():
        raise Unreadable("occurs twice in the archive", _UNSAFE)
    return target


def _copy(content: IO[bytes], target: Path) -> None:
    """Write a member; one that breaks off is not left behind."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            while block := content.read(_BLOCK):
                file.write(block)
    except (FileExistsError, NotADirectoryError) as error:
        raise Unreadable("has the name of a folder of the archive, or stands under that of a file", _UNSAFE) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _named(name: str) -> str:
    """A member's name as it can be printed."""
    return name.encode("utf-8", "replace").decode()[:_LONGEST_NAME]
