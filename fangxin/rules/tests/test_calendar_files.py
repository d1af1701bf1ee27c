from datetime import date, timedelta

import chinese_calendar
import pytest

from fangxin.rules.holidays import Status, read_year
from fangxin.rules.reader import rulebook_folder

YEARS = {path.stem: read_year(path) for path in sorted((rulebook_folder() / "calendar").glob("*.yaml"))}


def days(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=place) for place in range((end - start).days + 1)}


@pytest.mark.parametrize("year", range(2004, 2027))
def test_our_calendar_agrees_with_an_independent_one(year):
    working = set(YEARS[str(year)].working_days())
    for day in days(f"{year}-01-01", f"{year}-12-31"):
        assert (day in working) == chinese_calendar.is_workday(day), day


def test_2025_is_as_its_notice_says():
    year = YEARS["2025"]
    off = (
        days("2025-01-28", "2025-02-04") | days("2025-04-04", "2025-04-06") | days("2025-05-01", "2025-05-05")
    )
    off |= days("2025-05-31", "2025-06-02") | days("2025-10-01", "2025-10-08") | {date(2025, 1, 1)}
    assert set(year.names()) == off
    assert [f"{day:%m-%d}" for day in year.work] == ["01-26", "02-08", "04-27", "09-28", "10-11"]
    assert "国办发明电〔2024〕12号" in (year.notice or "")


def test_2026_is_as_its_notice_says():
    year = YEARS["2026"]
    off = (
        days("2026-01-01", "2026-01-03") | days("2026-02-15", "2026-02-23") | days("2026-04-04", "2026-04-06")
    )
    off |= days("2026-05-01", "2026-05-05") | days("2026-06-19", "2026-06-21")
    off |= days("2026-09-25", "2026-09-27") | days("2026-10-01", "2026-10-07")
    assert set(year.names()) == off
    assert [f"{day:%m-%d}" for day in year.work] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert year.issued_on == date(2025, 11, 4)


def test_2027_is_provisional_and_guesses_no_exchanged_day():
    year = YEARS["2027"]
    assert year.status is Status.PROVISIONAL
    assert year.notice is None
    assert year.work == ()
    assert len(year.names()) == 13  # the statutory days of the regulation as revised in 2024


def test_every_other_year_is_published_and_no_year_is_missing():
    assert list(YEARS) == [str(year) for year in range(2004, 2028)]
    assert all(year.status is Status.PUBLISHED for name, year in YEARS.items() if name != "2027")


def test_the_days_off_of_a_year_have_names():
    for year in YEARS.values():
        names = "、".join(year.names().values())
        assert all(festival in names for festival in ("元旦", "春节", "劳动节", "国庆节"))
