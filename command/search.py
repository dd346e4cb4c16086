"""`epicite search`: ranked passages for a question, or for a file of them."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from command.options import add_as_of, add_libraries, whole_number, words
from command.output import json_line, say, warn

if TYPE_CHECKING:
    from retrieval.filters import Filters
    from retrieval.hit import Results

_MOST_HITS = 1_000
# Those that a paper may bear.
_YEAR = whole_number(1500, 2200)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("search", help="find passages")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("query", nargs="?", type=words, metavar="QUERY", help="what to look for, English or Chinese")
    asked.add_argument("--batch", type=Path, metavar="QUERIES", help='a file of lines {"id": ..., "query": ...}')
    parser.add_argument("-o", "--output", type=Path, metavar="OUT", help="where a batch's answers go")
    parser.add_argument(
        "-k", type=whole_number(1, _MOST_HITS), default=10, metavar="K", help="how many papers (default: 10)"
    )
    parser.add_argument("--json", action="store_true", help="answer in JSON; a batch always does")
    add_libraries(parser)
    parser.add_argument("--year-from", type=_YEAR, metavar="Y", help="this year and later")
    parser.add_argument("--year-to", type=_YEAR, metavar="Y", help="this year and earlier")
    add_as_of(parser)
    parser.add_argument("--journal", type=words, metavar="J", help="only this journal, by its whole name")
    parser.add_argument("--gene", type=words, metavar="G", help="only papers that name this gene, by any alias")
    parser.add_argument("--no-retracted", action="store_true", help="leave retracted papers out")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Answer one question or a batch; 1 where a line of the batch could not be answered."""
    _refuse_contradictions(arguments)
    if arguments.batch:
        from command.batch import run_batch

        return run_batch(arguments, _filters(arguments))
    from command.libraries import searched
    from command.settings import read_settings
    from retrieval.search import search

    with searched(read_settings(), arguments.libraries) as libraries:
        results = search(libraries, arguments.query, k=arguments.k, filters=_filters(arguments))
    _show(results, arguments)
    return 0


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    if arguments.output and not arguments.batch:
        arguments.refuse("-o is where the answers of --batch go; give both or neither")
    if arguments.year_from and arguments.year_to and arguments.year_from > arguments.year_to:
        arguments.refuse(f"--year-from {arguments.year_from} is after --year-to {arguments.year_to}")


def _filters(arguments: argparse.Namespace) -> "Filters":
    from retrieval.filters import Filters

    return Filters(
        year_from=arguments.year_from,
        year_to=arguments.year_to,
        as_of=arguments.as_of,
        journal=arguments.journal,
        gene=arguments.gene,
        retracted=False if arguments.no_retracted else None,
    )


def _show(results: "Results", arguments: argparse.Namespace) -> None:
    from command.hits import describe, full_record
    from retrieval.notices import left_out

    notices = [*results.notices, *left_out(results.left_out)]
    if arguments.json:
        say(
            json_line(
                {
                    "query": arguments.query,
                    "searched": results.query,
                    "hits": [full_record(hit) for hit in results.hits],
                    "notices": notices,
                }
            )
        )
        return
    for notice in notices:
        warn(notice)
    if results.query != arguments.query:
        warn(f"searched for: {results.query}")
    for rank, hit in enumerate(results.hits, 1):
        say(describe(rank, hit))
    if not results.hits:
        say("nothing found")
