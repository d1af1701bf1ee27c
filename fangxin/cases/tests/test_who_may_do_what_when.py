"""Every step, at every point of the way, by everybody: what the text allows happens, the rest is refused in words."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from fangxin.cases import actions
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import Case, CompanyTask, SupervisionOrder, Urging
from fangxin.cases.queries import OF_AN_ORDER, next_actors, steps_for
from fangxin.cases.workflow import STATUS_TITLES, STEPS, Status
from fangxin.deadlines.actions import Owner, start_deadline
from fangxin.investigations import actions as investigations
from fangxin.investigations.models import RectificationOrder
from fangxin.organisations.models import Company
from fangxin.organisations.refusals import ActRefused
from tests.stage import paper

PEOPLE = (
    "dispatcher", "hub", "clerk", "officer", "head", "supervisor", "emergency", "other_clerk",
    "company_user", "other_company_user",
)  # fmt: skip

# The law, written down once more by hand: who may take which step where.
ALLOWED = {
    "registered": {"dispatch_case": {"dispatcher"}},
    "at_hub": {"forward_from_hub": {"hub"}},
    "dispatched": {
        "accept_case": {"clerk"}, "propose_return": {"clerk", "officer"}, "propose_refusal": {"clerk", "officer"},
    },
    "return_proposed": {"approve_return": {"head"}, "reject_proposal": {"head"}},
    "refusal_proposed": {"approve_refusal": {"head"}, "reject_proposal": {"head"}},
    "investigating": {
        "reassign_officer": {"clerk", "head"}, "propose_return": {"clerk", "officer"},
        "propose_refusal": {"clerk", "officer"}, "submit_opinion": {"officer"},
        "tell_company": {"clerk", "officer"}, "register_reply": {"clerk", "officer"}, "ask_again": {"officer"},
        "record_rectification": {"officer"}, "ask_extension": {"officer"}, "urge_company": {"clerk", "officer"},
        "record_answer": {"clerk", "officer"},
    },
    "awaiting_order": {
        "reassign_officer": {"clerk", "head"}, "order_rectification": {"head"}, "record_rectification": {"officer"},
    },
    "rectifying": {
        "reassign_officer": {"clerk", "head"}, "check_rectification": {"officer"},
        "register_report": {"clerk", "officer"}, "record_rectification": {"officer"},
        "urge_company": {"clerk", "officer"}, "record_answer": {"clerk", "officer"},
    },
    "awaiting_telling": {
        "reassign_officer": {"clerk", "head"}, "tell_complainant": {"officer"}, "record_rectification": {"officer"},
    },
    "handled": {"record_callback": {"supervisor"}, "record_rectification": {"officer"}},
    "closed": {"reopen_case": {"supervisor"}},
    "refused": {"reopen_refused": {"dispatcher"}},
}  # fmt: skip


def act(stage, verb, case, by):
    """The step with everything it asks for."""
    cast = stage.cast
    match verb:
        case "dispatch_case":
            return actions.dispatch_case(case.pk, link="brokerage", district="110105", by=by)
        case "forward_from_hub":
            return actions.forward_from_hub(case.pk, district="110105", by=by)
        case "accept_case":
            return actions.accept_case(
                case.pk, officer_id=cast.officer.user_id, summary="摘要", points=["为何？"],
                respondents=[Respondent(cast.company.pk, "")], by=by,
            )  # fmt: skip
        case "reassign_officer":
            return actions.reassign_officer(case.pk, officer_id=cast.officer.user_id, reason="轮换", by=by)
        case "propose_return" | "propose_refusal":
            return stage.propose(verb.removeprefix("propose_"), case, by)
        case "approve_return" | "approve_refusal":
            return actions.approve_proposal(case.pk, opinion="同意", by=by)
        case "reject_proposal":
            return actions.reject_proposal(case.pk, opinion="继续办理", by=by)
        case "reopen_refused":
            return actions.reopen_refused(case.pk, reason="有新材料", by=by)
        case "issue_supervision":
            return _moved(
                case, lambda: actions.issue_supervision(case.pk, company_id=None, text="请加快", by=by)
            )
        case "acknowledge_supervision":
            order = _supervision(stage, case, "issued")
            return _moved(case, lambda: actions.acknowledge_supervision(case.pk, order_id=order, by=by))
        case "answer_supervision":
            order = _supervision(stage, case, "issued")
            return _moved(
                case, lambda: actions.answer_supervision(case.pk, order_id=order, answer="在办", by=by)
            )
        case "close_supervision":
            order = _supervision(stage, case, "answered")
            return _moved(case, lambda: actions.close_supervision(
                case.pk, order_id=order, suffices=True, conclusion="同意", by=by
            ))  # fmt: skip
        case "explain_delay" | "report_delay":
            return getattr(actions, verb)(case.pk, reason="案情复杂", by=by)
        case "urge_department":
            return _moved(case, lambda: actions.urge_department(
                case.pk, kind="urge", channel="telephone", addressee="陈涛", text="请加快", by=by
            ))  # fmt: skip
        case "ask_extension":
            until = stage.day + timedelta(days=90)
            return _moved(case, lambda: actions.ask_extension(case.pk, until=until, reason="复杂", by=by))
        case "decide_extension":
            return actions.decide_extension(case.pk, approved=True, opinion="同意", by=by)
        case "urge_company":
            return _moved(case, lambda: actions.urge_company(
                case.pk, task_id=_task(case), channel="telephone", addressee="马经理", text="请回复", by=by
            ))  # fmt: skip
        case "record_answer":
            Urging.objects.create(
                case=case, number=1, kind="urge", channel="telephone", addressee="马", text="请回复", on=stage.day,
                by_body_id=cast.clerk.body_id, by_user_id=cast.clerk.user_id,
            )  # fmt: skip
            return _moved(case, lambda: actions.record_answer(case.pk, number=1, answer="明日回复", by=by))
        case "tell_company":
            return _moved(case, lambda: stage.tell(case, task_id=_task(case, state="unreached"), by=by))
        case "register_reply":
            return _moved(case, lambda: stage.on_paper(case, task_id=_task(case), by=by))
        case "ask_again":
            task, points = _task(case, state="replied"), ["定金为何不退？"]
            return _moved(
                case, lambda: actions.ask_again(case.pk, task_id=task, points=points, reason="不全", by=by)
            )
        case "record_rectification":
            task = _task(case, told_on=stage.day)
            start_deadline(
                "offline_rectification", jurisdiction="beijing", subject_kind="task", subject_id=task,
                matter_id=case.pk, owner=Owner(),
            )  # fmt: skip
            return _moved(case, lambda: actions.record_rectification(
                case.pk, task_id=task, text="已退", done_on=stage.day, files=[paper()], by=by
            ))  # fmt: skip
        case "register_report":
            order = RectificationOrder.objects.filter(case_id=case.pk).first()
            Company.objects.filter(pk=cast.company.pk).update(on_platform=False)
            return _moved(case, lambda: investigations.register_report(
                case.pk, order_id=order.pk if order else uuid4(), kind="result", text="已改", by_name="马经理",
                received_on=stage.day, files=[paper()], by=by,
            ))  # fmt: skip
        case "submit_opinion":
            return stage.decided("violation", case, by=by, without_reply_because="企业未复")
        case "order_rectification":
            task = CompanyTask.objects.filter(case_id=case.pk).first()
            return stage.rectifying(case, by=by, task_ids=[task.pk if task else uuid4()])
        case "check_rectification":
            order = RectificationOrder.objects.filter(case_id=case.pk).first()
            return investigations.check_rectification(
                case.pk, order_id=order.pk if order else uuid4(), accepted=True, opinion="到位", by=by
            )
        case "tell_complainant":
            return actions.tell_complainant(case.pk, told_how="directly", text="结果", by=by)
        case "record_callback":
            return actions.record_callback(
                case.pk, contacted=True, solved="solved", satisfaction="satisfied", comment="", by=by
            )
        case "reopen_case":
            return actions.reopen_case(case.pk, reason="不满意", by=by)


def _task(case, **standing):
    """The first company's task, made to stand so."""
    tasks = CompanyTask.objects.filter(case_id=case.pk)
    if standing:
        tasks.update(**standing)
    task = tasks.first()
    return task.pk if task else uuid4()


