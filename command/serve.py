"""`epicite serve`: a language model and its adapters behind vLLM, where the chat finds them."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from command.errors import InputError
from command.options import whole_number
from command.output import say, warn

if TYPE_CHECKING:
    from agent.serving.adapter import Adapter
    from agent.serving.base import Base
    from command.settings import Settings

_EXAMPLES = """\
examples:
  epicite serve --model Qwen/Qwen3-8B --adapter agent=runs/agent
  epicite serve --swap agent=runs/agent-2      into the server that runs, without a pause
  epicite serve --model DIR -- --max-model-len 4096
  epicite serve --model DIR -- --distributed-executor-backend ray --tensor-parallel-size 8   (several nodes)
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser(
        "serve",
        help="serve a language model with adapters (vLLM)",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--model", metavar="NAME", help="the base model, by name or folder (default: the adapters')")
    parser.add_argument(
        "--adapter",
        metavar="NAME=PATH",
        action="append",
        default=[],
        dest="adapters",
        help="a LoRA adapter and the name to ask it by, such as agent or extractor; repeat it for several",
    )
    parser.add_argument("--port", type=whole_number(1, 65535), default=8000, metavar="N", help="default: 8000")
    parser.add_argument("--parser", metavar="NAME", help="how the model writes tool calls, as vLLM names it")
    running = parser.add_mutually_exclusive_group()
    running.add_argument("--swap", metavar="NAME=PATH", help="serve this adapter from now on, in the server that runs")
    running.add_argument("--drop", metavar="NAME", help="serve this adapter no longer, in the server that runs")
    parser.add_argument("more", nargs="*", metavar="-- OPTION", help="options of vLLM, after --")
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted, or change what the running server serves."""
    from command.settings import read_settings

    settings = read_settings()
    if arguments.swap or arguments.drop:
        return _change(arguments, settings)
    return _serve(arguments, settings)


def _serve(arguments: argparse.Namespace, settings: "Settings") -> int:
    import signal
    from contextlib import ExitStack

    from agent.serving.adapter import Adapter, named
    from agent.serving.base import Base
    from agent.serving.launch import Plan, serving
    from command.progress import Bars

    adapters = {name: Adapter.read(path) for name, path in map(named, arguments.adapters)}
    base = Base.find(arguments.model or _base_of(adapters.values()))
    plan = Plan(base, adapters, arguments.port, arguments.parser, _key(settings), arguments.more)
    if plan.name in adapters:
        raise InputError(f"{plan.name} is the base model. Give its adapter another name.")
    for name, adapter in adapters.items():
        _examine(name, adapter, base)
    # A service manager ends it with SIGTERM, a closed terminal with SIGHUP, a person with Ctrl+C: its usual ends.
    for usual in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, usual):
            signal.signal(getattr(signal, usual), signal.default_int_handler)
    try:
        with ExitStack() as until_interrupted:
            with Bars() as bars:
                server = until_interrupted.enter_context(serving(plan, settings.home, bars))
            names = ", ".join([plan.name, *adapters])
            say(f"Serving {names} at {server.address}/v1 (Ctrl+C stops it)")
            sys.stdout.flush()
            server.watch()
    except KeyboardInterrupt:
        warn("vLLM has ended.")
    return 0


def _change(arguments: argparse.Namespace, settings: "Settings") -> int:
    from agent.serving.adapter import Adapter, named
    from agent.serving.base import Base
    from agent.serving.exchange import load, running_or_refused, unload

    if arguments.drop:
        endpoint = unload(settings.home, arguments.drop, _key(settings))
    else:
        name, path = named(arguments.swap)
        adapter = Adapter.read(path)
        _examine(name, adapter, Base.find(running_or_refused(settings.home).base))
        endpoint = load(settings.home, name, adapter, _key(settings))
    say(f"Serving {', '.join([endpoint.model, *endpoint.adapters])} at {endpoint.url}")
    return 0


def _examine(name: str, adapter: "Adapter", base: "Base") -> None:
    """Say what is to be known of an adapter; raises InputError where vLLM would refuse it."""
    from agent.serving.acceptance import objections

    found = objections(adapter.folder, base)
    for objection in found:
        if objection.kind == "changed":
            warn(f"{name}: {objection.reason}: its answers will not be those of training; {objection.remedy}")
    refused = "; ".join(objection.reason for objection in found if objection.kind == "refused")
    if refused:
        raise InputError(f"vLLM would refuse the adapter {name}: {refused}. Ask `epicite doctor` what to do.")


def _base_of(adapters: "Iterable[Adapter]") -> str:
    """The one base model that adapters were trained on; raises InputError where they do not name one."""
    names = {str(adapter.config.get("base_model_name_or_path") or "") for adapter in adapters}
    if len(names) != 1 or "" in names:
        raise InputError("No base model is named. Say --model NAME, a model's name or folder.")
    name = names.pop()
    if name.startswith(("/", ".", "~")) and not Path(name).expanduser().exists():
        raise InputError(f"The adapter's base model is not at {name} any more. Say --model NAME.")
    return name


def _key(settings: "Settings") -> str | None:
    """What the endpoint asks for: the key of the settings, where one is set."""
    return settings.model.key.get_secret_value() if "key" in settings.model.model_fields_set else None
