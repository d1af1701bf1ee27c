"""Every step, at every point of the way, by everybody: what the text allows happens, the rest is refused in words."""

from uuid import uuid4

import pytest
from django.db import transaction

from fangxin.cases import actions
from fangxin.cases.actions.handling import Respondent
from fangxin.cases.models import CompanyTask
from fangxin.cases.queries import next_actors, steps_for
from fangxin.cases.workflow import STATUS_TITLES, STEPS, Status
from fangxin.investigations import actions as investigations
from fangxin.investigations.models import RectificationOrder
from fangxin.organisations.refusals import ActRefused

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
    },
    "awaiting_order": {"reassign_officer": {"clerk", "head"}, "order_rectification": {"head"}},
    "rectifying": {"reassign_officer": {"clerk", "head"}, "check_rectification": {"officer"}},
    "awaiting_telling": {"reassign_officer": {"clerk", "head"}, "tell_complainant": {"officer"}},
    "handled": {"record_callback": {"supervisor"}},
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


def stands_at(stage, status):
    if status == "closed":
        return stage.closed("dissatisfied")
    return stage.handed_in() if status == "rectifying" else getattr(stage, status)()


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
    assert offered == ALLOWED[status]
    titles = {line.partition("：")[2] for line in next_actors(case)}
    assert titles == {step.title for step in STEPS if step.verb in ALLOWED[status]}
    assert STATUS_TITLES[Status(case.status)]
