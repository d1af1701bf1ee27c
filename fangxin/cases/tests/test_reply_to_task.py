"""企业回复 (二(四), SM-04): every point, in time or marked late, version upon version, until the department decided."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from fangxin.cases.actions import open_task, reply_to_task
from fangxin.cases.models import Reply
from fangxin.cases.queries import enterprise_desk, task_for, tasks_of
from fangxin.deadlines.models import Deadline
from fangxin.documents.models import Attachment
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body
from fangxin.organisations.roles import Role
from tests.cast import member
from tests.stage import refused

pytestmark = pytest.mark.django_db
POINTS = ["定金为何不退？", "何时退还？"]


@pytest.fixture
def task(stage):
    return stage.task(stage.accepted(points=POINTS))


def answered(stage, task, answers=("合同约定。", "三日内。"), by=None, **more):
    return reply_to_task(task.pk, answers=answers, by=by or stage.cast.company_user, **more)


def test_an_answer_meets_the_term_and_the_department_is_told(stage, task):
    open_task(task.pk, by=stage.cast.company_user)
    reply = answered(stage, task, contact=" 010-12345678 ")
    task.refresh_from_db()
    assert (task.state, task.replied_on, task.replied_late) == ("replied", stage.day, False)
    assert reply.answers == [
        {"point": "定金为何不退？", "answer": "合同约定。"}, {"point": "何时退还？", "answer": "三日内。"},
    ]  # fmt: skip
    assert reply.contact == "010-12345678"
    assert Deadline.objects.get(rule_key="company_reply").state == "met"
    assert Notice.objects.filter(to_body=task.handling_body, title__contains="企业已回复").exists()


def test_it_may_be_answered_without_having_been_opened(stage, task):
    assert answered(stage, task).version == 1


@pytest.mark.parametrize(("day", "late"), [(date(2026, 3, 5), False), (date(2026, 3, 6), True)])
def test_the_last_day_is_in_time_and_the_next_is_late(stage, task, day, late):
    stage.day = day
    reply = answered(stage, task)
    task.refresh_from_db()
    assert (reply.late, task.replied_late) == (late, late)
    assert Deadline.objects.get(rule_key="company_reply").state == ("met_late" if late else "met")
    summary = Entry.objects.get(kind="case:company_replies").summary
    assert ("逾期" in summary) is late


def test_a_second_version_is_added_and_the_first_day_counts(stage, task):
    answered(stage, task)
    stage.day = date(2026, 3, 9)
    second = answered(stage, task, ("已退。", "已退。"))
    task.refresh_from_db()
    assert (second.version, second.late) == (2, True)
    assert (task.replied_late, task.replied_on) == (False, date(2026, 3, 2))
    assert Deadline.objects.get(rule_key="company_reply").state == "met"
    assert [reply["version"] for reply in tasks_of(task.case_id)[0]["replies"]] == [1, 2]
    shown = task_for(task.company_id, task.pk)
    assert [reply["version"] for reply in shown["replies"]] == [1, 2]
    assert shown["open"]


@pytest.mark.parametrize(
    ("answers", "said", "field"),
    [
        ((), "请答复第1个问题：“定金为何不退？”", "answer_1"),
        (("合同约定。",), "请答复第2个问题", "answer_2"),
        (("合同约定。", "　"), "请答复第2个问题", "answer_2"),
        (("答" * 4001, "三日内。"), "第1个问题的答复不得超过4000字", "answer_1"),
    ],
)
def test_every_point_is_answered(stage, task, answers, said, field):
    with refused(said, field):
        answered(stage, task, answers)


@pytest.mark.parametrize(
    ("more", "said", "field"),
    [
        ({"admits_violation": True}, "请一并填写整改意见", "plan"),
        ({"plan": "改" * 4001}, "整改意见不得超过4000字，现有4001字", "plan"),
        ({"contact": "1" * 33}, "联系电话不得超过32字", "contact"),
    ],
)
def test_what_is_owed_beside_the_answers_is_named(stage, task, more, said, field):
    with refused(said, field):
        answered(stage, task, **more)


def test_a_violation_is_admitted_with_a_plan(stage, task):
    reply = answered(stage, task, admits_violation=True, plan=" 三日内退还。 ")
    assert (reply.admits_violation, reply.plan) == (True, "三日内退还。")


def test_after_the_opinion_nothing_more_is_taken(stage, task):
    answered(stage, task)
    stage.decided(case=stage.case(type("C", (), {"pk": task.case_id})))
    with refused("已由经办部门处理，不能再提交"):
        answered(stage, task)


def test_after_a_decision_without_reply_nothing_is_taken_either(stage, task):
    stage.decided(case=stage.case(type("C", (), {"pk": task.case_id})), without_reply_because="逾期未复")
    with refused("已由经办部门处理"):
        answered(stage, task)


def test_another_company_answers_nothing(stage, task):
    with refused("它不是发给贵企业的"):
        answered(stage, task, by=stage.cast.other_company_user)
    with refused("它不是发给贵企业的"):
        answered(stage, task, by=stage.cast.officer)


def test_who_answers_for_two_companies_answers_as_the_one_that_was_asked(stage, task):
    for_other = member("liuyang", "刘洋", Role.COMPANY_USER, company=stage.cast.other_company)
    assert for_other.user_id == stage.cast.company_user.user_id
    with refused("它不是发给贵企业的"):
        answered(stage, task, by=for_other)
    assert answered(stage, task).company_id == stage.cast.company.pk


def test_the_same_form_sent_twice_is_one_version(stage, task):
    key = uuid4()
    answered(stage, task, act_key=key)
    with pytest.raises(AlreadyDone):
        answered(stage, task, act_key=key)
    assert Reply.objects.count() == 1


def test_an_answer_and_its_files_come_together_or_not_at_all(stage, task, tmp_path, settings):
    settings.STORAGES = {**settings.STORAGES, "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}}  # fmt: skip
    key, good = uuid4(), b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    with refused(field="files"):
        answered(stage, task, files=[SimpleUploadedFile("合同.pdf", b"not a pdf")], act_key=key)
    assert Deadline.objects.get(rule_key="company_reply").state == "running"
    reply = answered(stage, task, files=[SimpleUploadedFile("合同.pdf", good)], act_key=key)
    assert Attachment.objects.get().subject_id == str(reply.pk)


def test_the_companys_desk_shows_what_is_owed_and_what_is_done(stage, task):
    mine = enterprise_desk(stage.cast.company.pk)
    assert [(row["number"], row["due"]["words"]) for row in mine] == [(task.number, "剩 3 个工作日")]
    assert enterprise_desk(stage.cast.company.pk, done=True) == []
    answered(stage, task)
    assert enterprise_desk(stage.cast.company.pk) == []
    done = enterprise_desk(stage.cast.company.pk, done=True)
    assert [(row["state_title"], row["due"]) for row in done] == [("已回复", None)]
    assert enterprise_desk(stage.cast.other_company.pk) == []
    assert task_for(stage.cast.other_company.pk, task.pk) is None


def test_the_departments_people_stay_out_of_what_a_company_reads(stage, task):
    shown = str(task_for(stage.cast.company.pk, task.pk))
    for word in ("张敏", "13800138000", "陈涛", "王芳", "诚信房产收了两万元定金"):
        assert word not in shown
    assert Body.objects.get(pk=task.handling_body_id).name in shown
