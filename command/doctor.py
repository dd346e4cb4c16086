"""`epicite doctor`: what is installed, what is missing, and the command that mends it."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from command.output import json_line, plain, say

if TYPE_CHECKING:
    from command.check import Check


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("doctor", help="check the installation, the settings and every library")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Check everything; 1 where something is broken."""
    from command.health import check_home
    from command.installation import check_installation

    checks = [*check_installation(), *check_home()]
    healthy = all(check.status != "broken" for check in checks)
    if arguments.json:
        say(json_line({"healthy": healthy, "checks": [vars(check) for check in checks]}))
    else:
        _show(checks)
    return 0 if healthy else 1


def _show(checks: "Sequence[Check]") -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(f"{check.status:<6}  {check.name:<{width}}  {plain(check.detail)}")
        if check.remedy:
            say(f"{'':<{width + 10}}{plain(check.remedy)}")
