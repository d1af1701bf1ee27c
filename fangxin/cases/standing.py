"""How a person stands towards a case, in the plain values the table asks for."""

from typing import Any
from uuid import UUID

from fangxin.cases.models import CallBack, Case, Proposal
from fangxin.cases.workflow import Days, Place, Standing, Status
from fangxin.deadlines.clock import today
from fangxin.organisations.asked_often import Rows, asked_often
from fangxin.organisations.roles import Acting
from fangxin.rules import book

PROPOSED = {Status.RETURN_PROPOSED, Status.REFUSAL_PROPOSED}


def standing_of(case: Case, acting: Acting, *, is_the_proposer: bool | None = None) -> Standing:
    """What the table must know; reads the open proposal only where the table asks who made it."""
    days = days_of(case)
    return Standing(
        status=days.status,
        role=acting.role,
        at=places_of(case, acting),
        is_the_proposer=_is_the_proposer(case, acting) if is_the_proposer is None else is_the_proposer,
        is_dissatisfied=case.status == Status.CLOSED and _is_dissatisfied(case),
        is_extension_asked=days.is_extension_asked,
        is_overdue=days.is_overdue,
        is_delay_explained=days.is_delay_explained,
    )


def days_of(case: Case) -> Days:
    """How the case stands towards its days."""
    return Days(
        status=Status(case.status),
        is_extension_asked=case.extension_asked_by_id is not None,
        is_overdue=case.due_on is not None and case.due_on < today(),
        is_delay_explained=case.delay_explained_for == case.due_on,
        is_reported=case.reported_to_id is not None,
    )


def asked_of_standing(case: Case, acting: Acting) -> list[tuple[Any, ...]]:
    """What `standing_of` asks, for `asked_ahead`."""
    if case.status in PROPOSED:
        return [(_open_proposal, case.pk, acting.user_id)]
    return [(_last_call_back, case.pk)] if case.status == Status.CLOSED else []


def places_of(case: Case, acting: Acting) -> frozenset[Place]:
    """Every place of this case in which the person stands; none at all across jurisdictions."""
    if acting.jurisdiction != case.jurisdiction or acting.body_id is None:
        return frozenset()
    places = set()
    if acting.body_id == case.holder_id:
        places.add(Place.SORTING)
    if acting.body_id == case.handling_body_id:
        places.add(Place.HANDLING)
        if acting.user_id == case.officer_id:
            places.add(Place.OFFICER)
    if acting.body_id == case.reported_to_id:
        places.add(Place.DIVISION)
    if "call_back" in acting.functions:
        places.add(Place.CENTRE)
    return frozenset(places)


def _is_the_proposer(case: Case, acting: Acting) -> bool:
    if case.status in PROPOSED:
        return bool(_open_proposal(case.pk, acting.user_id))
    if case.status == Status.INVESTIGATING:
        return case.extension_asked_by_id == acting.user_id
    # An order follows the opinion of the case officer: who wrote the one does not sign the other.
    return case.status == Status.AWAITING_ORDER and case.officer_id == acting.user_id


def _is_dissatisfied(case: Case) -> bool:
    """Whether the call-back that closed the case got an answer after which it may be reopened (二(七), AMB-11)."""
    reopening = {one.key for one in book(case.jurisdiction).callback_answers if one.may_reopen}
    return any(row["satisfaction"] in reopening for row in _last_call_back(case.pk))


@asked_often
def _last_call_back(case_id: UUID) -> Rows:
    return CallBack.objects.filter(case_id=case_id).order_by("-pk").values("satisfaction")[:1]


@asked_often
def _open_proposal(case_id: UUID, proposed_by_id: int) -> Rows:
    return Proposal.objects.filter(case_id=case_id, approved=None, proposed_by_id=proposed_by_id).values("pk")
