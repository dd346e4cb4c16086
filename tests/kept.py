"""What is costly to make and always comes out the same is kept from one run of the tests to the next."""

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock


def kept(cache: Path, key: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` fills, made where the cache has none of this key; those of other keys are dropped."""
    folder = cache / key
    with FileLock(cache / "lock"):
        if folder.exists():
            return folder
        for other in cache.iterdir():
            if other.is_dir():
                shutil.rmtree(other)
        unfinished = cache / f"{key}.unfinished"
        unfinished.mkdir()
        make(unfinished)
        return unfinished.rename(folder)


def fingerprint(files: Iterable[Path], *values: str) -> str:
    """A hash of the content of files, whatever their order, and of values."""
    contents = sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    return hashlib.sha256("\n".join([*contents, *values]).encode()).hexdigest()
