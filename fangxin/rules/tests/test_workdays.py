"""Counting days, against the official calendar and against what must always hold."""

from datetime import date, timedelta
from itertools import pairwise

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangxin.rules import CalendarMissing, Unit, calendar
from fangxin.rules.holidays import Holiday, Status, Year
from fangxin.rules.workdays import Calendar

DAY = timedelta(days=1)
days = st.dates(date(2004, 1, 1), date(2026, 12, 31))
counts = st.integers(1, 60)
units = st.sampled_from(Unit)


def every_day(first, last):
    return (first + n * DAY for n in range((last - first).days + 1))


@pytest.mark.parametrize("year", range(2004, 2027))
def test_our_files_agree_with_chinesecalendar_day_by_day(year):
    known = calendar()
    differing = [
        day
        for day in every_day(date(year, 1, 1), date(year, 12, 31))
        if known.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert differing == []


@given(days, counts)
def test_so_many_working_days_lie_between_start_and_due_day(start, n):
    known, due = calendar(), calendar().due_day(start, n, Unit.WORKING_DAY)
    assert sum(known.is_working_day(day) for day in every_day(start + DAY, due.due_on)) == n
    assert known.is_working_day(due.due_on)
    assert due.rolled_from is None


@given(days, counts)
def test_days_end_on_the_nth_day_or_on_the_first_working_day_after_it(start, n):
    known, due = calendar(), calendar().due_day(start, n, Unit.DAY)
    literal = start + n * DAY
    assert known.is_working_day(due.due_on)
    assert not any(known.is_working_day(day) for day in every_day(literal, due.due_on - DAY))
    assert due.rolled_from == (None if due.due_on == literal else literal)
    assert known.due_day(start, n, Unit.DAY, roll=False).due_on == literal


@given(days, days, counts, units)
def test_starting_earlier_never_ends_later(a, b, n, unit):
    first, second = sorted((a, b))
    assert calendar().due_day(first, n, unit).due_on <= calendar().due_day(second, n, unit).due_on


@given(days, counts, units)
def test_one_day_more_never_ends_earlier(start, n, unit):
    assert calendar().due_day(start, n, unit).due_on <= calendar().due_day(start, n + 1, unit).due_on


@given(days, counts)
def test_working_days_are_never_fewer_than_days(start, n):
    known = calendar()
    assert (
        known.due_day(start, n, Unit.WORKING_DAY).due_on
        >= known.due_day(start, n, Unit.DAY, roll=False).due_on
    )


@given(days, days)
def test_working_days_between_counts_the_later_day_and_not_the_earlier(a, b):
    known = calendar()
    first, second = sorted((a, b))
    worked = sum(known.is_working_day(day) for day in every_day(first + DAY, second))
    assert known.working_days_between(first, second) == worked
    assert known.working_days_between(second, first) == -worked


@given(days, counts, units)
def test_the_explanation_accounts_for_every_day_once(start, n, unit):
    due = calendar().due_day(start, n, unit)
    assert [step.on for step in due.steps] == list(every_day(start + DAY, due.due_on))
    assert [step.nth for step in due.steps if step.nth] == list(range(1, n + 1))
    assert due.explanation()[-1].startswith("期限")
    assert f"应于{due.due_on}" in due.summary()


def test_the_explanation_says_why_not_another_day():
    due = calendar().due_day(date(2026, 2, 12), 3, Unit.WORKING_DAY)
    assert due.summary() == (
        "自2026-02-12起3个工作日，起算日不计；2月14日调休上班，计入；2月15日至2月23日春节放假，不计；应于2026-02-24（星期二）届满"
    )
    assert [str(step) for step in due.steps][:3] == [
        "2026-02-13 星期五 计第1个工作日",
        "2026-02-14 星期六 调休上班，计第2个工作日",
        "2026-02-15 星期日 春节放假，不计",
    ]


def test_the_explanation_of_days_says_how_it_rolled():
    due = calendar().due_day(date(2026, 9, 30), 5, Unit.DAY)
    assert [str(step) for step in due.steps][-3:] == [
        "2026-10-06 星期二 国庆节放假，顺延",
        "2026-10-07 星期三 国庆节放假，顺延",
        "2026-10-08 星期四 顺延至本日",
    ]
    assert "10月5日计第5日，遇国庆节放假，顺延；应于2026-10-08（星期四）届满" in due.summary()


def test_a_roll_may_end_on_a_make_up_saturday():
    due = calendar().due_day(date(2024, 2, 9), 5, Unit.DAY)
    assert str(due.steps[-1]) == "2024-02-18 星期日 调休上班，顺延至本日"


def test_it_can_be_kept_as_json():
    assert calendar().due_day(date(2026, 9, 30), 5, Unit.DAY).as_dict() | {"explanation": []} == {
        "start": "2026-09-30",
        "n": 5,
        "unit": "日",
        "due_on": "2026-10-08",
        "weekday": "星期四",
        "rolled_from": "2026-10-05",
        "provisional": False,
        "summary": calendar().due_day(date(2026, 9, 30), 5, Unit.DAY).summary(),
        "explanation": [],
    }


def test_a_year_without_its_notice_is_provisional_and_says_so():
    due = calendar().due_day(date(2026, 12, 31), 1, Unit.WORKING_DAY)
    assert calendar().is_provisional(2027)
    assert not calendar().is_provisional(2026)
    assert due.provisional
    assert "2027年放假安排尚未公布，暂按周末和法定节假日计算，公布后重算" in due.summary()
    assert not calendar().due_day(date(2026, 12, 30), 1, Unit.WORKING_DAY).provisional


def a_year(year, status=Status.PUBLISHED):
    new_year = Holiday(date(year, 1, 1), date(year, 1, 3), "元旦")
    return Year(year, status, None, None, "测试", date(2026, 11, 22), (new_year,), ())


@pytest.mark.parametrize(
    ("start", "n", "unit", "missing"),
    [
        (date(2030, 12, 30), 9, Unit.WORKING_DAY, 2031),
        (date(2030, 12, 30), 9, Unit.DAY, 2031),
        (date(2030, 12, 30), 9999, Unit.DAY, 2031),
        (date(2032, 12, 30), 9, Unit.WORKING_DAY, 2033),
        (date(2029, 6, 1), 9, Unit.DAY, 2029),
        (date(2031, 6, 1), 9, Unit.WORKING_DAY, 2031),
        (date.max, 1, Unit.DAY, 9999),
    ],
)
def test_a_term_that_runs_into_a_year_without_a_file_names_the_file(start, n, unit, missing):
    known = Calendar([a_year(2032), a_year(2030)])
    with pytest.raises(CalendarMissing, match=rf"rulebook/calendar/{missing}\.yaml 还没有") as told:
        known.due_day(start, n, unit)
    assert told.value.year == missing


def test_a_literal_last_day_needs_its_year_as_well():
    with pytest.raises(CalendarMissing, match="2031"):
        Calendar([a_year(2030)]).due_day(date(2030, 12, 30), 9, Unit.DAY, roll=False)
    with pytest.raises(CalendarMissing, match="2031"):
        Calendar([a_year(2030)]).is_working_day(date(2031, 1, 6))
    with pytest.raises(CalendarMissing, match="2029"):
        Calendar([a_year(2030)]).working_days_between(date(2029, 1, 1), date(2030, 1, 6))


def test_the_last_days_of_the_last_year_may_be_asked_about():
    known = Calendar([a_year(2033)])
    assert known.is_working_day(date(2033, 12, 30))
    assert not known.is_working_day(date(2033, 12, 31))


@pytest.mark.parametrize("n", [0, -1, 10_000])
def test_a_count_that_is_no_term_is_refused(n):
    with pytest.raises(ValueError, match="期限天数应为1至9999"):
        calendar().due_day(date(2026, 2, 13), n, Unit.DAY)


def test_working_days_follow_one_another():
    known = calendar()
    due = [known.due_day(date(2026, 2, 13), n, Unit.WORKING_DAY).due_on for n in range(1, 30)]
    assert all(known.working_days_between(a, b) == 1 for a, b in pairwise(due))
