"""Opens text files as their makers wrote them: gzip or not, any line ends, with or without a byte-order mark."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from seqmodels.data.errors import Place, UnreadableFile

_GZIP = b"\x1f\x8b"
_OTHER_KINDS = {
    b"PK\x03\x04": ("a zip or Excel file", "Save the sheet as CSV (UTF-8), or unpack the archive first."),
    b"\xd0\xcf\x11\xe0": ("an old Excel file", "Save the sheet as CSV (UTF-8)."),
    b"BZh": ("compressed with bzip2", "Unpack it with bunzip2, or compress it with gzip."),
    b"\xfd7zXZ": ("compressed with xz", "Unpack it with unxz, or compress it with gzip."),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "Unpack it with unzstd, or compress it with gzip."),
    b"BCF": ("a binary BCF file", "Convert it with `bcftools view -O z -o out.vcf.gz`."),
    b"%PDF": ("a PDF", "Give the table or sequence file itself."),
}


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """Open a text file for reading, its line ends kept.

    Args:
        path: a plain or gzip-compressed file, UTF-8 or, with a byte-order mark, UTF-16.

    Raises:
        UnreadableFile: absent, a folder, of another kind, cut short or not text; also while it is being read.
    """
    try:
        with path.open("rb") as raw:
            packed = _peek(raw, 2) == _GZIP
            with cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else cast(BinaryIO, raw) as content:
                first = _peek(content, 8)
                _refuse_other_kinds(path, first)
                encoding = "utf-16" if first[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
                with io.TextIOWrapper(content, encoding=encoding, newline="") as text:
                    yield text
    except FileNotFoundError as error:
        raise UnreadableFile("there is no such file", "Check the path.", Place(path)) from error
    except IsADirectoryError as error:
        raise UnreadableFile("this is a folder", "Give a file of it.", Place(path)) from error
    except PermissionError as error:
        raise UnreadableFile("the file may not be read", "Change its permissions.", Place(path)) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        reason = f"the compressed file is cut short or damaged ({error})"
        raise UnreadableFile(reason, "Copy or download it again; `gzip -t` checks it.", Place(path)) from error
    except UnicodeError as error:
        reason = f"the file is not UTF-8 text ({error})"
        raise UnreadableFile(reason, "Save it as UTF-8 (in Excel: CSV UTF-8).", Place(path)) from error


def read_lines(path: Path) -> Iterator[str]:
    """Lines of a text file without their line ends (LF, CRLF or CR); arguments and errors as `open_text`."""
    with open_text(path) as text:
        for line in text:
            yield line.rstrip("\r\n")


def is_gzip(path: Path) -> bool:
    """Whether the file is compressed with gzip or bgzip, whatever its name."""
    with path.open("rb") as raw:
        return _peek(raw, 2) == _GZIP


def _peek(stream: BinaryIO, count: int) -> bytes:
    start = stream.read(count)
    stream.seek(0)
    return start


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    for magic, (kind, remedy) in _OTHER_KINDS.items():
        if start.startswith(magic):
            raise UnreadableFile(f"this is {kind}", remedy, Place(path))
    if b"\x00" in start and start[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise UnreadableFile("this is a binary file, not text", "Give the file as text.", Place(path))
