"""Files as streams of bytes, plain or gzip-compressed, and how much of one is held at a time."""

import gzip
from io import BufferedReader
from pathlib import Path

MIB = 1 << 20
RECORD_LIMIT = 16 * MIB
"""Most bytes of one record in a file of many."""
TEXT_LIMIT = 50 * MIB
"""Most bytes of one text in a file of its own."""

Stream = BufferedReader | gzip.GzipFile


def open_stream(path: Path) -> Stream:
    """The bytes of a file, decompressed as they are read where the name ends in `.gz`.

    Raises OSError here, and OSError, EOFError or zlib.error while reading a damaged gzip file.
    """
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")
