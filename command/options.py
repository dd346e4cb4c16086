"""What the verbs' arguments have in common."""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A type of argument: a whole number from `low` to `high`, both included."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return number

    return parse


def words(text: str) -> str:
    """A type of argument: a text that says something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # bytes that the terminal's encoding does not know
        raise argparse.ArgumentTypeError("it is not UTF-8 text")
    return text


def day(text: str) -> date:
    """A type of argument: a day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2019-06-30") from None


def add_as_of(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the day on which one looks."""
    parser.add_argument(
        "--as-of",
        type=day,
        metavar="DAY",
        help="as on that day (YYYY-MM-DD): what came out later is unknown",
    )


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """Let a parser take `--verbose`; absent, it leaves what an outer parser has read."""
    parser.add_argument(
        "--verbose", action="store_true", default=argparse.SUPPRESS, help="say more of what is being done"
    )


def add_library(parser: argparse.ArgumentParser, default: str) -> None:
    """Let a parser take one library folder; `default` says in words which library it is otherwise."""
    parser.add_argument("--library", type=Path, metavar="DIR", help=f"the library's folder (default: {default})")


def add_libraries(parser: argparse.ArgumentParser) -> None:
    """Let a parser take any number of library folders."""
    parser.add_argument(
        "--library",
        type=Path,
        metavar="DIR",
        action="append",
        default=[],
        dest="libraries",
        help="a library's folder; repeat it for several (default: every library of EPICITE_HOME)",
    )
