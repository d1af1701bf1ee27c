"""The clock: reminds one working day before, marks the day after, reminds on the 1st, 3rd and 5th, tells nobody twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from fangxin.deadlines.actions import Owner, meet_deadline, run_clock, start_deadline
from fangxin.deadlines.clock import now, today
from fangxin.deadlines.models import Deadline
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stage):
    """Accepted on Monday 2 March: the company answers by Thursday 5, the department by Monday 16 March."""
    case = stage.accepted()
    Notice.objects.all().delete()
    return case


def told():
    return list(Notice.objects.order_by("created_at").values_list("title", flat=True))


def days(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def handling():
    return Deadline.objects.get(rule_key="handling_opinion")


def test_from_the_start_to_the_last_reminder_day_by_day(stage, case):
    meet_deadline("company_reply", subject_id=stage.task(case).pk)
    spoke = {}
    for day in days(date(2026, 3, 2), date(2026, 4, 10)):
        before = len(told())
        for _ in range(3):
            run_clock(day)
        if len(told()) > before:
            spoke[day.isoformat()] = told()[before:]
    assert spoke == {
        "2026-03-13": ["提出处理意见将于2026-03-16到期，还剩1个工作日"],
        "2026-03-17": ["提出处理意见已逾期，截止日为2026-03-16"],
        "2026-03-19": ["提出处理意见已逾期，截止日为2026-03-16"],
        "2026-03-23": ["提出处理意见已逾期，截止日为2026-03-16"],
    }
    assert set(Notice.objects.values_list("to_user", "to_body")) == {(stage.cast.officer.user_id, None)}
    assert handling().missed_on == date(2026, 3, 17)
    entry = Entry.objects.get(kind="deadline:missed", subject_id=str(case.pk))
    assert (entry.actor_label, entry.clause, entry.details["due_on"]) == (
        "系统（时钟）",
        "二(六)",
        "2026-03-16",
    )


def test_a_term_that_ends_on_a_friday_is_missed_on_saturday_and_reminded_of_on_monday(stage):
    stage.day = date(2026, 3, 6)
    stage.accepted()  # due on Friday 20 March
    Notice.objects.all().delete()
    spoke = [day for day in days(date(2026, 3, 20), date(2026, 3, 30)) if _speaks(day)]
    assert [day.isoformat() for day in spoke] == [
        "2026-03-20",
        "2026-03-21",
        "2026-03-23",
        "2026-03-25",
        "2026-03-27",
    ]
    assert handling().missed_on == date(2026, 3, 21)


def _speaks(day):
    before = Notice.objects.filter(title__startswith="提出处理意见").count()
    run_clock(day)
    return Notice.objects.filter(title__startswith="提出处理意见").count() > before


def test_a_clock_that_stood_still_marks_and_reminds_once_and_not_for_each_day_lost(stage, case):
    assert run_clock(date(2026, 6, 1)) == 2
    assert len(told()) == 2
    assert set(Deadline.objects.values_list("missed_on", flat=True)) == {date(2026, 3, 6), date(2026, 3, 17)}
    assert run_clock(date(2026, 6, 1)) == 0
    assert run_clock(date(2026, 6, 30)) == 0


def test_a_term_met_before_its_reminder_is_left_in_peace(stage, case):
    stage.answered(case)
    stage.decided(case=stage.case(case))
    Notice.objects.all().delete()
    assert run_clock(date(2026, 6, 1)) == 0
    assert told() == []


def test_killed_between_two_terms_it_goes_on_where_it_was(stage, case, monkeypatch):
    from fangxin.deadlines import actions

    tell, calls = actions._tell_owner, []

    def dies_at_the_second(deadline, title):
        calls.append(title)
        if len(calls) == 2:
            raise KeyboardInterrupt
        tell(deadline, title)

    monkeypatch.setattr(actions, "_tell_owner", dies_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run_clock(date(2026, 6, 1))
    assert len(told()) == 1
    monkeypatch.setattr(actions, "_tell_owner", tell)
    assert run_clock(date(2026, 6, 1)) == 1
    assert len(told()) == 2
    assert Entry.objects.filter(kind="deadline:missed", details__matter_id=str(case.pk)).count() == 2


def test_a_company_and_its_department_are_each_told_in_a_message_of_their_own(stage):
    case = stage.rectifying()
    order = stage.order(case)
    Notice.objects.all().delete()
    run_clock(order.due_on)
    assert set(Notice.objects.values_list("to_body", "to_company", "matter_id")) == {
        (case.handling_body_id, None, case.pk), (None, stage.cast.company.pk, order.pk),
    }  # fmt: skip


def test_a_term_nobody_can_reckon_does_not_stop_the_others(stage, case, caplog):
    odd = start_deadline(
        "company_reply", jurisdiction="beijing", subject_kind="task", subject_id=case.pk, matter_id=case.pk,
        owner=Owner(company_id=stage.cast.company.pk), on=date(2027, 12, 20),
    )  # fmt: skip
    Deadline.objects.filter(pk=odd.pk).update(due_on=date(2027, 12, 31), next_look_on=date(2026, 3, 2))
    assert run_clock(date(2028, 1, 1)) == 2
    assert "2028.yaml" in caplog.text
    assert Deadline.objects.get(pk=odd.pk).missed_on is None


def test_it_says_how_far_it_is(stage, case):
    seen = []
    run_clock(date(2026, 6, 1), progress=seen.append)
    assert seen == [2]


def test_without_a_day_it_is_today(stage, case):
    stage.day = date(2026, 3, 4)
    assert run_clock() == 1
    assert "企业网上回复将于2026-03-05到期" in told()[0]


# What day it is


def test_the_legal_day_changes_at_midnight_in_beijing(settings):
    settings.FANGXIN_TODAY = ""
    with time_machine.travel(datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC), tick=False):
        assert today() == date(2026, 3, 2)
    with time_machine.travel(datetime(2026, 3, 2, 16, 0, tzinfo=UTC), tick=False):
        assert today() == date(2026, 3, 3)
        assert now().isoformat() == "2026-03-03T00:00:00+08:00"


def test_a_moved_day_keeps_the_hour_and_is_refused_in_production(settings):
    settings.FANGXIN_TODAY = "2026-02-13"
    with time_machine.travel(datetime(2026, 3, 2, 4, 30, tzinfo=UTC), tick=False):
        assert now().isoformat() == "2026-02-13T12:30:00+08:00"
        settings.PRODUCTION = True
        assert today() == date(2026, 3, 2)
        assert now().day == 2
