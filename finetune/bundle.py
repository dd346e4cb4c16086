"""Put the small model that was trained into the package: `python -m finetune.bundle RUN`, RUN that of `recipe=full`."""

import argparse
import shutil
from pathlib import Path

SMALL = Path(__file__).parent / "weights"
"""The small model that comes with Epicite: `base`, and `tools`, its adapter for calling tools."""
BASE, TOOLS = "base", "tools"
_TRAINED = {BASE: Path("base") / "model", TOOLS: Path("tools") / "adapter"}


def main() -> None:
    """Read the arguments and bundle."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("run", type=Path, metavar="RUN", help="the folder of the recipe's runs")
    bundle(parser.parse_args().run, SMALL)


def bundle(run: Path, folder: Path) -> None:
    """Copy base and adapter of a recipe's run, with names in the place of the paths where they lay.

    Args:
        run: of `epicite finetune recipe=full`.
        folder: where they go, made where absent.
    """
    for name, place in _TRAINED.items():
        target = folder / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(run / place, target)
        for path in target.iterdir():
            if path.suffix == ".json":
                path.write_bytes(_without_paths(path.read_bytes(), run.resolve()))
            path.chmod(0o644)


def _without_paths(text: bytes, run: Path) -> bytes:
    """A text that names the base as what it is, and the run as anybody may call it."""
    base = f'_path": "{run / _TRAINED[BASE]}"'
    return text.replace(base.encode(), f'_path": "{BASE}"'.encode()).replace(bytes(run), b"runs/small")


if __name__ == "__main__":
    main()
