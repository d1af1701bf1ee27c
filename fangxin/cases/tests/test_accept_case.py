"""受理 (二(三)), and with it the sending to the companies (二(四)): the approved words and nothing else."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import accept_case, approve_proposal, dispatch_case, reopen_refused
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import CompanyTask
from fangxin.complaints.models import Progress
from fangxin.deadlines.models import Deadline
from fangxin.journal.actions import AlreadyDone
from fangxin.journal.models import Entry
from fangxin.notices.models import Notice
from fangxin.organisations.models import Company, CompanyName
from fangxin.organisations.refusals import SomebodyWasFirst
from fangxin.organisations.roles import Role
from tests.stage import MONDAY, refused

pytestmark = pytest.mark.django_db


def test_ten_working_days_for_the_department_and_three_for_each_company(stage):
    both = [Respondent(stage.cast.company.pk, ""), Respondent(stage.cast.other_company.pk, "")]
    case = stage.accepted(respondents=both, project_name="望京花园")
    assert (case.status, case.officer_id, case.accepted_on) == (
        "investigating", stage.cast.officer.user_id, MONDAY,
    )  # fmt: skip
    assert case.due_on.isoformat() == "2026-03-16"
    tasks = CompanyTask.objects.filter(case_id=case.pk)
    assert {task.company_id for task in tasks} == {stage.cast.company.pk, stage.cast.other_company.pk}
    assert {task.due_on.isoformat() for task in tasks} == {"2026-03-05"}
    assert {task.state for task in tasks} == {"notified"}
    assert {task.project_name for task in tasks} == {"望京花园"}
    handling = Deadline.objects.get(rule_key="handling_opinion")
    assert (handling.owner_body_id, handling.owner_user_id) == (case.handling_body_id, case.officer_id)
    assert Deadline.objects.filter(rule_key="company_reply").count() == 2
    assert Notice.objects.filter(to_company=stage.cast.other_company).count() == 1
    assert Progress.objects.get(complaint=case.complaint, title="已受理").due_on == case.due_on


def test_a_company_reads_the_approved_summary_and_not_the_citizens_words(stage):
    case = stage.dispatched(text="我叫张敏，电话13800138000", project_name="望京花园3号楼501")
    task = stage.task(stage.accepted(case))
    assert task.summary == "投诉人反映贵公司不退定金。"
    assert task.project_name == ""
    assert "张敏" not in str(Entry.objects.filter(subject_id=str(case.pk)).values_list("summary", "details"))


def test_a_company_that_is_not_on_the_platform_gets_a_task_without_a_clock(stage):
    Company.objects.filter(pk=stage.cast.other_company.pk).update(on_platform=False)
    case = stage.accepted(
        respondents=[Respondent(stage.cast.other_company.pk, ""), Respondent(None, "街角小中介")]
    )
    tasks = CompanyTask.objects.filter(case_id=case.pk)
    assert {task.company_name for task in tasks} == {stage.cast.other_company.name, "街角小中介"}
    assert {(task.state, task.due_on) for task in tasks} == {("unreached", None)}
    assert not Deadline.objects.filter(rule_key="company_reply").exists()
    assert not Notice.objects.exclude(to_company=None).exists()


def test_a_company_named_twice_is_asked_once(stage):
    company = stage.cast.company
    CompanyName.objects.create(company=company, name="诚信置业", until_on=MONDAY)
    case = stage.accepted(
        respondents=[
            Respondent(company.pk, company.name), Respondent(company.pk, ""), Respondent(None, company.name),
            Respondent(None, " 诚信置业 "), Respondent(None, "街角小中介"), Respondent(None, " 街角小中介"),
        ]
    )  # fmt: skip
    names = CompanyTask.objects.filter(case_id=case.pk).values_list("company_name", flat=True)
    assert sorted(names) == sorted([company.name, "街角小中介"])


def test_each_sending_is_a_round_of_its_own(stage):
    case = stage.accepted()
    stage.propose("return", case)
    approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    stage.accepted(case)
    stage.propose("refusal", case, stage.cast.officer)
    approve_proposal(case.pk, opinion="同意", by=stage.cast.head)
    reopen_refused(case.pk, reason="有新材料", by=stage.cast.dispatcher)
    dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    stage.accepted(case)
    assert sorted(CompanyTask.objects.filter(case_id=case.pk).values_list("round", "state")) == [
        (1, "closed"), (2, "closed"), (3, "notified"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"summary": " "}, "请核定转办摘要", "summary"),
        ({"summary": "长" * 4001}, "不得超过4000字，现有4001字", "summary"),
        ({"points": []}, "至少列出一个", "points"),
        ({"points": [" ", ""]}, "至少列出一个", "points"),
        ({"points": ["问"] * 21}, "最多20个，现有21个", "points"),
        ({"points": ["一", "问" * 301]}, "第2个问题不得超过300字，现有301字", "points"),
        ({"respondents": []}, "至少列出一家", "respondents"),
        ({"respondents": [Respondent(None, " ")]}, "企业名称：不能为空", "respondents"),
        ({"respondents": [Respondent(None, "某" * 201)]}, "不得超过200字，现有201字", "respondents"),
        ({"respondents": [Respondent(99_999_999, "")]}, "不在登记册中", "respondents"),
        ({"project_name": "园" * 201}, "项目名称不得超过200字", "project_name"),
        ({"officer_id": 99_999_999}, "请在本部门的经办人中选择", "officer"),
    ],
)
def test_what_is_missing_or_too_long_is_named(stage, changes, said, field):
    case = stage.dispatched()
    with refused(said, field):
        stage.accepted(case, **changes)


def test_the_longest_that_fits_is_taken_whole(stage):
    points = ["问" * 300] * 20
    case = stage.accepted(summary="𠮷㛃😀" + "长" * 3997, points=points)
    task = stage.task(case)
    assert task.summary.startswith("𠮷㛃😀")
    assert (len(task.summary), task.points) == (4000, points)


def test_an_officer_of_another_department_is_refused(stage):
    stranger = stage.at("district.110106.brokerage", Role.CASE_OFFICER)
    with refused("请在本部门的经办人中选择", "officer"):
        stage.accepted(officer_id=stranger.user_id)


def test_the_clerk_of_another_department_does_not_accept(stage):
    with refused("须由本案经办部门办理"):
        stage.accepted(by=stage.cast.other_clerk)


def test_two_clerks_at_one_version_the_second_reads_who_was_first(stage):
    case = stage.dispatched()
    stage.accepted(case, turn=case.turn)
    said = "已由王芳（.*部门专人）办理“受理，批准转办摘要”，现为“调查处理”"
    with refused(said, error=SomebodyWasFirst):
        stage.accepted(case, turn=case.turn)


def test_the_same_form_sent_twice_sends_nothing_twice(stage):
    case, key = stage.dispatched(), uuid4()
    stage.accepted(case, act_key=key)
    with pytest.raises(AlreadyDone):
        stage.accepted(case, act_key=key)
    assert CompanyTask.objects.filter(case_id=case.pk).count() == 1


def test_a_case_that_is_not_there_is_not_accepted(stage):
    with refused("没有这件案件"):
        accept_case(uuid4(), officer_id=1, summary="摘要", points=["问"], respondents=[], by=stage.cast.clerk)
