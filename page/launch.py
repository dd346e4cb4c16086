"""Builds the page and serves it."""

import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

import gradio as gr
from tqdm import tqdm

from agent.settings import ModelSettings
from page import evidence_files, results, words
from page.address import bypass_proxies, free_port
from page.answering import Answering
from page.chat import chat_view
from page.errors import PageError
from page.evidence import evidence_view
from page.headers import middleware
from page.layout import ICON, STYLES, framed
from page.search import search_view
from page.shelf import Shelf
from page.theme import theme
from page.uploads import MAXIMUM_SIZE
from page.wording import browser_words
from retrieval.home import Home
from retrieval.progress import Progress, silent

Bars = Callable[[], AbstractContextManager[Progress]]


def unwatched() -> AbstractContextManager[Progress]:
    """A progress that nobody watches."""
    return nullcontext(silent)


def build(home: Home, answering: Answering, shelf: Shelf) -> gr.Blocks:
    """The page over the libraries of a shelf; raises LibraryError where one cannot be read."""
    chat = partial(chat_view, answering, shelf, home.root / "uploads" / home.owner)
    views = {
        words.ASK: chat,
        words.SEARCH: partial(search_view, shelf),
        words.EVIDENCE: partial(evidence_view, shelf),
    }
    return framed(views, shelf)


def launch(
    home: Home,
    model: ModelSettings,
    host: str,
    port: int,
    libraries: Sequence[Path],
    open_browser: bool,
    bars: Bars = unwatched,
) -> None:
    """Serve the page until the process is interrupted; questions are answered by a language model.

    Where the port is taken, the next free one is used. The line on the terminal that names the address appears
    when the page answers; before it, `bars` shows how far the starter library is. Raises PageError where the
    page cannot be served, LibraryError where a library cannot be opened.
    """
    chosen = free_port(host, port)
    answering = Answering(home, model)
    with bars() as progress:
        shelf = Shelf(home, libraries, progress)
        blocks = build(home, answering, shelf)
    address = serve(blocks, answering, shelf, host, chosen)
    taken = f"port {port} is taken; " if chosen != port else ""
    tqdm.write(f"Epicite: {address} ({taken}Ctrl+C stops it)", file=sys.stderr)
    if open_browser:
        webbrowser.open(address)
    blocks.block_thread()


def serve(blocks: gr.Blocks, answering: Answering, shelf: Shelf, host: str, port: int) -> str:
    """Serve a page in the background, and close the agent when it ends; gives the page's address.

    Raises PageError where the port was taken meanwhile.
    """
    bypass_proxies(host)
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            run_history=False,
            footer_links=[],
            show_error=True,
            enable_monitoring=False,
            ssr_mode=False,
            mcp_server=False,
            pwa=False,
            theme=theme(),
            css_paths=STYLES,
            favicon_path=ICON,
            i18n=browser_words(),
            max_file_size=MAXIMUM_SIZE,
            app_kwargs={
                "middleware": middleware(),
                "lifespan": answering.lifespan,
                "routes": [*results.routes(answering), *evidence_files.routes(shelf)],
            },
        )
    except OSError as error:
        raise PageError(f"The page cannot be served at {host}, port {port} ({error}). Start it again.") from error
    return str(address)
