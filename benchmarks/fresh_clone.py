"""What a new user waits for: `make run` until the page answers, and `make test`, in a fresh clone.

Everything is made anew: the clone, its virtual environment, EPICITE_HOME. What pip has in its cache it may use.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.shared import ROOT

_PATIENCE_SECONDS = 1_800


def main() -> int:
    """Print how long each of the two commands took."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "epicite"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        shared = ROOT.parent / "shared"
        if shared.is_dir():
            (clone.parent / "shared").symlink_to(shared)
        port = _free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))},
            "EPICITE_HOME": str(clone.parent / "home"),
            "EPICITE_PAGE__PORT": str(port),
        }
        print(f"make run:  the page answered after {_time_run(clone, environment, port):.0f} s", flush=True)
        start = time.perf_counter()
        environment.pop("EPICITE_PAGE__PORT")
        code = subprocess.run(["make", "test"], cwd=clone, env=environment, check=False).returncode
        print(f"make test: {'passed' if code == 0 else 'FAILED'} after {time.perf_counter() - start:.0f} s")
        shutil.rmtree(clone, ignore_errors=True)
    return code


def _time_run(clone: Path, environment: dict[str, str], port: int) -> float:
    start = time.perf_counter()
    with subprocess.Popen(["make", "run"], cwd=clone, env=environment, start_new_session=True) as program:
        try:
            while time.perf_counter() - start < _PATIENCE_SECONDS:
                if program.poll() is not None:
                    sys.exit(f"make run ended with {program.returncode}")
                if _answers(port):
                    return time.perf_counter() - start
                time.sleep(0.5)
        finally:
            os.killpg(program.pid, signal.SIGTERM)
    sys.exit(f"the page did not answer within {_PATIENCE_SECONDS} s")


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
