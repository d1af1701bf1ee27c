"""Return and refusal (二(三)): proposed by one, decided by another, and where the case stands then."""

from uuid import uuid4

import pytest

from fangxin.cases.actions import (
    approve_proposal,
    dispatch_case,
    propose_refusal,
    reject_proposal,
    reply_to_task,
)
from fangxin.cases.models import CompanyTask, Hop, Proposal
from fangxin.cases.queries import proposals_of
from fangxin.complaints.models import Progress
from fangxin.complaints.queries import follow_complaint
from fangxin.deadlines.models import Deadline
from fangxin.journal.actions import AlreadyDone
from fangxin.notices.models import Notice
from fangxin.organisations.models import Body, Company
from fangxin.organisations.roles import Role
from fangxin.rules import book
from tests.cast import member
from tests.stage import refused

pytestmark = pytest.mark.django_db


def approved(stage, case, by=None, opinion="同意", **more):
    return approve_proposal(case.pk, opinion=opinion, by=by or stage.cast.head, **more)


# Proposing


@pytest.mark.parametrize("kind", ["return", "refusal"])
def test_a_proposal_waits_for_the_head_and_the_clock_runs_on(stage, kind):
    case = stage.propose(kind, stage.accepted(), stage.cast.officer)
    assert case.status == f"{kind}_proposed"
    assert set(Deadline.objects.values_list("state", flat=True)) == {"running"}
    assert Notice.objects.filter(to_body=case.handling_body, title__contains="请部门领导审批").exists()
    proposal = proposals_of(case.pk)[0]
    assert (proposal["kind"], proposal["approved"], proposal["proposed_by__full_name"]) == (
        kind,
        None,
        "陈涛",
    )


@pytest.mark.parametrize(
    ("changes", "said", "field"),
    [
        ({"reason": " "}, "不能为空", "reason"),
        ({"reason": "因" * 1001}, "不得超过1000字，现有1001字", "reason"),
        ({"reason_code": "out_of_scope"}, "请在列表中选择一项理由", "reason_code"),
        ({"reason_code": ""}, "请在列表中选择一项理由", "reason_code"),
    ],
)
def test_a_reason_of_the_list_and_words_for_it_are_asked_for(stage, changes, said, field):
    case = stage.dispatched()
    with refused(said, field):
        propose_refusal(
            case.pk, **{"reason_code": "no_facts", "reason": "无事实", "by": stage.cast.clerk, **changes}
        )


def test_the_same_proposal_sent_twice_is_one(stage):
    case, key = stage.dispatched(), uuid4()
    asked = {"reason_code": "no_facts", "reason": "无事实", "by": stage.cast.clerk, "act_key": key}
    propose_refusal(case.pk, **asked)
    with pytest.raises(AlreadyDone):
        propose_refusal(case.pk, **asked)
    with refused("不能拟回退：案件现为“不予受理待批”"):
        stage.propose("return", case)


# Approving


def test_a_returned_case_is_with_its_sender_and_nothing_of_it_runs(stage):
    case = stage.accepted()
    back = approved(stage, stage.propose("return", case))
    assert (back.status, back.holder.code) == ("registered", "city.research_centre")
    assert (back.handling_body, back.officer, back.due_on, back.accepted_on) == (None, None, None, None)
    assert back.returned_times == 1
    assert set(Deadline.objects.values_list("state", flat=True)) == {"cancelled"}
    assert CompanyTask.objects.get(case_id=case.pk).state == "closed"
    assert Hop.objects.filter(case=case).latest("pk").kind == "return"
    assert Progress.objects.filter(complaint=case.complaint, title="重新分派").exists()
    assert (
        dispatch_case(case.pk, link="brokerage", district="110105", by=stage.cast.dispatcher).status
        == "dispatched"
    )


def test_a_case_of_a_districts_queue_goes_back_to_that_queue(stage):
    from fangxin.cases.actions import register_case
    from fangxin.cases.models import Case
    from fangxin.complaints.actions import Grievance
    from fangxin.complaints.complainant import Identity

    sorter = stage.at("district.110105.market", Role.DISPATCHER)
    receipt = register_case(Grievance(title="信访", text="乱收费"), Identity(), source="district", by=sorter)
    case = Case.objects.get(number=receipt.number)
    dispatch_case(case.pk, link="brokerage", district="", by=sorter)
    back = approved(stage, stage.propose("return", case))
    assert (back.status, back.holder_id, back.sorting_body_id) == (
        "registered",
        sorter.body_id,
        sorter.body_id,
    )


