"""Whether the numbers of a claim are those of its quotes."""

from collections.abc import Iterable
from decimal import Decimal

from agent.proof.quantities import PERCENT, SHARE, Quantity, Ratio

# Thresholds under which any smaller P value is reported.
_P_THRESHOLDS = frozenset(map(Decimal, ("0.1", "0.05", "0.01", "0.001", "0.0001")))
# How far "about 70%" or "two thirds" may be off, as a share of the number itself.
_ROUGHLY = Decimal("0.05")
# A number rounded to fewer digits than this says less than its quote does.
_FEWEST_DIGITS = 2


def is_said(asked: Quantity, quoted: Iterable[Quantity], counted: Iterable[Ratio]) -> bool:
    """Whether quotes with these numbers and these parts of wholes say a number, as it is or as a percentage."""
    return any(agree(asked, other) for other in quoted) or any(is_share(asked, ratio.share) for ratio in counted)


def agree(asked: Quantity, quoted: Quantity) -> bool:
    """Whether a quoted number says the number that is asked for: equal, rounded, or as percentage and fraction."""
    if asked.is_p and quoted.is_p and _is_under(asked, quoted):
        return True
    if not _compare_alike(asked, quoted):
        return False
    if comparable(asked, quoted):
        return _equal(asked, quoted.value)
    if quoted.unit == SHARE or quoted.shared_unit == PERCENT:
        return is_share(asked, quoted.value if quoted.unit == SHARE else quoted.value / 100)
    return quoted.places > 0 and 0 < quoted.value < 1 and not quoted.is_p and is_share(asked, quoted.value)


def comparable(one: Quantity, other: Quantity) -> bool:
    """Whether two numbers are of one kind, so that one may stand where the other stands."""
    if one.unit == other.unit:
        return True
    units = {one.unit or one.shared_unit, other.unit or other.shared_unit}
    if len(units) == 1:
        return True
    return "" in units and not units & {PERCENT, SHARE}


def _is_under(asked: Quantity, quoted: Quantity) -> bool:
    """Whether a P value is rightly reported as under a usual threshold."""
    is_threshold = asked.comparison == "<" and asked.value in _P_THRESHOLDS
    return is_threshold and quoted.comparison in ("=", "<") and quoted.value < asked.value


def _compare_alike(asked: Quantity, quoted: Quantity) -> bool:
    """Whether neither says "more than" or "equal to" where the other says something else."""
    said = {asked.comparison, quoted.comparison} - {""}
    return len(said) < 2


def _equal(asked: Quantity, value: Decimal) -> bool:
    if asked.value == value:
        return True
    if asked.is_hedged and abs(asked.value - value) <= abs(value) * _ROUGHLY:
        return True
    digits = len(asked.value.as_tuple().digits) if asked.value else 0
    return digits >= _FEWEST_DIGITS and _is_rounded(asked, value)


def _is_rounded(asked: Quantity, value: Decimal) -> bool:
    """Whether a number is another one rounded to its decimals, halves up or down."""
    return abs(asked.value - value) <= Decimal(5).scaleb(-asked.places - 1)


def is_share(asked: Quantity, share: Decimal) -> bool:
    """Whether a percentage, a fraction in words or a decimal fraction says a share of 1."""
    if PERCENT in (asked.unit, asked.shared_unit):
        return _is_rounded(asked, share * 100) or (asked.is_hedged and _equal(asked, share * 100))
    if asked.unit == SHARE:
        return abs(asked.value - share) <= share * _ROUGHLY
    return asked.places >= _FEWEST_DIGITS and not asked.is_p and _is_rounded(asked, share)
