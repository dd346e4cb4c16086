"""`epicite doctor`: what is installed, what is missing, and the command that mends it."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from command.output import json_line, plain, say

if TYPE_CHECKING:
    from command.check import Check


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser(
        "doctor", help="check the installation, the settings and every library, or an adapter before it is served"
    )
    parser.add_argument(
        "--adapter", type=Path, metavar="PATH", help="say what vLLM would refuse or silently change of this adapter"
    )
    parser.add_argument("--base", metavar="NAME", help="the base model, by name or folder (default: the adapter's own)")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Check everything, or one adapter; 1 where something is broken."""
    if arguments.base and not arguments.adapter:
        arguments.refuse("--base is the base model of --adapter")
    checks = list(_adapter(arguments.adapter, arguments.base) if arguments.adapter else _everything())
    healthy = all(check.status != "broken" for check in checks)
    if arguments.json:
        say(json_line({"healthy": healthy, "checks": [vars(check) for check in checks]}))
    else:
        _show(checks)
    return 0 if healthy else 1


def _everything() -> "Iterator[Check]":
    from command.endpoint import check_serving
    from command.health import check_home
    from command.installation import check_installation

    yield from check_installation()
    yield from check_home()
    yield from check_serving()


def _adapter(path: Path, base: str | None) -> "Iterator[Check]":
    from agent.serving.acceptance import objections
    from agent.serving.adapter import Adapter
    from agent.serving.base import Base
    from agent.serving.endpoint import running
    from command.check import Check
    from command.endpoint import stale_adapters
    from command.errors import InputError
    from command.settings import read_settings

    name = base or Adapter.read(path).config.get("base_model_name_or_path")
    if not name:
        raise InputError(f"{path} does not name its base model. Say --base NAME.")
    found = Base.find(str(name))
    objected = objections(path, found)
    for objection in objected:
        known = objection.kind == "note"
        yield Check(objection.kind, "note" if known else "broken", objection.reason, objection.remedy)
    if all(objection.kind == "note" for objection in objected):
        yield Check("adapter", "ok", f"{path} can be served on {found.name}")
    if (endpoint := running(read_settings().home)) is not None:
        yield from stale_adapters(endpoint, path)


def _show(checks: "Sequence[Check]") -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(f"{check.status:<6}  {check.name:<{width}}  {plain(check.detail)}")
        if check.remedy:
            say(f"{'':<{width + 10}}{plain(check.remedy)}")
