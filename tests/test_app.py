"""The front door: which exit code, which words, whatever goes wrong."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import app
from command import doctor
from command.errors import SettingsError
from page.errors import PageError
from retrieval.errors import LibraryError
from seqmodels.errors import ModelError

ROOT = Path(app.__file__).parent
ALLOWED = {"agent", "command", "page", "retrieval", "seqmodels", "corpora"}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EPICITE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def doctor_that_raises(monkeypatch, error):
    def run(arguments):
        raise error

    monkeypatch.setattr(doctor, "run", run)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LibraryError("It is locked", "Wait."), "It is locked. Wait."),
        (ModelError("No weights", "Install them."), "No weights. Install them."),
        (SettingsError("Unknown key."), "Unknown key."),
        (PageError("No port is free."), "No port is free."),
        (OSError(28, "No space left on device", "library.sqlite"), "library.sqlite: No space left on device."),
        (
            ModuleNotFoundError("No module named 'faiss'", name="faiss"),
            "The package faiss is not installed. Run `epicite doctor`.",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_known_to_go_wrong_is_one_line_and_exit_code_1(monkeypatch, capsys, error, words):
    doctor_that_raises(monkeypatch, error)
    assert app.main(["doctor"]) == 1
    assert capsys.readouterr().err == f"epicite: error: {words}\n"


def test_a_mistake_in_the_program_is_not_dressed_up(monkeypatch):
    doctor_that_raises(monkeypatch, ModuleNotFoundError("No module named 'retrieval.x'", name="retrieval.x"))
    with pytest.raises(ModuleNotFoundError):
        app.main(["doctor"])


def test_an_interrupt_is_one_line_and_exit_code_130(monkeypatch, capsys):
    doctor_that_raises(monkeypatch, KeyboardInterrupt())
    assert app.main(["doctor"]) == 130
    assert capsys.readouterr().err == "epicite: interrupted\n"


def test_without_a_verb_epicite_shows_its_help(capsys):
    assert app.main([]) == 2
    assert capsys.readouterr().out.startswith("usage: epicite")


def test_app_py_without_arguments_opens_the_page(tmp_path):
    # A setting that the page cannot be served with shows that it is the page which starts.
    environment = os.environ | {"EPICITE_PAGE__PORT": "0"}
    run = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith("epicite: error: The variable EPICITE_PAGE__PORT cannot be '0'")


@pytest.fixture
def served(monkeypatch):
    """What the page would have been served with."""
    import page.launch

    calls = []
    monkeypatch.setattr(page.launch, "launch", lambda *given: calls.append(given))
    return calls


def test_chat_hands_settings_and_flags_to_the_page(served, home, monkeypatch):
    monkeypatch.setenv("EPICITE_PAGE__HOST", "0.0.0.0")
    assert app.main(["chat", "--port", "8000", "--no-browser"]) == 0
    [(given_home, model, host, port, libraries, opens_browser, _)] = served
    assert (given_home.root, model.url, host, port) == (home, None, "0.0.0.0", 8000)
    assert (libraries, opens_browser) == ([], False)


def test_chat_does_not_make_a_library_of_a_misspelt_folder(served, tmp_path, capsys):
    assert app.main(["chat", "--library", str(tmp_path / "lirbary")]) == 1
    assert "is not a library" in capsys.readouterr().err
    assert served == []
    assert not (tmp_path / "lirbary").exists()


def test_a_reader_who_has_seen_enough_ends_the_program_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with os.fdopen(writer, "wb") as closed_pipe:
        run = subprocess.run(
            [sys.executable, "app.py", "--help"],
            cwd=ROOT,
            env=buffered,
            stdout=closed_pipe,
            stderr=subprocess.PIPE,
        )
    assert run.returncode == 128 + signal.SIGPIPE
    assert run.stderr == b""


def test_nothing_but_the_front_door_knows_page_and_command():
    imports = [line.split()[1] for line in (ROOT / "app.py").read_text().splitlines() if "import " in line]
    ours = {name.partition(".")[0] for name in imports} - set(sys.stdlib_module_names)
    assert ours <= ALLOWED | {"argparse"}
    assert len((ROOT / "app.py").read_text().splitlines()) < 100
