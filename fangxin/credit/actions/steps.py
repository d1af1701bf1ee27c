"""The one way a record or an application moves: claim the act, lock, look who was first, ask the table, record."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from fangxin.agencies.models import Agency
from fangxin.credit.models import OfAgency
from fangxin.credit.standing import standing
from fangxin.documents.actions import Upload, add_attachments
from fangxin.documents.queries import next_ordinal
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.organisations.process import NEW, Process, Step
from fangxin.organisations.refusals import ActRefused, SomebodyWasFirst
from fangxin.organisations.roles import Acting
from fangxin.rules import book

M = TypeVar("M", bound=OfAgency)


def begin_step(
    process: Process,
    model: type[M],
    pk: UUID,
    verb: str,
    *,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> M:
    """The matter, locked until the transaction ends, as the person saw it; nothing is changed yet.

    AlreadyDone when the act with this key was done before, SomebodyWasFirst when a step was taken since `turn`,
    StepRefused when the table does not give the step to this person now.
    """
    claim_act(act_key, verb, process.name, str(pk))
    found = (
        model._default_manager.select_for_update(of=("self",)).select_related("agency").filter(pk=pk)
    ).first()
    if found is None:
        raise ActRefused(f"没有{process.matter.removeprefix('这条').removeprefix('这份')}，或者您无权办理。")
    if turn is not None and turn != found.turn:
        raise SomebodyWasFirst(
            f"{process.matter}刚刚有了变化，现为“{process.states[found.state]}”。您的办理没有生效，"
            "填写的内容仍在页面上；请看过最新情况后再办。"
        )
    process.allowed(verb, standing(found.agency, found.state, by))
    return found


def allowed_anew(process: Process, agency: Agency, verb: str, by: Acting) -> tuple[Step, str]:
    """The row by which the person may begin something new about the agency. StepRefused."""
    return process.find_step(verb, standing(agency, NEW, by))


@transaction.atomic(savepoint=False)
def take_step(
    process: Process,
    matter: OfAgency,
    verb: str,
    *,
    by: Acting,
    choice: str = "",
    acted_as: Iterable[str] = (),
    act_key: UUID | None = None,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Step:
    """The matter, which `begin_step` locked, stands where the table leads, and the journal says who led it."""
    before = matter.state
    step, after = process.find_step(verb, standing(matter.agency, before, by, acted_as), choice)
    matter.state, matter.turn = after, matter.turn + 1
    for name, value in (changes or {}).items():
        setattr(matter, name, value)
    matter.save(update_fields=["state", "turn", *(changes or {})])
    journal_step(
        process,
        step,
        matter,
        by=by,
        act_key=act_key,
        details={"before": before, "after": after, **(details or {})},
    )
    return step


def keep_files(kind: str, matter: OfAgency, files: Sequence[Upload], by: Acting) -> None:
    """The files lie beside the matter, numbered after those that were there."""
    if files:
        add_attachments(
            kind, matter.pk, files, purpose="register_evidence", by=by.actor, jurisdiction=matter.jurisdiction,
            first_ordinal=next_ordinal(kind, matter.pk),
        )  # fmt: skip


def journal_step(
    process: Process, step: Step, matter: OfAgency, *, by: Acting, act_key: UUID | None,
    details: Mapping[str, Any],
) -> None:  # fmt: skip
    """The step stands in the journal of the matter."""
    record(
        Kind.named(f"credit:{step.verb}"), process.name, matter.pk, by=by.actor, summary=step.title,
        details={"agency": matter.agency_id, **details}, clause=step.clause, rule_key=f"credit.{step.verb}",
        rulebook_version=book(matter.jurisdiction).version, act_key=act_key, jurisdiction=matter.jurisdiction,
    )  # fmt: skip
