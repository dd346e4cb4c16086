"""Windows of a table, judged one by one, whichever predictor judges them."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from command.errors import InputError
from command.options import words
from command.output import warn
from command.predict.files import output, refuse_absent, refuse_without_folder
from command.predict.options import share
from command.progress import Bars

if TYPE_CHECKING:
    from seqmodels.predictors.importance import Floats
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.methylation import Judged
    from seqmodels.predictors.window_tables import Fault, WindowTable

AnyJudged = TypeVar("AnyJudged", bound="Judged")
Judge = Callable[[Sequence[str]], "Judged"]


def add_windows(parser: argparse.ArgumentParser, prevalence: str) -> None:
    """Let a parser take what is said of windows; `prevalence` is the help on the share that is positive."""
    parser.add_argument("--column", type=words, default="sequence", help="a table's column (default: sequence)")
    parser.add_argument("--prevalence", type=share, metavar="P", help=prevalence)
    parser.add_argument(
        "--importance", type=Path, metavar="CSV", help="for windows: what every other base would change"
    )


def refuse_files(arguments: argparse.Namespace) -> None:
    """Raise InputError where the input is not there, or what is to be written has no folder."""
    refuse_absent(arguments.input)
    for path in (arguments.output, arguments.importance):
        if path is not None:
            refuse_without_folder(path)


def judge_table(
    arguments: argparse.Namespace, fault: "Fault", judge: Judge, tally: "Tally", batch: int, half: str
) -> "WindowTable":
    """Write the rows of the input's table with what is judged of them, and give the table.

    Args:
        arguments: of the action.
        fault: what is wrong with a window and the way out, or None.
        judge: of windows, so many at once as `batch` says.
        tally: is told of every window.
        batch: windows at once.
        half: that half of what the predictor learnt from was positive, as a sentence.
    """
    from seqmodels.predictors.window_tables import open_windows, write_windows

    if arguments.output and arguments.output.suffix.lower() != ".csv":
        raise InputError("Windows come back as CSV: they have no place in a genome. Name an OUT that ends with .csv.")
    table = open_windows(arguments.input, fault, arguments.column)
    say_what_is_read(table.has_uracil, arguments.prevalence, half)
    if renamed := [name for name, new in zip(table.header, table.renamed(), strict=True) if name != new]:
        warn(f"The input's own {', '.join(renamed)} is written as {', '.join(f'input_{name}' for name in renamed)}.")
    with Bars() as progress, output(arguments.output) as file:
        write_windows(
            file,
            table,
            lambda windows: corrected(judge(windows), arguments.prevalence),
            arguments.threshold,
            batch,
            tally.flags,
            lambda done: progress("judging", done, table.windows),
        )
    return table


def write_importance(
    table: "WindowTable",
    path: Path | None,
    logits: Callable[[Sequence[str]], "Floats"],
    fixed: frozenset[int] = frozenset(),
) -> None:
    """Write what every other base of a table's windows would change, where a file is named for it."""
    from seqmodels.predictors import importance

    if path is None:
        return
    with Bars() as progress, output(path) as file:
        importance.write_importance(file, table, logits, fixed, lambda done: progress("mutating", done, table.windows))
    warn(f"What every other base would change: {path}")


def refuse_importance(arguments: argparse.Namespace, windows: str) -> None:
    """Raise InputError where importance is asked for of a scan."""
    if arguments.importance:
        raise InputError(f"Importance is told for windows. Give a table of {windows} instead of FASTA.")


def say_what_is_read(has_uracil: bool, prevalence: float | None, half: str) -> None:
    """Say how the input is spelt and what its scores are corrected to."""
    if has_uracil:
        warn("The input is spelt with U, which is read as T.")
    if prevalence:
        warn(f"{half} Scores are corrected to a share of {prevalence:g}.")


def say_unlike(tally: "Tally") -> None:
    """Say what is unlike that which the predictor learnt from."""
    for line in tally.warnings():
        warn(f"warning: {line}")


def corrected(judged: AnyJudged, prevalence: float | None) -> AnyJudged:
    """What was judged, at the prevalence that the user states, if any."""
    return judged.at_prevalence(prevalence) if prevalence else judged
