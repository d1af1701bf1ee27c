"""The one way a case moves: begin (claim the act, lock, look whether somebody was first), ask the table, change, record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.cases.models import Case
from fangxin.cases.standing import standing_of
from fangxin.cases.workflow import ENDED, STATUS_TITLES, STEP_BY_VERB, Status, Step, find_step
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.journal.queries import entries_about
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.organisations.written_often import update
from fangxin.rules import book


def begin_step(case_id: UUID, verb: str, *, turn: int | None = None, act_key: UUID | None = None) -> Case:
    """The case, locked until the transaction ends, as the person saw it; nothing is changed yet.

    `act_key` makes the same form sent twice one act (AlreadyDone the second time), whatever became of the case
    since. `turn` is the version of the case the person was looking at: SomebodyWasFirst when another acted since.
    ActRefused when there is no such case.
    """
    claim_act(act_key, verb, "case", str(case_id))
    case = locked_case(case_id)
    if turn is not None and turn != case.turn:
        raise SomebodyWasFirst(
            f"案件{case.number}刚刚已由{_who_was_first(case)}，现为“{STATUS_TITLES[Status(case.status)]}”。"
            "您的办理没有生效，填写的内容仍在页面上；请看过案件的最新情况后再办。"
        )
    return case


def ask_table(case: Case, verb: str, by: Acting) -> None:
    """Nothing, or StepRefused: asked before anything else, where what is filled in makes sense only at that point."""
    choices = STEP_BY_VERB[verb].to
    find_step(verb, standing_of(case, by), case.status if case.status in choices else next(iter(choices)))


@transaction.atomic(savepoint=False)
def take_step(
    case: Case,
    verb: str,
    *,
    by: Acting,
    choice: str = "",
    act_key: UUID | None = None,
    summary: str = "",
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Step:
    """The case, which `begin_step` locked, stands where the table's row for `verb` leads, and the journal says
    who took the step and why. StepRefused when no row of the table allows it.
    """
    step, after = find_step(verb, standing_of(case, by), choice)
    before = case.status
    case.status = after
    case.turn += 1
    changed = dict(changes or {}) | ({"due_on": None} if after in ENDED else {})
    for name, value in changed.items():
        setattr(case, name, value)
    update(case, ("status", "turn", *changed))
    record(
        Kind.for_step(verb),
        "case",
        str(case.pk),
        by=by.actor,
        summary=summary or step.title,
        details={"before": before, "after": after.value, **(details or {})},
        clause=step.clause,
        rule_key=f"cases.{verb}",
        rulebook_version=book(case.jurisdiction).version,
        act_key=act_key,
        jurisdiction=case.jurisdiction,
    )
    return step


def locked_case(case_id: UUID) -> Case:
    """The case, locked for the rest of the transaction; ActRefused when there is none."""
    found: list[Case] = _locked(case_id)
    if not found:
        raise ActRefused("没有这件案件，或者您无权办理。")
    return found[0]


@asked_often
def _locked(case_id: UUID) -> Rows:
    return Case.objects.select_for_update().filter(pk=case_id)


def _who_was_first(case: Case) -> str:
    """“王芳（…·部门专人）办理“受理”” for the latest step of the case."""
    entries = entries_about("case", case.pk).filter(details__has_key="after")
    latest = entries.values("actor_label", "summary").last()
    return f"{latest['actor_label']}办理“{latest['summary']}”" if latest else "他人办理"