def _supervision(stage, case, state):
    """An order to the department of the case, standing so."""
    order = SupervisionOrder.objects.create(
        case_id=case.pk, case_number=case.number, number=str(uuid4()), body_id=stage.cast.clerk.body_id, text="请加快",
        state=state, issued_by_id=stage.cast.supervisor.user_id, issued_on=stage.day, due_on=stage.day,
    )  # fmt: skip
    return order.pk


def _moved(case, do):
    do()
    return Case.objects.get(pk=case.pk)


def stands_at(stage, status):
    if status == "closed":
        return stage.closed("dissatisfied")
    return stage.handed_in() if status == "rectifying" else getattr(stage, status)()


# 督办 (二(七)), from the sending to a department until the call-back is done.
DEPARTMENT = {"clerk", "officer", "head"}
for _status in ("dispatched", "investigating", "awaiting_order", "rectifying", "awaiting_telling", "handled"):
    ALLOWED[_status] |= {
        "issue_supervision": {"supervisor"}, "acknowledge_supervision": DEPARTMENT, "answer_supervision": DEPARTMENT,
        "close_supervision": {"supervisor"},
    }  # fmt: skip


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_only_what_the_text_allows_happens(stage, status):
    case = stands_at(stage, status)
    assert case.status == status
    happened: dict[str, set[str]] = {}
    for step in STEPS:
        # One act decides both proposals, so that nobody can approve the one as the other.
        if (
            status.endswith("_proposed")
            and step.verb.startswith("approve_")
            and step.verb not in ALLOWED[status]
        ):
            continue
        for who in PEOPLE:
            person = getattr(stage.cast, who)
            point = transaction.savepoint()
            try:
                moved = act(stage, step.verb, case, person)
            except ActRefused:
                assert stage.case(case).turn == case.turn
            else:
                happened.setdefault(step.verb, set()).add(who)
                assert moved.status in set(step.to.values())
                assert stage.case(case).status == moved.status
            transaction.savepoint_rollback(point)
    assert happened == ALLOWED[status]


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_the_buttons_are_the_steps_and_the_others_are_named(stage, status):
    case = stands_at(stage, status)
    offered: dict[str, set[str]] = {}
    for who in PEOPLE:
        for step in steps_for(case, getattr(stage.cast, who)):
            offered.setdefault(step.verb, set()).add(who)
    # No supervision order stands on any of these cases.
    allowed = {verb: people for verb, people in ALLOWED[status].items() if verb not in OF_AN_ORDER}
    assert offered == allowed
    titles = {line.partition("：")[2] for line in next_actors(case)}
    assert titles == {step.title for step in STEPS if step.verb in allowed}
    assert STATUS_TITLES[Status(case.status)]
