"""The one way a joint investigation moves: claim the act, lock, look who was first, ask the table, change, record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.investigations.models import Inquiry
from fangxin.investigations.sheets import form_of
from fangxin.investigations.standing import standing_of
from fangxin.investigations.workflow import INQUIRY
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.organisations.process import Standing, Step
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.rules import book


def begin_step(
    inquiry_id: UUID, verb: str, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The sheet, locked until the transaction ends, as the person saw it; nothing is changed yet.

    AlreadyDone when the act with this key was done before, SomebodyWasFirst when a step was taken since `turn`,
    StepRefused when the table does not give the step to this person now.
    """
    claim_act(act_key, verb, INQUIRY.name, str(inquiry_id))
    rows = Inquiry.objects.select_for_update(of=("self",)).select_related("case", "asking_body", "asked_body")
    found = rows.filter(pk=inquiry_id).first()
    if found is None:
        raise ActRefused("没有这份协查，或者您无权办理。")
    if turn is not None and turn != found.turn:
        raise SomebodyWasFirst(
            f"这份协查刚刚有了变化，现为“{INQUIRY.states[found.state]}”。您的办理没有生效，填写的内容仍在页面上；"
            "请看过最新情况后再办。"
        )
    INQUIRY.allowed(verb, standing_of(found, by))
    return found


@transaction.atomic(savepoint=False)
def take_step(
    inquiry: Inquiry,
    verb: str,
    *,
    by: Actor,
    standing: Standing,
    choice: str = "",
    act_key: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Step:
    """The sheet, which `begin_step` locked, stands where the table leads, and the journal of its case says who led it."""
    before = inquiry.state
    step, after = INQUIRY.find_step(verb, standing, choice)
    inquiry.state, inquiry.turn = after, inquiry.turn + 1
    for name, value in (changes or {}).items():
        setattr(inquiry, name, value)
    inquiry.save(update_fields=["state", "turn", *(changes or {})])
    journal_step(
        inquiry, step, by=by, act_key=act_key, details={"before": before, "after": after, **(details or {})}
    )
    return step


def journal_step(
    inquiry: Inquiry, step: Step, *, by: Actor, act_key: UUID | None = None, details: Mapping[str, Any]
) -> None:
    """The step stands in the journal of the case, under the number of the sheet."""
    title = form_of(inquiry.form, inquiry.jurisdiction).title
    record(
        Kind.named(f"inquiry:{step.verb.removesuffix('_inquiry')}"), "case", inquiry.case_id, by=by,
        summary=f"{step.title}：《{title}》致{inquiry.asked_name}{f'，{inquiry.number}' if inquiry.number else ''}",
        details={"inquiry": inquiry.pk, "form": inquiry.form, "number": inquiry.number, **details},
        clause=step.clause, rule_key=f"inquiry.{step.verb}", rulebook_version=book(inquiry.jurisdiction).version,
        act_key=act_key, jurisdiction=inquiry.jurisdiction,
    )  # fmt: skip
