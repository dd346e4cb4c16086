"""Titles as they are compared."""

import re

# Below it a title ("Editorial", "更正") names too many papers; in UTF-8, as a Chinese character tells as much as three
# letters.
_TELLING_BYTES = 24


def title_key(title: str) -> str:
    """A title as titles are compared: letters and digits only, case folded."""
    return re.sub(r"[\W_]+", " ", title.casefold()).strip()


def is_telling(key: str | None) -> bool:
    """Whether a title is long enough to name one paper, or several texts of one."""
    return key is not None and len(key.encode()) >= _TELLING_BYTES
