"""Fifteen days without feedback: the platform finds it, a person judges it (二（三）, AMB-20, AMB-46)."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from fangxin.credit.actions import Conduct, draft_by_itself
from fangxin.deadlines.clock import today
from fangxin.journal.actions import claim_act
from fangxin.journal.actors import Actor
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.process import NEW, Standing
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.redress.actions.steps import expect_turn, journal_step, take_step
from fangxin.redress.models import AgencyComplaint, LateFeedback, Transfer
from fangxin.redress.standing import standing
from fangxin.redress.workflow import AFTER_WAITING, CLOCK, LATENESS
from fangxin.rules import book

LONGEST = 1000
SOURCE = "late_feedback"


def late_transfers(on: date) -> Q:
    """Which transfers were not answered by their day, as of `on`."""
    return Q(answered_on=None, due_on__lt=on) | Q(answered_on__gt=F("due_on"))


def find_late_feedback(on: date | None = None) -> int:
    """Every transfer whose day passed without feedback has a finding that waits for a person; returns how many."""
    day = on or today()
    late = Transfer.objects.filter(late_transfers(day), lateness=None)
    return sum(_find(pk, day) for pk in list(late.values_list("pk", flat=True)))


@transaction.atomic
def _find(transfer_id: UUID, day: date) -> int:
    # Locked first: the agency may answer in the same second.
    transfer = (
        Transfer.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("complaint")
        .filter(late_transfers(day), pk=transfer_id, lateness=None)
        .first()
    )
    if transfer is None:
        return 0
    step, after = LATENESS.find_step("find_late", Standing(NEW, Role.SYSTEM, frozenset({CLOCK})))
    LateFeedback.objects.create(transfer=transfer, state=after, found_on=day)
    journal_step(
        LATENESS, step, transfer.complaint, by=Actor.system("时钟"),
        details={"after": after, "due_on": transfer.due_on.isoformat()},
    )  # fmt: skip
    send_notice(
        title=f"投诉 {transfer.number} 逾期未反馈，请判断有无正当理由", matter_id=transfer.complaint_id,
        to_body_id=transfer.complaint.body_id,
    )  # fmt: skip
    send_notice(
        title=f"投诉 {transfer.number} 的反馈已逾期，请尽快反馈并说明理由", matter_id=transfer.pk,
        to_company_id=transfer.company_id,
    )  # fmt: skip
    return 1


@transaction.atomic
def judge_lateness(
    complaint_id: UUID,
    *,
    verdict: str,
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> LateFeedback:
    """With good reason, the matter is closed; without, a bad record is drafted, which another official must enter.

    Never further by itself: it is told, waits ten days and is released by people (四（四）). While there is no feedback,
    it is not waited for any longer. `turn` is the lateness's own.
    """
    claim_act(act_key, "judge_lateness", LATENESS.name, str(complaint_id))
    complaint = (
        AgencyComplaint.objects.select_for_update(of=("self",))
        .select_related("agency", "body")
        .filter(pk=complaint_id)
        .first()
    )
    found = (
        LateFeedback.objects.select_for_update(of=("self",))
        .select_related("transfer")
        .filter(transfer__complaint_id=complaint_id)
        .first()
    )
    if complaint is None or found is None:
        raise ActRefused("没有这项逾期，或者您无权办理。")
    expect_turn(turn, found.turn, LATENESS.states[found.state])
    before = found.state
    step, after = LATENESS.find_step("judge_lateness", standing(complaint, by, before), verdict)
    found.reason = fields.text(reason, "判断的理由", LONGEST, "reason")
    found.state, found.turn, found.judged_by_id, found.judged_on = after, found.turn + 1, by.user_id, today()
    if after == "unjustified" and complaint.agency is not None:
        found.record = draft_by_itself(
            complaint.agency, _conduct(complaint, found.transfer), judged_by_id=by.user_id
        )
    found.save()
    journal_step(
        LATENESS, step, complaint, by=by.actor, act_key=act_key,
        details={"before": before, "after": after, "record": found.record_id},
    )  # fmt: skip
    if complaint.state in AFTER_WAITING:
        take_step(complaint, "end_waiting", by=by, choice=AFTER_WAITING[complaint.state])
    send_notice(
        title=f"投诉 {complaint.number} 逾期反馈：已判断为{LATENESS.states[after]}", matter_id=found.transfer_id,
        to_company_id=complaint.company_id,
    )  # fmt: skip
    return found


def _conduct(complaint: AgencyComplaint, transfer: Transfer) -> Conduct:
    """What the draft says: days and numbers, no word of anybody."""
    rule = book(complaint.jurisdiction).record_sources[SOURCE]
    since = f"至{today()}没有反馈" if transfer.answered_on is None else f"{transfer.answered_on}才反馈"
    values = {
        "matter": rule.matter, "decided_on": today().isoformat(), "decided_by": complaint.body.name,
        "reason": f"投诉{complaint.number}于{transfer.sent_on}转给该机构，应于{transfer.due_on}前反馈处理意见，{since}；"
        f"主管部门判断为无正当理由（{rule.clause}）。",
        "result": "作为不良行为记入。",
    }  # fmt: skip
    return Conduct(values=values, source=SOURCE, record_class=rule.class_, source_number=complaint.number)
