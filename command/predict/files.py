"""Files that are given to a prediction and made by it, checked before hours are spent."""

from pathlib import Path

from command.errors import InputError


def refuse_absent(path: Path) -> None:
    """Raise InputError where a file to be read is not there."""
    if not path.is_file():
        raise InputError(f"There is no file {path}. Check the path.")


def refuse_without_folder(path: Path) -> None:
    """Raise InputError where the folder of a file to be written is not there."""
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}. Make it first.")
