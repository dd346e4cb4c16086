"""A trained model's card: what it was trained on, how, and how well it does."""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("epicite", "torch", "transformers", "lightning", "peft", "tokenizers", "numpy")
_ROOT = Path(__file__).parents[2]


def versions() -> dict[str, str]:
    """Versions of Python and the packages that a result depends on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit of the code, where it runs from a checkout."""
    git = _ROOT / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head
        loose = git / head.removeprefix("ref: ")
        if loose.is_file():
            return loose.read_text(encoding="ascii").strip()
        packed = (git / "packed-refs").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return next((line.split()[0] for line in packed if line.endswith(head.removeprefix("ref: "))), None)


def file_hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of weights in a folder."""
    hashes = {}
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            hashes[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return hashes


def in_words(card: dict[str, Any]) -> str:
    """The card as Markdown."""
    scores = "\n".join(f"| {name} | {value:.4f} |" for name, value in card["scores"].items())
    data, split, model = card["data"], card["split"], card["model"]
    adapter = f", a LoRA adapter of rank {card['lora']['rank']} on it" if card["lora"]["rank"] else ""
    files = "\n".join(f"- `{name}`: SHA-256 `{digest}`" for name, digest in card["weights"].items())
    gone = f", the last {card['steps'] - card['since']:,} of them" if card["since"] else ""
    steps = f"{card['steps']:,} steps{gone}"
    names = ", ".join(f"`{name}`" for name in data["files"])
    return f"""# {model["family"]}, {card["task"]}

{model["family"]} with {model["parameters"]:,} parameters, from {model["source"]}{adapter}.

## Scores

On {split["validation"]:,} validation rows that the loop set aside; the weights of step {card["step"]:,} were chosen by
their {card["monitor"]} on the same rows, which makes it a little too good. A test file is scored by
`epicite train evaluate RUN FILE`.

| score | value |
|---|---|
{scores}

## Data

{names} (SHA-256 `{data["sha256"]}`), {split["train"]:,} rows to train on. Split: seed {card["seed"]}, hash
`{split["sha256"]}`; rows that are {"near-duplicates" if split["similar"] == "near" else "equal"} stay on one side.

{data["audit"]}

## Training

{steps} in {card["seconds"]:,.0f} s on {card["device"]}. Command:

    {card["command"]}

Commit {card["commit"] or "unknown"}; {", ".join(f"{name} {number}" for name, number in card["versions"].items())}.

{files}
"""
