"""`epicite predict`: what sequence models say of one's own sequences; one module an action."""

import argparse

from command.options import add_verbose
from command.predict import embed, methylation, phenotype, promoter, variant

# Each has `add_parser(actions)`, which describes it, and `run(arguments)`, which does it and gives the exit code.
_ACTIONS = (embed, methylation, phenotype, promoter, variant)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("predict", help="predict from sequences")
    actions = parser.add_subparsers(dest="action", metavar="WHAT", required=True)
    for action in _ACTIONS:
        described = action.add_parser(actions)
        described.set_defaults(predict=action.run)
        add_verbose(described)
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Predict; gives the exit code of the action."""
    code: int = arguments.predict(arguments)
    return code
