"""Which tagger comes with the package, and how it reads: known without loading it."""

from pathlib import Path

BUNDLED = Path(__file__).parent / "weights"
RULES = "stretches of 200 word pieces, windows of 64 before and 40 after a trigger, pairs weighed, version 4"
"""How texts are cut for the model and its answers put together; to be changed with them."""
