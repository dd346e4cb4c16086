"""Bars are for people who watch: one a stage on a terminal, none in a log."""

import io
import sys

from command.progress import Bars


class Terminal(io.StringIO):
    def isatty(self):
        return True


def work(progress):
    for done in (1, 2):
        progress("reading", done, None)
    progress("embedding", 3, 4)


def test_a_terminal_shows_each_stage(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with Bars() as progress:
        work(progress)
    assert "reading" in terminal.getvalue()
    assert "/4" in terminal.getvalue().rpartition("embedding")[2]


def test_a_log_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    with Bars() as progress:
        work(progress)
    assert log.getvalue() == ""
