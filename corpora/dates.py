"""Dates as sources print them, as exact as they are and no more."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date

_MONTHS = "january february march april may june july august september october november december".split()
_YEAR = r"(1[5-9]\d\d|20\d\d|21\d\d)"
# The first alternative that fits is taken: the exact ones stand first.
_FORMS = (
    re.compile(rf"(?P<year>{_YEAR})(?P<joint>[-/.])(?P<month>\d{{1,2}})(?P=joint)(?P<day>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?P<year>{_YEAR}) ?年 ?(?P<month>\d{{1,2}}) ?月(?: ?(?P<day>\d{{1,2}}) ?日)?"),
    re.compile(rf"(?P<year>{_YEAR})[-/ ]+(?P<month>[A-Za-z]{{3,9}})\.?(?:[-/ ]+(?P<day>\d{{1,2}})(?!\d))?(?![-/])"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>[A-Za-z]{{3,9}})\.?,? (?P<year>{_YEAR})"),
    re.compile(rf"(?P<month>[A-Za-z]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?, (?P<year>{_YEAR})"),
    re.compile(rf"(?P<month>[A-Za-z]{{3,9}})\.?,? (?P<year>{_YEAR})"),
    re.compile(rf"(?P<year>{_YEAR})[-/.](?P<month>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<year>{_YEAR})(?!\d)"),
)


def calendar(year: str | None, month: str | None = None, day: str | None = None) -> str | None:
    """YYYY, YYYY-MM or YYYY-MM-DD; the month is a number or an English name. What is impossible is left out."""
    if not re.fullmatch(_YEAR, (year or "").strip()):
        return None
    whole = int((year or "").strip())
    number = _month(month)
    if number is None:
        return f"{whole:04}"
    of_month = (day or "").strip()
    if not re.fullmatch(r"\d{1,2}", of_month, re.ASCII) or not 1 <= int(of_month) <= monthrange(whole, number)[1]:
        return f"{whole:04}-{number:02}"
    return f"{whole:04}-{number:02}-{int(of_month):02}"


def dated(text: str | None) -> str | None:
    """The first date in a text; of one that can be read in two ways (5/1/2019) only the year."""
    for form in _FORMS:
        if found := form.search(text or ""):
            parts = found.groupdict()
            given = parts.get("month")
            if given and not given.isdigit() and _month(given) is None:
                continue
            return calendar(parts["year"], given, parts.get("day"))
    return None


def earliest(dates: Iterable[str | None]) -> str | None:
    """The date that is over first: of a year and a day in it, the day."""
    return min((found for found in dates if found), key=_last_day, default=None)


def year_of(published: str | None) -> int | None:
    """The year of a date."""
    return int(published[:4]) if published and re.match(_YEAR, published) else None


def _last_day(published: str) -> date:
    year, month, day = (*map(int, published.split("-")), None, None)[:3]
    month = month or 12
    return date(year or 1, month, day or monthrange(year or 1, month)[1])


def _month(given: str | None) -> int | None:
    text = (given or "").strip().lower()
    if re.fullmatch(r"\d{1,2}", text, re.ASCII):
        return int(text) if 1 <= int(text) <= 12 else None
    return next((number for number, name in enumerate(_MONTHS, 1) if len(text) >= 3 and name.startswith(text)), None)
