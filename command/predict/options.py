"""What the arguments of several predictions have in common."""

import argparse
from collections.abc import Sequence
from pathlib import Path


def share(text: str) -> float:
    """A type of argument: a number between 0 and 1, neither included."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 1")
    return number


def add_output(parser: argparse.ArgumentParser, endings: Sequence[str]) -> None:
    """Let a parser take a file to write, whose name ends with one of these."""

    def output(text: str) -> Path:
        path = Path(text)
        if path.suffix.lower() not in endings:
            raise argparse.ArgumentTypeError(f"{text!r} ends with none of {', '.join(endings)}")
        return path

    parser.add_argument(
        "-o",
        "--output",
        type=output,
        metavar="OUT",
        help=f"a file that ends with {', '.join(endings)} (default: CSV on standard output)",
    )


def add_threshold(parser: argparse.ArgumentParser) -> None:
    """Let a parser take the probability from which on a label is 1."""
    parser.add_argument(
        "--threshold",
        type=share,
        default=0.5,
        metavar="T",
        help="probability from which on a label is 1 (default: 0.5)",
    )
