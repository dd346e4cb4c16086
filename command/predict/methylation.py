"""`epicite predict methylation`: 4mC, 5hmC and 6mA sites, of windows or of whole sequences."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from command.errors import InputError
from command.options import whole_number, words
from command.output import say, warn
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
    from seqmodels.predictors.domains import Domain
    from seqmodels.predictors.methylation import MethylationPredictor, Scan, Sites

_LIST = "list"
_DEFAULT = "6mA_A.thaliana"
_MOST_AT_ONCE = 1_000_000
_HALF = "The model learnt from sets of which half is methylated; of a genome's bases far fewer are."


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the action."""
    parser = actions.add_parser("methylation", help="4mC, 5hmC and 6mA sites")
    parser.add_argument(
        "input",
        type=Path,
        nargs="?",
        metavar="INPUT",
        help="a table of 41-base windows, which are judged one by one, or FASTA, whose both strands are scanned",
    )
    add_output(parser, (".csv", ".bed", ".gff3", ".gff"))
    parser.add_argument(
        "--model", type=words, default=_DEFAULT, metavar="NAME", help=f"{_LIST} names all (default: {_DEFAULT})"
    )
    add_windows(parser, "share of candidates that are methylated in your genome, if known")
    add_threshold(parser)
    parser.add_argument(
        "--batch",
        type=whole_number(1, _MOST_AT_ONCE),
        default=1024,
        metavar="N",
        help="windows at once (default: 1024)",
    )
    parser.add_argument(
        "--chunk",
        type=whole_number(1, 100 * _MOST_AT_ONCE),
        default=16_384,
        metavar="N",
        help="bases at once in a scan: bounds its memory (default: 16384)",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Predict sites."""
    from seqmodels.data.fasta import starts_like_fasta
    from seqmodels.predictors.domains import DOMAINS, domain_of
    from seqmodels.predictors.methylation import bundled

    if arguments.model == _LIST:
        for domain in DOMAINS:
            say(f"{domain.name}\t{domain.mark}\t{domain.species}")
        return 0
    domain = domain_of(arguments.model)
    if arguments.input is None:
        raise InputError("INPUT is missing. Give a FASTA file, or a table with a column of 41-base windows.")
    refuse_files(arguments)
    predictor = bundled()
    say_card(predictor.card, domain.name, (other.name for other in DOMAINS))
    (_scan if starts_like_fasta(arguments.input) else _judge)(predictor, domain, arguments)
    return 0


def _judge(predictor: "MethylationPredictor", domain: "Domain", arguments: argparse.Namespace) -> None:
    """Windows of a table: its rows come back."""
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.methylation import BUNDLED, CENTRE, window_fault

    tally = Tally(BUNDLED, domain.name)
    table = judge_table(
        arguments,
        lambda window: window_fault(window, domain),
        lambda windows: predictor.windows(windows, domain),
        tally,
        arguments.batch,
        _HALF,
    )
    warn(f"{table.windows:,} window{'s'[: table.windows > 1]} judged for {domain.mark} in {domain.species}.")
    say_unlike(tally)
    write_importance(
        table, arguments.importance, lambda windows: predictor.logits(windows, domain), frozenset({CENTRE})
    )


def _scan(predictor: "MethylationPredictor", domain: "Domain", arguments: argparse.Namespace) -> None:
    """Both strands of every record of a FASTA file."""
    from seqmodels.predictors.likeness import Tally
    from seqmodels.predictors.methylation import BUNDLED, WINDOW, Scan
    from seqmodels.predictors.site_files import SUFFIXES, write_sites_to
    from seqmodels.predictors.survey import survey

    refuse_importance(arguments, "41-base windows")
    tally = Tally(BUNDLED, domain.name)
    size = survey(arguments.input, lambda record: tally.add(record.sequence, record.name))
    if size.longest < WINDOW:
        raise InputError(f"The longest record has {size.longest} bases; a candidate needs 20 known bases on each side.")
    say_what_is_read(size.has_uracil, arguments.prevalence, _HALF)
    if not arguments.prevalence:
        warn(f"warning: {_HALF} Give --prevalence, the share of {domain.base} that is {domain.mark} in your genome.")
    say_unlike(tally)
    memory = predictor.scan_memory(size.bases, size.longest, arguments.chunk)
    warn(
        f"Scanning {size.bases:,} bases in {size.records:,} record{'s'[: size.records > 1]} on both strands for"
        f" {domain.mark} as in {domain.species}; at most {memory / 2**20:,.0f} MiB beyond the program itself."
    )
    counts = Scan(domain)
    with Bars() as progress, output(arguments.output) as file:
        found = _found(predictor, arguments, counts, lambda: progress("scanning", counts.bases, size.bases))
        format_ = SUFFIXES[arguments.output.suffix.lower()] if arguments.output else "csv"
        write_sites_to(file, found, domain, arguments.threshold, format_)
    warn(
        f"{counts.scored:,} candidates scored, {counts.called:,} of them called;"
        f" left out: {counts.at_edges:,} within 20 bases of an end, {counts.near_unknown:,} near unknown bases."
    )


def _found(
    predictor: "MethylationPredictor", arguments: argparse.Namespace, counts: "Scan", done: Callable[[], None]
) -> "Iterator[Sites]":
    from seqmodels.data.fasta import read_fasta

    records = ((record.name, record.sequence) for record in read_fasta(arguments.input))
    for sites in predictor.scan_all(records, counts.domain, counts, arguments.chunk):
        found = corrected(sites, arguments.prevalence)
        counts.called += int((found.probabilities >= arguments.threshold).sum())
        yield found
        done()
