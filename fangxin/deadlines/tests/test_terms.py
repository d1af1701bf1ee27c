"""Starting, meeting, resuming, cancelling and handing over a term."""

from datetime import date
from uuid import uuid4

import pytest

from fangxin.deadlines.actions import (
    Owner,
    cancel_deadlines,
    hand_over_deadlines,
    meet_deadline,
    resume_deadline,
    start_deadline,
)
from fangxin.deadlines.models import Deadline, DueDayChange
from fangxin.deadlines.queries import deadlines_of, deadlines_of_subject, due_words, late_answers, standing_of
from fangxin.rules import book
from fangxin.rules.terms import Unit
from tests.stage import refused

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


@pytest.fixture
def term(stage):
    """Starts a term of a matter for 陈涛 at his department."""

    def start(rule="handling_opinion", *, subject=None, matter=None, owner=None, on=None):
        return start_deadline(
            rule, jurisdiction="beijing", subject_kind="case", subject_id=subject or uuid4(),
            matter_id=matter or uuid4(), on=on,
            owner=owner or Owner(body_id=stage.cast.officer.body_id, user_id=stage.cast.officer.user_id),
        )  # fmt: skip

    return start


def now(deadline):
    return Deadline.objects.get(pk=deadline.pk)


def test_a_term_keeps_its_day_its_reckoning_and_its_law(term):
    started = now(term())
    assert (started.starts_on, started.due_on, started.first_due_on) == (
        DAY,
        date(2026, 3, 16),
        date(2026, 3, 16),
    )
    assert (started.amount, started.unit, started.title) == (10, "工作日", "提出处理意见")
    assert (started.clause, started.quote) == ("二(六)", "并于受理后10个工作日内提出处理意见")
    assert started.rulebook_version == book("beijing").version
    assert started.explanation[0].startswith("2026-03-02 星期一 起算日")
    assert not started.provisional
    assert started.next_look_on == date(2026, 3, 13)
    assert str(started) == "提出处理意见（2026-03-16）"


def test_a_term_may_start_on_an_earlier_day_and_its_unit_is_the_laws(term):
    started = term("ordered_rectification", on=date(2026, 2, 20))
    assert (started.due_on, started.unit) == (date(2026, 3, 9), "日")


def test_the_reminder_never_comes_before_the_term_has_begun(term):
    started = term(
        "offline_reply", on=date(2026, 2, 13)
    )  # 3日, ending in the Spring Festival, due on the 24th
    assert started.due_on == date(2026, 2, 24)
    assert started.next_look_on == date(2026, 2, 14)


def test_a_year_without_a_calendar_is_named(term):
    with refused("rulebook/calendar/2028.yaml 还没有"):
        term(on=date(2027, 12, 27))


@pytest.mark.parametrize(
    ("day", "in_time", "state", "missed"),
    [
        (date(2026, 3, 16), True, "met", None),
        (date(2026, 3, 17), False, "met_late", date(2026, 3, 17)),
        (date(2026, 3, 30), False, "met_late", date(2026, 3, 17)),
    ],
)
def test_the_last_day_is_in_time_and_lateness_is_kept(term, day, in_time, state, missed):
    started = term()
    assert meet_deadline("handling_opinion", subject_id=started.subject_id, on=day) is in_time
    met = now(started)
    assert (met.state, met.met_on, met.missed_on, met.next_look_on) == (state, day, missed, None)
    assert meet_deadline("handling_opinion", subject_id=started.subject_id, on=DAY) is False
    assert now(started).met_on == day


def test_a_day_already_marked_as_missed_stays_that_day(term):
    started = term()
    Deadline.objects.filter(pk=started.pk).update(missed_on=date(2026, 3, 18))
    meet_deadline("handling_opinion", subject_id=started.subject_id, on=date(2026, 3, 20))
    assert now(started).missed_on == date(2026, 3, 18)


def test_nothing_is_met_that_does_not_run(term):
    started = term()
    assert meet_deadline("company_reply", subject_id=started.subject_id) is False
    assert meet_deadline("handling_opinion", subject_id=uuid4()) is False
    assert now(started).state == "running"


def test_what_did_not_suffice_runs_again_to_its_own_day(term):
    started = term()
    meet_deadline("handling_opinion", subject_id=started.subject_id)
    assert resume_deadline("handling_opinion", subject_id=started.subject_id) is True
    again = now(started)
    assert (again.state, again.met_on, again.due_on, again.next_look_on) == (
        "running", None, date(2026, 3, 16), date(2026, 3, 13),
    )  # fmt: skip


