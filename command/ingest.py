"""`epicite ingest`: files and folders into a library."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from command.options import add_library
from command.output import plain, say, warn

if TYPE_CHECKING:
    from retrieval.ingest import Report


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Describe the verb."""
    parser = subparsers.add_parser("ingest", help="read files and folders into a library")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder of files")
    add_library(parser, default="your own, mine")
    parser.add_argument(
        "--replace", action="store_true", help="where an identifier stands for another text, the new one wins"
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="what reads, embeds and tags: this machine (local), or the Ray cluster of the settings (ray)",
    )
    return parser


def run(arguments: argparse.Namespace) -> int:
    """Read the paths; 1 where something could not be read."""
    from command.libraries import own
    from command.progress import Bars
    from command.settings import read_settings

    settings = read_settings()
    with own(settings, arguments.library) as library, Bars() as progress:
        if arguments.engine == "ray":
            from retrieval.ray_engine import ingest_on_ray

            report = ingest_on_ray(library, arguments.paths, settings.ray, progress, replace=arguments.replace)
        else:
            from retrieval.ingest import ingest

            report = ingest(library, arguments.paths, progress, replace=arguments.replace)
    return show_report(report)


def show_report(report: "Report") -> int:
    """Say what became of the files; the exit code."""
    for failure in report.failures:
        warn(plain(str(failure)))
    removed = f", removed {report.removed}" if report.removed else ""
    say(
        f"added {report.added}, updated {report.updated}, unchanged {report.unchanged}, "
        f"failed {len(report.failures)}{removed}"
    )
    return 1 if report.failures else 0
