"""告知投诉人 (二(六)1、2)."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import dispatch_case, register_case, tell_complainant
from fangxin.cases.models import Case
from fangxin.complaints.actions import Grievance
from fangxin.complaints.complainant import Identity
from fangxin.complaints.queries import follow_complaint
from fangxin.journal.actions import AlreadyDone
from fangxin.notices.models import Notice
from fangxin.organisations.roles import Role
from tests.stage import refused

pytestmark = pytest.mark.django_db


def told(stage, case, how="directly", text="定金已退还。", by=None, **more):
    return tell_complainant(case.pk, told_how=how, text=text, by=by or stage.cast.officer, **more)


def found_by_the_department(stage):
    """A case that nobody complained about, decided."""
    receipt = register_case(
        Grievance(title="巡查", text="虚假房源"), Identity(), source="routine", by=stage.cast.clerk,
        keep_link="brokerage",
    )  # fmt: skip
    case = stage.accepted(Case.objects.get(number=receipt.number))
    return stage.decided(case=stage.answered(case))


@pytest.mark.parametrize("how", ["directly", "by_company"])
def test_the_author_reads_the_result_and_the_case_waits_for_its_call_back(stage, how):
    case = told(stage, stage.decided(), how, " 定金已退还。 ")
    assert (case.status, case.handled_on, case.due_on) == ("handled", stage.day, None)
    followed = follow_complaint(stage.receipt.number, stage.receipt.secret)
    assert (followed["progress"][-1]["title"], followed["progress"][-1]["text"]) == (
        "办理结果",
        "定金已退还。",
    )
    assert Notice.objects.filter(to_complainant_of=case.complaint_id, title__contains="已有办理结果").exists()


def test_a_civil_dispute_may_be_left_untold_for_a_reason(stage):
    case = stage.decided("civil_dispute")
    with refused("请说明理由", "reason"):
        told(stage, case, "not_told", "")
    moved = told(stage, case, "not_told", "", reason="投诉人要求不再联系")
    assert moved.status == "handled"
    assert not Notice.objects.filter(to_complainant_of=case.complaint_id, title__contains="办理结果").exists()


@pytest.mark.parametrize(
    ("how", "text", "said", "field"),
    [
        ("not_told", "", "只有民事纠纷可以不告知", "told_how"),
        ("not_applicable", "", "本案有投诉人", "told_how"),
        ("", "结果", "请选择告知方式", "told_how"),
        ("by_pigeon", "结果", "请选择告知方式", "told_how"),
        ("directly", "　", "不能为空", "text"),
        ("directly", "长" * 4001, "不得超过4000字，现有4001字", "text"),
    ],
)
def test_the_choice_and_the_facts_agree(stage, how, text, said, field):
    case = stage.decided()
    with refused(said, field):
        told(stage, case, how, text, reason="理由")


def test_where_nobody_complained_there_is_nobody_to_tell(stage):
    case = found_by_the_department(stage)
    with refused("本案没有投诉人", "told_how"):
        told(stage, case)
    assert told(stage, case, "not_applicable", "").status == "handled"
    assert not Notice.objects.exclude(to_complainant_of=None).exists()


def test_whoever_complained_without_a_name_can_be_told_on_the_follow_page(stage):
    case = stage.registered(identity={})
    dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher)
    stage.accepted(case)
    assert told(stage, stage.decided(case=stage.answered(case))).status == "handled"


def test_a_violation_without_an_order_is_not_told_away(stage):
    with refused("不能告知投诉人：案件现为“待责令整改”"):
        told(stage, stage.awaiting_order())


def test_another_officer_of_the_department_does_not_tell(stage):
    with refused("须由本案经办人本人办理"):
        told(stage, stage.decided(), by=stage.at("district.110105.brokerage", Role.CASE_OFFICER))


def test_the_same_form_sent_twice_is_told_once(stage):
    case, key = stage.decided(), uuid4()
    told(stage, case, act_key=key)
    with pytest.raises(AlreadyDone):
        told(stage, case, act_key=key)