def test_what_was_late_stays_late(term):
    started = term()
    meet_deadline("handling_opinion", subject_id=started.subject_id, on=date(2026, 3, 20))
    assert resume_deadline("handling_opinion", subject_id=started.subject_id) is False
    assert now(started).state == "met_late"


def test_a_matters_terms_end_together_or_by_rule(term):
    matter = uuid4()
    handling, reply = term(matter=matter), term("company_reply", matter=matter)
    other = term()
    assert cancel_deadlines(matter_id=matter, rule_key="company_reply") == 1
    assert (now(handling).state, now(reply).state) == ("running", "cancelled")
    assert cancel_deadlines(matter_id=matter) == 1
    assert cancel_deadlines(matter_id=matter) == 0
    assert now(other).state == "running"


def test_terms_are_handed_over_and_their_days_are_not(term, stage):
    matter = uuid4()
    running, company = term(matter=matter), term(matter=matter, owner=Owner(company_id=stage.cast.company.pk))
    body, head = stage.cast.officer.body_id, stage.cast.head.user_id
    assert hand_over_deadlines(matter_id=matter, body_id=body, user_id=head) == 1
    assert (now(running).owner_user_id, now(running).due_on) == (head, date(2026, 3, 16))
    assert now(company).owner_user_id is None


# What a screen says


@pytest.mark.parametrize(
    ("day", "tone", "words", "left"),
    [
        (date(2026, 3, 2), "running", "剩 10 个工作日", 10),
        (date(2026, 3, 12), "soon", "剩 2 个工作日", 2),
        (date(2026, 3, 15), "soon", "剩 1 个工作日", 1),
        (date(2026, 3, 16), "today", "今日到期", 0),
        (date(2026, 3, 17), "overdue", "逾期 1 个工作日", -1),
        (date(2026, 3, 22), "overdue", "逾期 4 个工作日", -4),
    ],
)
def test_a_running_term_is_told_in_working_days(day, tone, words, left):
    assert due_words(date(2026, 3, 16), day) == {"tone": tone, "words": words, "days_left": left}


def test_overdue_over_a_weekend_is_overdue_by_no_working_day_yet():
    assert due_words(date(2026, 3, 20), date(2026, 3, 21))["words"] == "已逾期"


@pytest.mark.parametrize(
    ("day", "tone", "words", "left"),
    [
        (date(2026, 1, 1), "running", "剩 14 日", 14),
        (date(2026, 1, 13), "soon", "剩 2 日", 2),
        (date(2026, 1, 15), "today", "今日到期", 0),
        (date(2026, 1, 17), "overdue", "逾期 2 日", -2),
    ],
)
def test_a_term_set_in_days_is_told_in_days(day, tone, words, left):
    """四（二）: 每季度后15日之内; Saturdays and Sundays count."""
    assert due_words(date(2026, 1, 15), day, Unit.DAY) == {"tone": tone, "words": words, "days_left": left}


def test_a_term_that_has_ended_says_how(term, stage):
    matter, subject = uuid4(), uuid4()
    term(matter=matter, subject=subject)
    running = deadlines_of(matter)[0]
    assert (running["tone"], running["words"]) == ("running", "剩 10 个工作日")
    assert standing_of(running, date(2026, 3, 16))["tone"] == "today"
    meet_deadline("handling_opinion", subject_id=subject, on=DAY)
    assert deadlines_of(matter)[0]["words"] == "已于2026-03-02按期完成"
    late = term("company_reply", matter=matter, owner=Owner(company_id=stage.cast.company.pk))
    meet_deadline("company_reply", subject_id=late.subject_id, on=date(2026, 3, 9))
    assert deadlines_of_subject(late.subject_id)[0]["words"] == "已于2026-03-09完成（逾期）"
    assert late_answers(stage.cast.company.pk) == 1
    ended = term(matter=matter)
    cancel_deadlines(matter_id=matter)
    assert [row["words"] for row in deadlines_of(matter) if row["id"] == ended.pk] == ["已终止"]


def test_a_change_of_day_reads_as_one(term):
    change = DueDayChange(deadline=term(), old_due_on=DAY, new_due_on=date(2026, 3, 3))
    assert str(change) == "2026-03-02 → 2026-03-03"
