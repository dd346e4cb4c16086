"""Days that dates as exact as YYYY, YYYY-MM or YYYY-MM-DD can mean, as ISO text, which sorts as days do."""

from calendar import monthrange


def first_day(published: str) -> str:
    """The first day that a date can mean."""
    return published + "-01-01"[len(published) - 4 :]


def last_day(published: str) -> str:
    """The last day that a date can mean."""
    match published.split("-"):
        case [year]:
            return f"{year}-12-31"
        case [year, month]:
            return f"{year}-{month}-{monthrange(int(year), int(month))[1]}"
    return published
