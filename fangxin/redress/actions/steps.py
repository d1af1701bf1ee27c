"""The one way a complaint about an agency moves: claim the act, lock, look who was first, ask the table, record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.organisations.process import Process, Step
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.redress.models import AgencyComplaint
from fangxin.redress.standing import standing
from fangxin.redress.workflow import COMPLAINT
from fangxin.rules import book

# What a company's session may read of a complaint that was passed on to it.
OF_THE_UNIT = (
    "complaint_id",
    "number",
    "jurisdiction",
    "company_id",
    "agency_id",
    "body_id",
    "state",
    "turn",
)


def begin_step(
    complaint_id: UUID, verb: str, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> AgencyComplaint:
    """The complaint, locked until the transaction ends, as the person saw it; nothing is changed yet.

    AlreadyDone when the act with this key was done before, SomebodyWasFirst when a step was taken since `turn`,
    StepRefused when the table does not give the step to this person now.
    """
    claim_act(act_key, verb, COMPLAINT.name, str(complaint_id))
    rows = AgencyComplaint.objects.select_for_update(of=("self",)).filter(pk=complaint_id)
    found = (rows.only(*OF_THE_UNIT) if by.company_id is not None else rows.select_related("agency")).first()
    if found is None:
        raise ActRefused("没有这件投诉，或者您无权办理。")
    expect_turn(turn, found.turn, COMPLAINT.states[found.state])
    COMPLAINT.allowed(verb, standing(found, by))
    return found


def expect_turn(turn: int | None, now: int, state: str) -> None:
    """SomebodyWasFirst when a step was taken since the person looked."""
    if turn is not None and turn != now:
        raise SomebodyWasFirst(
            f"这一件刚刚有了变化，现为“{state}”。您的办理没有生效，填写的内容仍在页面上；请看过最新情况后再办。"
        )


@transaction.atomic(savepoint=False)
def take_step(
    complaint: AgencyComplaint,
    verb: str,
    *,
    by: Acting,
    choice: str = "",
    act_key: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Step:
    """The complaint, which `begin_step` locked, stands where the table leads, and the journal says who led it."""
    before = complaint.state
    step, after = COMPLAINT.find_step(verb, standing(complaint, by), choice)
    complaint.state, complaint.turn = after, complaint.turn + 1
    for name, value in (changes or {}).items():
        setattr(complaint, name, value)
    complaint.save(update_fields=["state", "turn", *(changes or {})])
    journal_step(
        COMPLAINT,
        step,
        complaint,
        by=by.actor,
        act_key=act_key,
        details={"before": before, "after": after, **(details or {})},
    )
    return step


def journal_step(
    process: Process, step: Step, complaint: AgencyComplaint, *, by: Actor, act_key: UUID | None = None,
    details: Mapping[str, Any],
) -> None:  # fmt: skip
    """The step stands in the journal of the complaint."""
    record(
        Kind.named(f"redress:{step.verb}"), process.name, complaint.pk, by=by, summary=f"{step.title}：{complaint.number}",
        details={"number": complaint.number, "agency": complaint.agency_id, **details}, clause=step.clause,
        rule_key=f"redress.{step.verb}", rulebook_version=book(complaint.jurisdiction).version, act_key=act_key,
        jurisdiction=complaint.jurisdiction,
    )  # fmt: skip
