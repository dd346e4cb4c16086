"""`epicite library`: looks after libraries."""

import argparse
from pathlib import Path

from command.options import add_libraries, add_library, add_verbose, words

_UPKEEP = {
    "list": "say what each holds",
    "verify": "check every text and index",
    "compact": "build the indexes anew and give back unused space",
    "upgrade": "bring to the current format, passages and embedder; embed what is waiting",
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("library", help="look after libraries")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, what in _UPKEEP.items():
        add_libraries(actions.add_parser(name, help=what))
    export = actions.add_parser("export", help="write all papers to a file")
    export.add_argument("file", type=Path, metavar="FILE", help="JSONL, one paper a line")
    take = actions.add_parser("import", help="take in a file of papers")
    take.add_argument("file", type=Path, metavar="FILE", help="a file of `epicite library export`")
    remove = actions.add_parser("remove", help="take papers out")
    remove.add_argument(
        "identifiers", nargs="+", type=words, metavar="IDENTIFIER", help="pmid:NUMBER, doi:10.X/Y or a whole title"
    )
    for action in (export, take, remove):
        add_library(action, default="your own, mine")
    for action in actions.choices.values():
        add_verbose(action)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; 1 where something is wrong with a library or a file."""
    if arguments.action in _UPKEEP:
        from command.upkeep import look_after

        return look_after(arguments.libraries, arguments.action)
    from command.contents import export_to, import_from, remove

    match arguments.action:
        case "export":
            return export_to(arguments.file, arguments.library)
        case "import":
            return import_from(arguments.file, arguments.library)
        case _:
            return remove(arguments.identifiers, arguments.library)
