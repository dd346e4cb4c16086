"""`epicite evidence`: which genes are methylated how, in which cancers, as the papers of libraries say."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from command.options import add_as_of, add_libraries, whole_number, words
from command.output import plain, say, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrieval.evidence_row import EvidenceQuestion, EvidenceRow
    from retrieval.library import Library

# As `retrieval.evidence_row` has them, which parsing arguments must not load.
_STATUSES = (
    "methylated", "hypermethylated", "hypomethylated", "unmethylated", "demethylated", "differentially methylated",
    "+", "-",
)  # fmt: skip
_SAMPLES = ("tumour", "cell line", "normal", "blood", "animal")
_SOURCES = ("tagger", "curated", "person")
_YEAR = whole_number(1500, 2200)
_LONGEST_QUOTE = 300


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("evidence", help="the table of genes, their methylation, and who says so")
    parser.add_argument("--gene", type=words, metavar="G", help="by any of its names")
    parser.add_argument("--disease", type=words, metavar="D", help="and all below it, in English or Chinese")
    parser.add_argument("--status", choices=_STATUSES, metavar="S", help=f"one of: {', '.join(_STATUSES)}")
    parser.add_argument("--sample", choices=_SAMPLES, metavar="S", help=f"one of: {', '.join(_SAMPLES)}")
    parser.add_argument("--from", type=_YEAR, metavar="Y", dest="first_year", help="first year of publication")
    parser.add_argument("--to", type=_YEAR, metavar="Y", dest="last_year", help="last year of publication")
    add_as_of(parser)
    parser.add_argument("--source", choices=_SOURCES, help="who says what a row says")
    parser.add_argument("--with-rejected", action="store_true", help="show rows that someone rejected, too")
    parser.add_argument("--with-retracted", action="store_true", help="show rows of retracted papers, too")
    out = parser.add_mutually_exclusive_group()
    out.add_argument("--csv", type=Path, metavar="FILE", help="write all columns to a file")
    out.add_argument(
        "--export",
        type=Path,
        metavar="OUT",
        help="write rows to be corrected: JSON lines where OUT ends in .jsonl, else a folder of BioNLP stand-off",
    )
    out.add_argument("--import", type=Path, metavar="IN", dest="given", help="take in what --export wrote, corrected")
    out.add_argument("--retrain", action="store_true", help="teach a tagger by your verdicts, and say what it does")
    out.add_argument("--use", action="store_true", help="read papers with the tagger that --retrain made")
    out.add_argument("--undo", action="store_true", help="go back to the tagger before --use")
    add_libraries(parser)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Show, write or correct rows, or learn from verdicts; 1 where what was given speaks of rows that are not there."""
    if arguments.first_year and arguments.last_year and arguments.first_year > arguments.last_year:
        arguments.refuse(f"--from {arguments.first_year} is after --to {arguments.last_year}")
    from command.libraries import searched
    from command.progress import Bars
    from command.settings import read_settings
    from retrieval.evidence_table import evidence

    settings = read_settings()
    if arguments.use or arguments.undo:
        from command.retraining import undo_use, use_retrained

        return use_retrained(settings) if arguments.use else undo_use(settings)
    with searched(settings, arguments.libraries) as libraries:
        if arguments.retrain:
            from command.retraining import retrain_tagger

            return retrain_tagger(settings, libraries)
        with Bars() as progress:
            for library in libraries:
                library.derive_evidence(progress)
        if arguments.given:
            return _take_in(libraries, arguments.given)
        rows = evidence(libraries, _question(arguments))
        _hand_out(libraries, rows, arguments)
        if not any(library.reader.tagger for library in libraries):
            warn("No tagger is installed: rows are of curated digests only.")
    return 0


def _question(arguments: argparse.Namespace) -> "EvidenceQuestion":
    from retrieval.evidence_row import EvidenceQuestion

    return EvidenceQuestion(
        gene=arguments.gene,
        disease=arguments.disease,
        status=arguments.status,
        sample=arguments.sample,
        first_year=arguments.first_year,
        last_year=arguments.last_year,
        source=arguments.source,
        with_rejected=arguments.with_rejected,
        with_retracted=arguments.with_retracted,
        as_of=arguments.as_of,
    )


def _take_in(libraries: "Sequence[Library]", path: Path) -> int:
    from retrieval.evidence_exchange import import_rows

    imported = import_rows(libraries, path)
    say(f"{imported.taken} verdicts taken in from {path}")
    if imported.new:
        warn(f"{imported.new} events of no exported row were left out: only rows can be judged.")
    if imported.gone:
        warn(f"{len(imported.gone)} rows are no longer there, as their papers have changed: {imported.gone[0]}, ...")
    return 1 if imported.gone else 0


def _hand_out(libraries: "Sequence[Library]", rows: "Sequence[EvidenceRow]", arguments: argparse.Namespace) -> None:
    target: Path | None = arguments.csv or arguments.export
    if arguments.csv:
        from retrieval.evidence_csv import as_csv
        from seqmodels.predictors.writing import whole_file

        with whole_file(arguments.csv) as file:
            file.write(as_csv(rows))
    elif arguments.export:
        from retrieval.evidence_exchange import export_rows, export_standoff

        if arguments.export.suffix == ".jsonl":
            export_rows(rows, arguments.export)
        else:
            export_standoff(libraries, rows, arguments.export)
    else:
        _show(rows)
    told = f"{len(rows)} rows from {len({row.sha256 for row in rows})} papers"
    warn(f"{told} written to {target}" if target else told)


def _show(rows: "Sequence[EvidenceRow]") -> None:
    if not rows:
        say("no evidence; ask for less, or ingest papers that speak of DNA methylation")
        return
    cells = [_cells(row) for row in rows]
    heads = ("gene", "status", "disease", "sample", "frequency", "paper")
    widths = [max(len(row[column]) for row in (heads, *cells)) for column in range(len(heads))]
    say("  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True)).rstrip())
    for row, line in zip(rows, cells, strict=True):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        say(f"    “{_shortened(plain(row.quote))}”")


def _cells(row: "EvidenceRow") -> tuple[str, ...]:
    gene = row.gene if row.gene in row.symbols or not row.symbols else f"{row.gene} ({'/'.join(row.symbols)})"
    paper = f"PMID {row.pmid}" if row.pmid else f"DOI {row.doi}" if row.doi else f"paper {row.paper}"
    notes = [
        str(row.year or ""), row.source if row.source != "tagger" else "", row.verdict or "",
        "RETRACTED" if row.retracted else "",
    ]  # fmt: skip
    parts = (
        gene,
        f"perhaps {row.status}" if row.speculated else row.status,
        row.disease or row.disease_text or "",
        row.sample or "",
        _frequency(row),
        ", ".join([paper, *filter(None, notes)]),
    )
    return tuple(plain(part) for part in parts)


def _frequency(row: "EvidenceRow") -> str:
    share = f"{row.percent:g} %" if row.percent is not None else ""
    if row.some is None or row.all is None:
        return share
    return f"{row.some} of {row.all}" + (f" ({share})" if share else "")


def _shortened(quote: str) -> str:
    return quote if len(quote) <= _LONGEST_QUOTE else f"{quote[: _LONGEST_QUOTE - 2]} …"