def test_what_was_answered_before_a_return_is_answered(stage):
    case = stage.answered()
    approved(stage, stage.propose("return", case))
    task = stage.task(case)
    assert task.state == "accepted"
    with refused("已由经办部门处理"):
        reply_to_task(task.pk, answers=["补充"], by=stage.cast.company_user)


def test_a_company_never_reached_owes_nothing_after_a_return(stage):
    Company.objects.filter(pk=stage.cast.company.pk).update(on_platform=False)
    case = stage.accepted()
    approved(stage, stage.propose("return", case))
    assert stage.task(case).state == "closed"


def test_a_refused_case_has_ended_and_its_author_is_told(stage):
    case = stage.accepted()
    ended = approved(stage, stage.propose("refusal", case))
    assert (ended.status, ended.closed_on, ended.due_on) == ("refused", stage.day, None)
    assert ended.has_ended
    assert not Deadline.objects.filter(state="running").exists()
    assert Progress.objects.filter(complaint=case.complaint, title="不予受理").exists()
    assert Notice.objects.filter(to_complainant_of=case.complaint_id, title__contains="新的进展").exists()


@pytest.mark.parametrize("reason", book("beijing").refusal_reasons, ids=lambda reason: reason.key)
def test_the_author_reads_the_chosen_reason_and_the_way_on_and_nothing_the_officers_wrote(stage, reason):
    case = stage.dispatched()
    propose_refusal(case.pk, reason_code=reason.key, reason="此人多次来电", by=stage.cast.clerk)
    approved(stage, case, opinion="不必再理")
    told = follow_complaint(stage.receipt.number, stage.receipt.secret)["progress"][-1]
    assert told["title"] == "不予受理"
    assert f"理由：{reason.title}。" in told["text"]
    assert reason.way_on in told["text"]
    assert "多次来电" not in str(told)
    assert "不必再理" not in str(told)


def test_the_heads_opinion_is_asked_for_and_kept(stage):
    case = stage.return_proposed()
    for opinion, said in ((" ", "不能为空"), ("好" * 1001, "不得超过1000字")):
        with refused(said, "opinion"):
            approved(stage, case, opinion=opinion)
        with refused(said, "opinion"):
            reject_proposal(case.pk, opinion=opinion, by=stage.cast.head)
    approved(stage, case, opinion="确非本部门职责")
    decided = Proposal.objects.get()
    assert (decided.approved, decided.opinion) == (True, "确非本部门职责")
    assert decided.decided_at is not None


def test_nothing_is_decided_where_nothing_was_proposed(stage):
    with refused("没有等待批准的"):
        approved(stage, stage.dispatched())


def test_the_same_approval_sent_twice_is_one(stage):
    case, key = stage.return_proposed(), uuid4()
    approved(stage, case, act_key=key)
    with pytest.raises(AlreadyDone):
        approved(stage, case, act_key=key)


# Four eyes (TVX-18)


@pytest.mark.parametrize("decide", [approve_proposal, reject_proposal])
def test_a_proposer_who_has_become_head_does_not_decide(stage, decide):
    case = stage.return_proposed()
    promoted = member("wangfang", "王芳", Role.DEPARTMENT_HEAD, Body.objects.get(pk=stage.cast.clerk.body_id))
    assert promoted.user_id == stage.cast.clerk.user_id
    with refused("批准人不得是提出人本人"):
        decide(case.pk, opinion="同意", by=promoted)
    assert approved(stage, case).status == "registered"


def test_a_head_who_is_also_clerk_does_not_approve_in_the_second_seat(stage):
    clerk_too = member(
        "zhaogang", "赵刚", Role.DEPARTMENT_CLERK, Body.objects.get(pk=stage.cast.head.body_id)
    )
    case = stage.propose("refusal", stage.dispatched(), clerk_too)
    with refused("批准人不得是提出人本人"):
        approved(stage, case)


def test_a_head_of_another_department_decides_nothing(stage):
    with refused("须由本案经办部门办理"):
        approved(stage, stage.return_proposed(), stage.at("district.110106.brokerage", Role.DEPARTMENT_HEAD))


# Rejecting


@pytest.mark.parametrize("before", ["dispatched", "investigating"])
@pytest.mark.parametrize("kind", ["return", "refusal"])
def test_a_rejected_proposal_leaves_the_case_where_it_stood(stage, before, kind):
    case = stage.propose(kind, getattr(stage, before)())
    due = case.due_on
    back = reject_proposal(case.pk, opinion="属于本部门", by=stage.cast.head)
    assert (back.status, back.due_on) == (before, due)
    assert Proposal.objects.get().approved is False
    assert Notice.objects.filter(to_user_id=stage.cast.clerk.user_id, title__contains="未批准").exists()
    # And may be proposed once more.
    assert stage.propose(kind, back).status == f"{kind}_proposed"
