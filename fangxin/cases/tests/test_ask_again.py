"""退回补充回复 (SM-04): the points are named, a new term runs, every version stays."""

from datetime import date

import pytest

from fangxin.cases.actions import ask_again, reply_to_task
from fangxin.cases.queries import enterprise_desk, task_for, tasks_of
from fangxin.deadlines.models import Deadline
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from tests.stage import refused

pytestmark = pytest.mark.django_db
POINTS = ["定金为何不退？", "何时退还？"]


@pytest.fixture
def case(stage):
    case = stage.accepted(points=POINTS)
    reply_to_task(stage.task(case).pk, answers=["合同约定。", "再说。"], by=stage.cast.company_user)
    return stage.case(case)


def returned(stage, case, **changes):
    facts = {
        "task_id": stage.task(case).pk, "points": POINTS[1:], "reason": "请写明退还的日期。", "by": stage.cast.officer,
    }  # fmt: skip
    return ask_again(case.pk, **{**facts, **changes})


def test_the_company_sees_which_points_are_open_and_has_new_days(stage, case):
    stage.later(2)
    back = returned(stage, case)
    task = stage.task(case)
    assert (back.points, back.version, back.due_on) == (["何时退还？"], 1, date(2026, 3, 9))
    assert (task.state, task.due_on) == ("returned", date(2026, 3, 9))
    shown = task_for(stage.cast.company.pk, task.pk)
    assert shown["returned"]["reason"] == "请写明退还的日期。"
    assert [row["id"] for row in enterprise_desk(stage.cast.company.pk)] == [task.pk]
    assert Notice.objects.filter(
        to_company=stage.cast.company, title__contains="2026-03-09前补充回复"
    ).exists()
    assert Entry.objects.get(kind="case:ask_again").details["points"] == 1
    states = (
        Deadline.objects.filter(rule_key="company_reply").order_by("due_on").values_list("state", flat=True)
    )
    assert list(states) == ["met", "running"]


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 5), False), (date(2026, 3, 6), True)])
def test_the_supplement_is_a_version_of_its_own_late_or_in_time(stage, case, day, late):
    returned(stage, case)
    stage.day = day
    second = reply_to_task(
        stage.task(case).pk, answers=["合同约定。", "本月底。"], by=stage.cast.company_user
    )
    task = stage.task(case)
    assert (second.version, second.late) == (2, late)
    assert (task.state, task.replied_on, task.replied_late) == ("replied", date(2026, 3, 2), late)
    shown = tasks_of(case.pk)[0]
    assert [reply["version"] for reply in shown["replies"]] == [1, 2]
    assert shown["returns"][0]["version"] == 1
    assert task_for(stage.cast.company.pk, task.pk)["returned"] is None


def test_it_may_be_sent_back_more_than_once(stage, case):
    for version in (1, 2):
        assert returned(stage, case).version == version
        reply_to_task(stage.task(case).pk, answers=["一", "二"], by=stage.cast.company_user)


def test_a_supplement_that_never_came_needs_a_reason_for_going_on(stage, case):
    returned(stage, case)
    with refused("尚未回复", "without_reply_because"):
        stage.decided(case=case)
    stage.decided(case=case, without_reply_because="两次退回仍不答复")
    task = stage.task(case)
    assert (task.state, task.closed_because) == ("closed", "两次退回仍不答复")
    assert Deadline.objects.filter(rule_key="company_reply", state="running").count() == 0


def test_a_reply_on_paper_goes_back_with_three_days(stage):
    case = stage.told()
    stage.on_paper(case)
    back = returned(stage, case, points=["定金为何不退？"])
    assert back.due_on == date(2026, 3, 5)
    assert Deadline.objects.get(rule_key="offline_reply", state="running").unit == "日"
    stage.later(4)
    assert stage.on_paper(case).late
    assert stage.task(case).replied_late


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"points": []}, "请至少选择一个", "points"),
        ({"points": ["别的问题"]}, "请至少选择一个", "points"),
        ({"reason": " "}, "须补充什么：不能为空", "reason"),
    ],
)
def test_what_is_missing_is_named(stage, case, changes, said, field):
    with refused(said, field):
        returned(stage, case, **changes)


def test_what_was_not_answered_cannot_go_back(stage):
    with refused("只有企业已经回复的", "task"):
        returned(stage, stage.accepted(points=POINTS))


def test_only_the_officer_of_the_case_and_only_before_the_opinion(stage, case):
    for by in ("clerk", "head", "other_clerk"):
        with refused("须由"):
            returned(stage, case, by=getattr(stage.cast, by))
    stage.decided(case=case)
    with refused("只有“调查处理”时才可以"):
        returned(stage, case)
