"""What a predictor's card says, in a line before its predictions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from command.output import warn

if TYPE_CHECKING:
    from seqmodels.predictors.card import Card, Score

_MOST = 4


def say_card(card: "Card", name: str, others: Iterable[str] = ()) -> None:
    """Say which weights predict, and how well they did on held-out data.

    A card of several models names them in its scores: those that name one of `others` are not this one's.
    """
    elsewhere = [other for other in others if other != name]
    own = [score for score in card.scores if not any(other in score.name for other in elsewhere)]
    held_out = "; ".join(map(_told, own[:_MOST])) or "no held-out scores"
    warn(f"{name} (weights {card.sha256[:12]}): {held_out}.")


def _told(score: "Score") -> str:
    within = "" if score.low is None or score.high is None else f" ({score.low:.3f} to {score.high:.3f})"
    return f"{score.name} {score.value:.3f}{within} on {score.rows:,} held-out rows"
