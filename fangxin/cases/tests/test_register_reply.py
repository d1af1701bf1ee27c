"""登记书面回复 (二(四)、二(五)): what came on paper, by the day it came in, with its scan; a plan where a violation is admitted."""

from datetime import date

import pytest

from fangxin.cases.actions import explain_delay, record_callback, record_rectification
from fangxin.cases.models import Reply
from fangxin.cases.queries import tasks_of
from fangxin.deadlines.models import Deadline
from fangxin.documents.models import Attachment
from fangxin.journal.models import Entry
from tests.stage import paper, refused

pytestmark = pytest.mark.django_db
ADMITTED = {"admits_violation": True, "plan": "退还定金并培训人员。"}


@pytest.fixture
def case(stage):
    return stage.told()


def term(rule_key):
    return Deadline.objects.get(rule_key=rule_key)


def rectified(stage, case, **changes):
    facts = {
        "task_id": stage.task(case).pk, "text": "已退还。", "done_on": stage.day, "files": [paper()],
        "by": stage.cast.officer,
    }  # fmt: skip
    return record_rectification(case.pk, **{**facts, **changes})


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 5), False), (date(2026, 3, 6), True)])
def test_the_day_it_came_in_says_whether_it_is_late(stage, case, day, late):
    stage.day = date(2026, 3, 9)
    reply = stage.on_paper(case, received_on=day)
    task = stage.task(case)
    assert (reply.late, reply.way, task.state) == (late, "writing", "replied")
    assert (task.replied_on, task.replied_late) == (day, late)
    assert (term("offline_reply").state, term("offline_reply").met_on) == ("met_late" if late else "met", day)
    assert Attachment.objects.filter(subject_kind="reply", subject_id=str(reply.pk)).exists()
    assert ("逾期" in Entry.objects.get(kind="case:register_reply").summary) is late


def test_ex_15_a_violation_admitted_brings_its_plan_and_fifteen_days_from_the_telling(stage, case):
    with refused("请一并填写整改意见", "plan"):
        stage.on_paper(case, admits_violation=True)
    stage.later(1)
    stage.on_paper(case, **ADMITTED)
    own = term("offline_rectification")
    assert (own.starts_on, own.due_on, own.unit) == (date(2026, 3, 2), date(2026, 3, 17), "日")
    stage.on_paper(case, **ADMITTED)
    assert Deadline.objects.filter(rule_key="offline_rectification").count() == 1


def test_without_a_violation_nothing_is_to_be_put_right(stage, case):
    stage.on_paper(case)
    assert not Deadline.objects.filter(rule_key="offline_rectification").exists()
    with refused("没有须自行整改的期限", "task"):
        rectified(stage, case)


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 17), False), (date(2026, 3, 18), True)])
def test_what_was_put_right_meets_the_fifteen_days(stage, case, day, late):
    stage.on_paper(case, **ADMITTED)
    stage.day = day
    # By then the department's ten working days are over as well.
    explain_delay(case.pk, reason="等待企业整改", by=stage.cast.officer)
    done = rectified(stage, case)
    assert (done.late, term("offline_rectification").state) == (late, "met_late" if late else "met")
    assert tasks_of(case.pk)[0]["rectifications"][0]["text"] == "已退还。"
    assert str(done) == f"{stage.task(case).pk} {day}"
    with refused("没有须自行整改的期限", "task"):
        rectified(stage, case)


def test_what_is_put_right_is_registered_by_the_case_officer_with_proof(stage, case):
    stage.on_paper(case, **ADMITTED)
    for by in ("clerk", "head", "other_clerk"):
        with refused("须由"):
            rectified(stage, case, by=getattr(stage.cast, by))
    with refused("请上传整改的证明材料", "files"):
        rectified(stage, case, files=[])
    with refused("完成日期应在2026-03-02告知之后", "done_on"):
        rectified(stage, case, done_on=date(2026, 3, 1))


def test_it_runs_on_after_the_opinion_and_ends_with_the_case(stage, case):
    stage.on_paper(case, **ADMITTED)
    told = stage.handled(stage.decided(case=stage.case(case)))
    assert term("offline_rectification").state == "running"
    rectified(stage, told)
    assert term("offline_rectification").state == "met"


def test_what_nobody_put_right_ends_when_the_case_is_closed(stage, case):
    stage.on_paper(case, **ADMITTED)
    told = stage.handled(stage.decided(case=stage.case(case)))
    record_callback(
        told.pk,
        contacted=True,
        solved="solved",
        satisfaction="satisfied",
        comment="",
        by=stage.cast.supervisor,
    )
    assert term("offline_rectification").state == "cancelled"


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"answers": [" "]}, "请答复第1个问题", "answer_1"),
        ({"by_name": ""}, "答复人：不能为空", "by_name"),
        ({"files": []}, "请上传书面回复的扫描件", "files"),
        ({"received_on": date(2026, 3, 1)}, "收到日期应在2026-03-02告知之后", "received_on"),
        ({"received_on": date(2026, 3, 3)}, "今天或今天之前", "received_on"),
    ],
)
def test_what_is_missing_is_named(stage, case, changes, said, field):
    with refused(said, field):
        stage.on_paper(case, **changes)


def test_a_company_must_have_been_told_first(stage):
    with refused("请先登记以复印或传真告知", "task"):
        stage.on_paper(stage.unreached())


def test_no_stranger_registers_and_nobody_after_the_opinion(stage, case):
    for by in ("head", "other_clerk", "supervisor"):
        with refused("不能登记书面回复"):
            stage.on_paper(case, by=getattr(stage.cast, by))
    decided = stage.decided(case=case, without_reply_because="未复")
    with refused("只有“调查处理”时才可以"):
        stage.on_paper(decided)
    assert term("offline_reply").state == "cancelled"


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 5), False), (date(2026, 3, 6), True)])
def test_the_paper_of_a_company_on_the_platform_stands_beside_and_meets_no_online_term(stage, day, late):
    case = stage.accepted()
    stage.day = day
    reply = stage.on_paper(case)
    assert (reply.late, stage.task(case).state) == (late, "notified")
    assert term("company_reply").state == "running"
    stage.answered(case)
    assert [row["way"] for row in tasks_of(case.pk)[0]["replies"]] == ["writing", "online"]
    assert Reply.objects.filter(registered_by=stage.cast.clerk.user_id).count() == 1
