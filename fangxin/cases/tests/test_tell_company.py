"""EX-03 · 复印、传真告知 (二(五)): a company the platform cannot reach is told with proof, and has 3日 for its written reply."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from fangxin.cases.actions import take_over_online
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import CompanyTask, CompanyTelling
from fangxin.cases.queries import enterprise_desk, task_for, tasks_of
from fangxin.deadlines.actions import run_clock
from fangxin.deadlines.models import Deadline
from fangxin.documents.models import Attachment
from fangxin.investigations.queries import is_of_case
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.actions import join, register_company
from fangxin.organisations.models import Company, User
from fangxin.organisations.roles import Role
from tests.stage import MONDAY, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(stage):
    return stage.unreached()


def term(rule_key="offline_reply"):
    return Deadline.objects.get(rule_key=rule_key)


def test_ex_03_telling_starts_three_days_and_the_proof_is_on_file(stage, case):
    telling = stage.tell(case)
    task = stage.task(case)
    assert (task.state, task.told_on, task.due_on) == ("told", MONDAY, date(2026, 3, 5))
    assert (term().due_on, term().unit, term().owner_company_id) == (date(2026, 3, 5), "日", None)
    assert str(telling) == f"{task.pk} 传真 2026-03-02"
    proof = Attachment.objects.get(subject_kind="telling", subject_id=str(telling.pk))
    assert is_of_case(case, "telling", str(telling.pk))
    assert proof.get_purpose_display() == "办案材料"
    assert Entry.objects.filter(kind="case:tell_company").get().summary == "以传真告知街角小中介"
    assert tasks_of(case.pk)[0]["tellings"][0]["address"] == "010-12345678"


@pytest.mark.parametrize(
    ("told_on", "due_on"),
    [
        pytest.param(date(2015, 2, 13), date(2015, 2, 16), id="TVX-02"),
        pytest.param(date(2014, 9, 29), date(2014, 10, 8), id="TVX-04"),
    ],
)
def test_the_days_of_the_written_reply_are_natural_days(stage, told_on, due_on):
    stage.day = told_on
    stage.told()
    assert term().due_on == due_on


def test_the_days_run_from_the_day_of_telling_not_of_registering(stage, case):
    told_at = stage.early()
    stage.later(2)
    stage.tell(case, told_at=told_at)
    assert (term().starts_on, term().due_on) == (MONDAY, date(2026, 3, 5))


def test_the_case_officer_may_tell_and_no_stranger(stage, case):
    for by in ("head", "other_clerk", "dispatcher", "supervisor"):
        with refused("不能复印、传真告知企业"):
            stage.tell(case, by=getattr(stage.cast, by))
    assert stage.tell(case, by=stage.cast.officer)


def test_a_company_on_the_platform_or_already_told_is_not_told_so(stage, case):
    with refused("只有平台无法自动分派的企业", "task"):
        stage.tell(stage.accepted())
    stage.tell(case)
    with refused("现为“已复印、传真告知”", "task"):
        stage.tell(case)


def test_at_the_wrong_time_nobody_is_told(stage, case):
    stage.decided(case=case, without_reply_because="企业已注销")
    with refused("只有“调查处理”时才可以"):
        stage.tell(case)


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"channel": "telephone"}, "请选择复印或传真", "channel"),
        ({"address": " "}, "不能为空", "address"),
        ({"files": []}, "请上传告知的凭证", "files"),
        ({"task_id": uuid4()}, "请选择本案的一家被投诉企业", "task"),
    ],
)
def test_what_is_missing_is_named(stage, case, changes, said, field):
    with refused(said, field):
        stage.tell(case, **changes)


@pytest.mark.parametrize("days", [-1, 1])
def test_nobody_is_told_before_acceptance_or_tomorrow(stage, case, days):
    with refused("告知时间应在2026-03-02受理之后", "told_at"):
        stage.tell(case, told_at=stage.early() + timedelta(days=days))


def test_the_same_form_twice_tells_once(stage, case):
    key = uuid4()
    stage.tell(case, act_key=key)
    with pytest.raises(AlreadyDone):
        stage.tell(case, act_key=key)
    assert CompanyTelling.objects.count() == 1


# The company joins meanwhile


def joined(stage, company):
    user = User.objects.create_user("xinlai", full_name="辛来")
    join(user.pk, Role.COMPANY_USER, on=stage.day, by=stage.cast.head.actor, company_id=company.pk)
    return take_over_online()


def registered(stage, name="街角小中介"):
    return register_company(
        name=name,
        kinds=["brokerage"],
        district="110105",
        jurisdictions=["beijing"],
        by=stage.cast.clerk.actor,
    )


@pytest.mark.parametrize("already_told", [False, True])
def test_a_company_that_joins_goes_on_online_with_its_own_clock(stage, case, already_told):
    if already_told:
        stage.tell(case)
    assert take_over_online() == 0
    company = registered(stage)
    stage.later(1)
    assert joined(stage, company) == 1
    task = stage.task(case)
    assert (task.company_id, task.state, task.told_on) == (company.pk, "notified", None)
    assert (task.due_on, term("company_reply").starts_on) == (date(2026, 3, 6), stage.day)
    assert [row["id"] for row in enterprise_desk(company.pk)] == [task.pk]
    assert Notice.objects.filter(to_company=company).exists()
    if already_told:
        assert term().state == "cancelled"
        assert CompanyTelling.objects.filter(task=task).exists()
    assert take_over_online() == 0


def test_what_was_missed_on_paper_stays_missed_when_the_company_joins(stage, case):
    stage.tell(case)
    stage.day = date(2026, 3, 9)
    run_clock()
    joined(stage, registered(stage))
    assert (term().state, term().missed_on) == ("cancelled", date(2026, 3, 6))
    assert term("company_reply").state == "running"


def test_a_company_that_is_asked_twice_in_a_case_or_too_late_is_left(stage):
    Company.objects.filter(pk=stage.cast.other_company.pk).update(on_platform=False)
    case = stage.accepted(respondents=[Respondent(stage.cast.other_company.pk, "")])
    stage.decided(case=case, without_reply_because="停业")
    Company.objects.filter(pk=stage.cast.other_company.pk).update(on_platform=True)
    assert take_over_online() == 0
    assert CompanyTask.objects.get(case_id=case.pk).closed_because == "停业"


def test_off_the_platform_the_company_has_no_desk(stage):
    Company.objects.filter(pk=stage.cast.other_company.pk).update(on_platform=False)
    case = stage.accepted(respondents=[Respondent(stage.cast.other_company.pk, "")])
    stage.tell(case)
    task = stage.task(case)
    assert enterprise_desk(stage.cast.other_company.pk) == []
    assert task_for(stage.cast.other_company.pk, task.pk) is None
