"""What a predictor's card says, in a line before its predictions."""

from typing import TYPE_CHECKING

from command.output import warn

if TYPE_CHECKING:
    from seqmodels.predictors.card import Card, Score


def say_card(card: "Card", name: str) -> None:
    """Say which weights predict, and how well they did on data held out for the model of this name."""
    own = [score for score in card.scores if name in score.name]
    held_out = "; ".join(map(_told, own)) or "no held-out scores"
    warn(f"{name} (weights {card.sha256[:12]}): {held_out}.")


def _told(score: "Score") -> str:
    within = "" if score.low is None or score.high is None else f" ({score.low:.3f} to {score.high:.3f})"
    return f"{score.name} {score.value:.3f}{within} on {score.rows:,} held-out rows"
