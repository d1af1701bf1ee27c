"""What was found true, in a complaint or in a case, is put before the authority; only a person makes a draft of it."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies.models import Agency
from fangxin.complaints.leaving import keep_author_out
from fangxin.credit.actions import Conduct, draft_record
from fangxin.credit.standing import places_of
from fangxin.deadlines.clock import today
from fangxin.investigations.queries import confirmed_orders
from fangxin.journal.actions import claim_act, record
from fangxin.journal.actors import Actor
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.process import NEW, Standing, Step
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.redress.actions.steps import expect_turn
from fangxin.redress.models import AgencyComplaint, Proposal
from fangxin.redress.workflow import CLOCK, PROPOSAL
from fangxin.rules import book
from fangxin.rules.indicators import catalogue

LONGEST = 2000
CONFIRMED, COMPLAINED = "confirmed_violation", "complaint"


@transaction.atomic
def propose_record(
    agency: Agency, *, source: str, source_number: str, found_on: date, items: Any = ()
) -> Proposal | None:
    """The finding waits for the authority of the agency's place; None when it was proposed before (二（二）)."""
    step, after = PROPOSAL.find_step("propose_record", Standing(NEW, Role.SYSTEM, frozenset({CLOCK})))
    made, is_new = Proposal.objects.get_or_create(
        agency=agency, source=source, source_number=source_number,
        defaults={
            "jurisdiction": agency.jurisdiction, "body_id": agency.reviewing_body_id, "items": list(items),
            "found_on": found_on, "state": after, "proposed_on": today(),
        },
    )  # fmt: skip
    if not is_new:
        return None
    _journal(made, step, Actor.system("平台"), details={"after": after})
    send_notice(
        title=f"{source_number}已查实，请考虑是否记入不良行为", matter_id=made.pk,
        to_body_id=agency.reviewing_body_id,
    )  # fmt: skip
    return made


def propose_confirmed_violations() -> int:
    """Every order to rectify whose company is an agency on the register is proposed once; returns how many are new.

    The case may be another jurisdiction's: what it confirmed is shown to the agency's authority, never recorded.
    """
    made = 0
    for order in confirmed_orders(_companies_of_agencies()):
        known = Proposal.objects.filter(
            agency__company_id=order["company_id"], source=CONFIRMED, source_number=order["number"]
        )
        if known.exists():
            continue
        for agency in Agency.objects.filter(company_id=order["company_id"]):
            made += propose_record(
                agency, source=CONFIRMED, source_number=order["number"], found_on=order["served_on"],
                items=order["violations"],
            ) is not None  # fmt: skip
    return made


def _companies_of_agencies() -> Any:
    return Agency.objects.values("company_id")


@transaction.atomic
def accept_proposal(
    proposal_id: UUID,
    conduct: Conduct,
    *,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Proposal:
    """A draft of a bad record is made by this official, linked with what it rests on; another one enters it.

    `conduct` gives the values of J4, the class and the evidence; source and number are the proposal's. ActRefused
    names the field, also when what is to be published tells who complained (J4-05).
    """
    found, step, after = _begin(proposal_id, "accept_proposal", by, turn, act_key)
    _keep_author_out(found, conduct)
    rested = Conduct(
        values=conduct.values, source=found.source, record_class=conduct.record_class, source_number=found.source_number,
        items=list(found.items), person=conduct.person, registration_no=conduct.registration_no, project=conduct.project,
        shown_because=conduct.shown_because, evidence=conduct.evidence,
    )  # fmt: skip
    made = draft_record(found.agency_id, rested, by=by, verified=True)
    _close(found, step, after, by, act_key, record=made)
    return found


@transaction.atomic
def decline_proposal(
    proposal_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Proposal:
    """No record is drafted of it, for this reason, which is kept."""
    found, step, after = _begin(proposal_id, "decline_proposal", by, turn, act_key)
    found.reason = fields.text(reason, "不起草的理由", LONGEST, "reason")
    _close(found, step, after, by, act_key)
    return found


def _keep_author_out(found: Proposal, conduct: Conduct) -> None:
    complaint = AgencyComplaint.objects.filter(
        jurisdiction=found.jurisdiction, number=found.source_number
    ).first()
    if found.source != COMPLAINED or complaint is None:
        return
    for field in catalogue(found.jurisdiction).table("J4").fields:
        text = conduct.values.get(field.column)
        if isinstance(text, str) and text.strip():
            keep_author_out(complaint.pk, text, field.title, field.column)


def proposal_standing(found: Proposal, by: Acting) -> Standing:
    """What the table must know of the proposal and the person: as towards a record of the agency."""
    return Standing(found.state, by.role, places_of(found.agency, by))


def _begin(
    proposal_id: UUID, verb: str, by: Acting, turn: int | None, act_key: UUID | None
) -> tuple[Proposal, Step, str]:
    claim_act(act_key, verb, PROPOSAL.name, str(proposal_id))
    found = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(pk=proposal_id)
        .first()
    )
    if found is None:
        raise ActRefused("没有这条提示，或者您无权办理。")
    expect_turn(turn, found.turn, PROPOSAL.states[found.state])
    return (found, *PROPOSAL.find_step(verb, proposal_standing(found, by)))


def _close(
    found: Proposal, step: Step, after: str, by: Acting, act_key: UUID | None, *, record: Any = None
) -> None:
    before = found.state
    found.state, found.turn, found.record = after, found.turn + 1, record
    found.decided_by_id, found.decided_on = by.user_id, today()
    found.save()
    drafted = {"record": record.pk} if record is not None else {}
    _journal(found, step, by.actor, details={"before": before, "after": after, **drafted}, act_key=act_key)


def _journal(
    found: Proposal, step: Step, by: Actor, *, details: dict[str, Any], act_key: UUID | None = None
) -> None:
    record(
        Kind.named(f"redress:{step.verb}"), PROPOSAL.name, found.pk, by=by, summary=step.title,
        details={"number": found.source_number, "agency": found.agency_id, "source": found.source, **details},
        clause=step.clause, rule_key=f"redress.{step.verb}", rulebook_version=book(found.jurisdiction).version,
        act_key=act_key, jurisdiction=found.jurisdiction,
    )  # fmt: skip
