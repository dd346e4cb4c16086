"""Characters that cannot be stored or shown, made harmless."""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def storable(text: str) -> str:
    """The text with control characters (other than tab, newline, form feed) and lone surrogates as U+FFFD.

    Each is replaced one for one, so offsets hold; only a surrogate pair, which is one character written as
    two, becomes that one. UTF-8 cannot encode surrogates and SQL text cannot hold NUL.
    """
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROLS.sub(REPLACEMENT, text)
