"""The one way a declaration moves: begin (claim the act, lock, look whether somebody was first), ask the table, record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.standing import places_of, standing_of
from fangxin.agencies.workflow import STATE_TITLES, Standing, State, Step, find_step
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.rules import book


def begin_step(
    declaration_id: UUID, verb: str, *, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """The declaration, locked until the transaction ends, as the person saw it; nothing is changed yet.

    `act_key` makes the same form sent twice one act (AlreadyDone). `turn` is what the person was looking at:
    SomebodyWasFirst when a step was taken since. ActRefused when there is none.
    """
    claim_act(act_key, verb, "declaration", str(declaration_id))
    declaration = locked_declaration(declaration_id)
    if turn is not None and turn != declaration.turn:
        raise SomebodyWasFirst(
            f"这份申报刚刚有了变化，现为“{STATE_TITLES[State(declaration.state)]}”。您的办理没有生效，"
            "填写的内容仍在页面上；请看过最新情况后再办。"
        )
    return declaration


def locked_declaration(declaration_id: UUID) -> Declaration:
    """The declaration with its agency, locked for the rest of the transaction; ActRefused when there is none."""
    found = (
        Declaration.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(pk=declaration_id)
        .first()
    )
    if found is None:
        raise ActRefused("没有这份申报，或者您无权办理。")
    return found


def expect_active(agency: Agency) -> None:
    """ActRefused when the agency is cancelled or has gone into another: nothing is declared of it any more."""
    if agency.standing != Agency.Standing.ACTIVE:
        raise ActRefused(f"机构{agency.get_standing_display()}，不再申报（J1-19）。")


def allowed_anew(agency: Agency, verb: str, by: Acting) -> tuple[Step, State]:
    """The row by which the person may begin something new for the agency. StepRefused."""
    return find_step(verb, Standing(State.NEW, by.role, places_of(agency, by)))


@transaction.atomic(savepoint=False)
def take_step(
    declaration: Declaration,
    verb: str,
    *,
    by: Acting,
    choice: str = "",
    act_key: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Step:
    """The declaration, which `begin_step` locked, stands where the table leads, and the journal says who led it."""
    step, after = find_step(verb, standing_of(declaration, by), choice)
    before = declaration.state
    declaration.state, declaration.turn = after, declaration.turn + 1
    for name, value in (changes or {}).items():
        setattr(declaration, name, value)
    declaration.save(update_fields=["state", "turn", "saved_at", *(changes or {})])
    journal_step(
        step,
        declaration,
        by=by,
        act_key=act_key,
        details={"before": before, "after": after, **(details or {})},
    )
    return step


def journal_step(
    step: Step, declaration: Declaration, *, by: Acting, act_key: UUID | None, details: Mapping[str, Any]
) -> None:
    """The step stands in the journal of the declaration's agency."""
    record(
        Kind.named(f"declaration:{step.verb.removesuffix('_declaration')}"), "agency", declaration.agency_id,
        by=by.actor, summary=step.title,
        details={"declaration": declaration.pk, **{k: str(v) if isinstance(v, State) else v for k, v in details.items()}},
        clause=step.clause, rule_key=f"agencies.{step.verb}", rulebook_version=book(declaration.jurisdiction).version,
        act_key=act_key, jurisdiction=declaration.jurisdiction,
    )  # fmt: skip
