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
    export.add_argument(
        "file", type=Path, metavar="FILE", help="JSONL with verdicts and notices; RIS where FILE ends in .ris"
    )
    take = actions.add_parser("import", help="take in a file of papers")
    take.add_argument("file", type=Path, metavar="FILE", help="a file of `epicite library export`")
    remove = actions.add_parser("remove", help="take papers out")
    remove.add_argument(
        "identifiers", nargs="+", type=words, metavar="IDENTIFIER", help="pmid:NUMBER, doi:10.X/Y or a whole title"
    )
    notices = actions.add_parser("notices", help="mark papers by a file of retractions, corrections and concerns")
    notices.add_argument(
        "file", type=Path, metavar="FILE", help="Retraction Watch's CSV (epicite fetch --source retractions)"
    )
    add_libraries(notices)
    move = actions.add_parser("move", help="give a library another name or folder")
    move.add_argument("name", type=words, metavar="NAME", help="its name or folder")
    move.add_argument("target", type=words, metavar="TARGET", help="a new name, or a folder (with a / in it)")
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
    if arguments.action == "move":
        from command.moving import move_library

        return move_library(arguments.name, arguments.target)
    if arguments.action == "notices":
        from command.notices import take

        return take(arguments.file, arguments.libraries)
    from command.contents import export_to, import_from, remove

    match arguments.action:
        case "export":
            return export_to(arguments.file, arguments.library)
        case "import":
            return import_from(arguments.file, arguments.library)
        case _:
            return remove(arguments.identifiers, arguments.library)
