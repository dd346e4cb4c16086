from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.dates import calendar, dated, earliest, year_of


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2019", "2019"),
        ("2019/05/03/", "2019-05-03"),
        ("2019-05-03T10:00:00Z", "2019-05-03"),
        ("2019/5", "2019-05"),
        ("2019 May 3", "2019-05-03"),
        ("2019 Sept", "2019-09"),
        ("3 May 2019", "2019-05-03"),
        ("May 3, 2019", "2019-05-03"),
        ("3rd May 2019", "2019-05-03"),
        ("May, 2019", "2019-05"),
        ("2019年5月3日", "2019-05-03"),
        ("2019年5月", "2019-05"),
        ("5/1/2019", "2019"),
        ("Spring 2019", "2019"),
        ("Marine 2019", "2019"),
        ("2019/13/40", "2019"),
        ("2019-02-30", "2019-02"),
        ("in press", None),
        ("12345", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_as_exact_as_it_is_written_and_no_more(text: str | None, found: str | None) -> None:
    assert dated(text) == found


@given(st.dates(date(1500, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_in_every_way_of_writing_it(day: date) -> None:
    iso = day.isoformat()
    assert dated(iso) == dated(f"{day:%Y %b %d}") == dated(f"{day.day} {day:%B %Y}") == iso
    assert (
        calendar(str(day.year), f"{day:%b}", str(day.day))
        == calendar(str(day.year), str(day.month), str(day.day))
        == iso
    )
    assert year_of(iso) == day.year


@given(st.text(max_size=20))
def test_no_text_makes_it_raise(text: str) -> None:
    found = dated(text)
    assert found is None or year_of(found)


@given(st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=1), st.data())
def test_the_earliest_is_the_one_that_is_over_first(days: list[date], data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.sampled_from([4, 7, 10]), min_size=len(days), max_size=len(days)))
    written = [day.isoformat()[:length] for day, length in zip(days, lengths, strict=True)]
    found = earliest(written)
    assert found in written
    assert earliest([*written, None]) == found
    assert all(found <= other or other.startswith(found) or found.startswith(other) for other in written)


def test_of_a_year_and_a_day_in_it_the_day_is_taken() -> None:
    assert earliest(["2019", "2019-05-03", "2019-06"]) == "2019-05-03"
    assert earliest([None, None]) is None
