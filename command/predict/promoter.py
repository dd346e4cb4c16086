"""`epicite predict promoter`: whether human DNA holds a promoter, of windows or along sequences."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from command.errors import InputError
from command.options import whole_number
from command.output import warn
from command.predict.cards import say_card
from command.predict.files import output
from command.predict.options import add_output, add_threshold
from command.predict.windows import (
    add_windows,
    corrected,
    judge_table,
    refuse_files,
    refuse_importance,
    say_unlike,
    say_what_is_read,
    write_importance,
)
from command.progress import Bars

if TYPE_CHECKING:
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.promoter import Places, PromoterPredictor, Scan

_MODELS = ("core", "tata300")
_AT_ONCE = 1024
_MOST_STEP = 1000
_HALF = "Half of the windows that the model learnt from are promoters; in a genome very few are."


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the action."""
    parser = actions.add_parser("promoter", help="human promoters")
    parser.add_argument(
        "input",
        type=Path,
        metavar="INPUT",
        help="a table of windows, which are judged one by one, or FASTA, whose both strands are scanned",
    )
    add_output(parser, (".csv", ".bed"))
    parser.add_argument(
        "--model",
        choices=_MODELS,
        default=_MODELS[0],
        help="core: 70 bases around a start of transcription; tata300: 300 bases, of promoters with a TATA box"
        " (default: core)",
    )
    parser.add_argument(
        "--step", type=whole_number(1, _MOST_STEP), metavar="N", help="bases between windows of a scan (default: 1)"
    )
    add_windows(parser, "share of windows in your sequences that hold one, if known")
    add_threshold(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Predict promoters."""
    from seqmodels.data.fasta import starts_like_fasta
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.promoter import BUNDLED, bundled

    refuse_files(arguments)
    predictor, tally = bundled(arguments.model), Tally(BUNDLED / arguments.model, arguments.model)
    say_card(predictor.card, arguments.model)
    (_scan if starts_like_fasta(arguments.input) else _judge)(predictor, tally, arguments)
    say_unlike(tally)
    return 0


def _judge(predictor: "PromoterPredictor", tally: "Tally", arguments: argparse.Namespace) -> None:
    """Windows of a table: its rows come back."""
    table = judge_table(arguments, predictor.fault, predictor.windows, tally, _AT_ONCE, _HALF)
    warn(f"{table.windows:,} window{'s'[: table.windows > 1]} judged, on the strand given.")
    write_importance(table, arguments.importance, predictor.logits)


def _scan(predictor: "PromoterPredictor", tally: "Tally", arguments: argparse.Namespace) -> None:
    """Both strands of every record of a FASTA file."""
    from seqmodels.predictors.promoter import Scan
    from seqmodels.predictors.promoter_files import write_places
    from seqmodels.predictors.survey import survey

    refuse_importance(arguments, "windows")
    size = survey(arguments.input, lambda record: tally.add(record.sequence, record.name))
    if size.longest < predictor.window:
        raise InputError(
            f"The longest record has {size.longest} bases; the model {arguments.model} reads {predictor.window}."
        )
    say_what_is_read(size.has_uracil, arguments.prevalence, _HALF)
    if not arguments.prevalence:
        warn(f"warning: {_HALF} Give --prevalence, the share of windows that hold one in your sequences.")
    warn("A scan finds stretches that are like promoters, not the base where transcription starts.")
    counts = Scan()
    with Bars() as progress, output(arguments.output) as file:
        found = _found(predictor, arguments, counts, progress, size.bases)
        is_bed = arguments.output is not None and arguments.output.suffix.lower() == ".bed"
        called = write_places(file, found, predictor.window, arguments.threshold, "bed" if is_bed else "csv")
    warn(
        f"{counts.scored:,} windows of {predictor.window} bases scored on both strands, {called:,} places called that"
        f" do not overlap; left out for unknown bases: {counts.with_unknown:,} windows."
    )


def _found(
    predictor: "PromoterPredictor", arguments: argparse.Namespace, counts: "Scan", progress: Bars, bases: int
) -> "Iterator[Places]":
    from seqmodels.data.fasta import read_fasta
    from seqmodels.predictors.promoter import STEP, joined

    for record in read_fasta(arguments.input):
        if len(record.sequence) < predictor.window:
            warn(f"warning: {record.name} has {len(record.sequence)} bases, fewer than a window, and is left out.")
            continue
        if pieces := list(predictor.scan(record.name, record.sequence, counts, arguments.step or STEP)):
            yield corrected(joined(pieces), arguments.prevalence)
        progress("scanning", counts.bases, bases)
