"""The front door: `python app.py` opens the page, `epicite VERB` does one thing."""

import argparse
import io
import logging
import os
import sys
from collections.abc import Sequence

from agent.errors import AgentError
from command.errors import InputError, SettingsError
from command.verbs import build_parser
from page.errors import PageError
from retrieval.errors import LibraryError
from seqmodels.errors import ModelError

_PACKAGES = ("agent", "command", "corpora", "page", "retrieval", "seqmodels")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb; the exit code: 0 well, 1 not, 2 not understood, 130 interrupted, 141 nobody reads on."""
    try:
        try:
            return _run(argv)
        finally:
            sys.stdout.flush()
    except (AgentError, LibraryError, ModelError, PageError, SettingsError, InputError) as error:
        return _failed(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _PACKAGES:
            raise
        return _failed(f"The package {error.name} is not installed. Run `epicite doctor`.")
    except KeyboardInterrupt:
        _say("epicite: interrupted")
        return 130
    except BrokenPipeError:
        # What is left in the buffer would fail again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if error.strerror is None:
            raise
        return _failed(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}.")


def _run(argv: Sequence[str] | None) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")
    parser = build_parser(_chat)
    arguments = parser.parse_args(argv)
    if arguments.verb is None:
        parser.print_help()
        return 2
    _set_up_logging(arguments.verbose)
    code: int = arguments.run(arguments)
    return code


def _set_up_logging(verbose: bool) -> None:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for package in _PACKAGES:
        logging.getLogger(package).setLevel(logging.INFO if verbose else logging.NOTSET)


def _chat(arguments: argparse.Namespace) -> int:
    from command.settings import read_settings

    settings = read_settings(page={"host": arguments.host, "port": arguments.port})
    # Imported only now: a wrong setting is named at once.
    from command.chat import opens_browser
    from command.libraries import home_of
    from command.progress import Bars
    from page.launch import launch
    from retrieval.manifest import read_manifest

    for folder in arguments.libraries:
        read_manifest(folder)
    page = settings.page
    home, opens = home_of(settings), opens_browser(arguments)
    launch(home, settings.model, page.host, page.port, arguments.libraries, opens, Bars)
    return 0


def _failed(message: str) -> int:
    _say(f"epicite: error: {message}")
    return 1


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["chat"]))
