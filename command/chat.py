"""`epicite chat`: the page. What serves it lies beside this package, so the front door starts it."""

import argparse
import os
import sys

from command.options import add_libraries


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("chat", help="open the page and ask")
    parser.add_argument("--port", type=int, metavar="N", help="where the page is served (setting page.port)")
    parser.add_argument("--host", metavar="HOST", help="who can reach it (setting page.host)")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page in a browser")
    add_libraries(parser)
    return parser


def opens_browser(arguments: argparse.Namespace) -> bool:
    """Whether somebody sits at this machine to see the page."""
    # Without a display, a browser that runs in the terminal would take it over.
    has_display = sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())
    return not arguments.no_browser and sys.stderr.isatty() and has_display
