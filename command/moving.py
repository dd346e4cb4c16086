"""`epicite library move`: a library gets another name or folder."""

import os
from pathlib import Path

from command.errors import InputError
from command.libraries import home_of
from command.output import say
from command.settings import read_settings
from retrieval.home import Home
from retrieval.moving import move


def move_library(name: str, target: str) -> int:
    """Move a library of the home, or of any folder, to another name in the home or to a folder."""
    home = home_of(read_settings())
    folder = _folder(home, name)
    if not folder.exists():
        raise InputError(f"There is no library {name!r}. `epicite library list` names those that are there.")
    there = _folder(home, target, is_new=True)
    move(folder, there)
    say(f"{name} is now {there.name}, in {there}")
    return 0


def _folder(home: Home, name: str, is_new: bool = False) -> Path:
    """The folder of a library by name; a text with a separator is a path, and so is the name of a folder."""
    inside = home.root / "libraries" / name
    is_path = os.sep in name or (os.altsep or os.sep) in name or name in (".", "..")
    if is_path or (not is_new and not inside.exists()):
        return Path(name).expanduser().absolute()
    return inside
