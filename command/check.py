"""A finding of `epicite doctor`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Check:
    """Something looked at: whether it is well, and for what is not the command that mends it.

    "broken" keeps something from working; "note" is worth knowing and keeps nothing from working.
    """

    name: str
    status: Literal["ok", "note", "broken"]
    detail: str
    remedy: str | None = None
