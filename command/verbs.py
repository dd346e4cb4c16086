"""The verbs of `epicite`, as one argument parser."""

import argparse
from collections.abc import Callable

from command import (
    ask,
    chat,
    doctor,
    evidence,
    extract,
    fetch,
    finetune,
    ingest,
    library,
    predict,
    search,
    serve,
    train,
)
from command.options import add_verbose

Run = Callable[[argparse.Namespace], int]

_DESCRIPTION = "Answers from the biology literature that you can check."


def build_parser(run_chat: Run) -> argparse.ArgumentParser:
    """A parser; what it gives holds `verb`, the `run` for its exit code, and `refuse` for bad arguments."""
    parser = argparse.ArgumentParser(prog="epicite", description=_DESCRIPTION)
    add_verbose(parser)
    parser.set_defaults(verbose=False)
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB")
    runs: tuple[tuple[argparse.ArgumentParser, Run], ...] = (
        (chat.add_parser(subparsers), run_chat),
        (ask.add_parser(subparsers), ask.run),
        (ingest.add_parser(subparsers), ingest.run),
        (fetch.add_parser(subparsers), fetch.run),
        (search.add_parser(subparsers), search.run),
        (library.add_parser(subparsers), library.run),
        (extract.add_parser(subparsers), extract.run),
        (evidence.add_parser(subparsers), evidence.run),
        (predict.add_parser(subparsers), predict.run),
        (train.add_parser(subparsers), train.run),
        (finetune.add_parser(subparsers), finetune.run),
        (serve.add_parser(subparsers), serve.run),
        (doctor.add_parser(subparsers), doctor.run),
    )
    for verb_parser, run in runs:
        if verb_parser.prefix_chars == "-":
            add_verbose(verb_parser)
        verb_parser.set_defaults(run=run, refuse=verb_parser.error)
    return parser
