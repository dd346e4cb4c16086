"""What a verb says: answers on standard output, everything else on standard error."""

import json
import sys
import unicodedata


def say(line: str) -> None:
    """Write a line of the answer."""
    sys.stdout.write(line + "\n")


def warn(line: str) -> None:
    """Write a line that is no part of the answer."""
    sys.stderr.write(line + "\n")


def json_line(record: object) -> str:
    """A record as one line of JSON, in the letters that it is written in."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


def plain(text: str) -> str:
    """A stored text on one line, without the control characters that would steer a terminal."""
    one_line = " ".join(text.split())
    return "".join(letter for letter in one_line if unicodedata.category(letter) not in {"Cc", "Cf"})
