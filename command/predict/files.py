"""Files that are given to a prediction and made by it, checked before hours are spent."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from command.errors import InputError
from seqmodels.predictors.writing import whole_file


def refuse_absent(path: Path) -> None:
    """Raise InputError where a file to be read is not there."""
    if not path.is_file():
        raise InputError(f"There is no file {path}. Check the path.")


def refuse_without_folder(path: Path) -> None:
    """Raise InputError where the folder of a file to be written is not there."""
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}. Make it first.")


@contextmanager
def output(path: Path | None) -> Iterator[TextIO]:
    """Open a file for writing, whole or not at all; standard output where there is none."""
    if path is None:
        yield sys.stdout
    else:
        with whole_file(path) as file:
            yield file
