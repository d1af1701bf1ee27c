"""The committee looks first, the department decides (二（二）, 四（五）)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies import values
from fangxin.agencies.actions.steps import begin_step, expect_active, take_step
from fangxin.agencies.actions.versions import accept_version
from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.queries import as_accepted, version_in_force
from fangxin.agencies.workflow import State
from fangxin.deadlines.clock import now, today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import RuleUnknown, book
from fangxin.rules.indicators import catalogue

LONGEST_OPINION = 1000


@transaction.atomic
def precheck_declaration(
    declaration_id: UUID, *, opinion: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """The committee's opinion lies beside the declaration for whoever decides; it decides nothing (AMB-27)."""
    declaration = begin_step(declaration_id, "precheck_declaration", turn=turn, act_key=act_key)
    opinion = fields.text(opinion, "预审意见", LONGEST_OPINION, "opinion")
    take_step(
        declaration, "precheck_declaration", by=by, act_key=act_key,
        changes={"precheck_opinion": opinion, "prechecked_by_id": by.user_id, "prechecked_at": now()},
    )  # fmt: skip
    return declaration


@transaction.atomic
def approve_declaration(
    declaration_id: UUID, *, opinion: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """The declaration is the record from today, and public as far as the catalogue says; or the city decides.

    The city does where a second step is set and the department is a county's (AMB-17). ActRefused where the
    committee must look first and has not (AMB-27).
    """
    declaration = begin_step(declaration_id, "approve_declaration", turn=turn, act_key=act_key)
    rules = book(declaration.jurisdiction)
    if rules.value("declaration.precheck_required", on=today()).value and not declaration.prechecked_at:
        raise ActRefused("须先经估价与经纪委员会预审（AMB-27）。")
    second = (
        bool(rules.value("declaration.second_step", on=today()).value) and declaration.agency.city_body_id
    )
    return _decide(
        declaration, "approve_declaration", "city" if second else "", opinion=opinion, by=by, act_key=act_key
    )


@transaction.atomic
def confirm_declaration(
    declaration_id: UUID, *, opinion: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Declaration:
    """The city agrees with its county: the declaration is the record from today (AMB-17)."""
    declaration = begin_step(declaration_id, "confirm_declaration", turn=turn, act_key=act_key)
    return _decide(declaration, "confirm_declaration", "", opinion=opinion, by=by, act_key=act_key)


@transaction.atomic
def return_declaration(
    declaration_id: UUID,
    *,
    reasons: Mapping[str, str],
    opinion: str = "",
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Declaration:
    """The agency is to mend the indicators named, each with its reason; what is public stays as it is."""
    declaration = begin_step(declaration_id, "return_declaration", turn=turn, act_key=act_key)
    verb = "return_from_city" if declaration.state == State.AWAITING_CITY else "return_declaration"
    kept = _reasons(declaration.jurisdiction, reasons)
    take_step(
        declaration, verb, by=by, act_key=act_key, details={"codes": sorted(kept)},
        changes={
            "return_reasons": kept, "opinion": opinion.strip()[:LONGEST_OPINION], "decided_by_id": by.user_id,
            "decided_on": today(), "decided_at": now(),
        },
    )  # fmt: skip
    send_notice(
        title=f"您的申报被退回补正，涉及{len(kept)}项指标", matter_id=declaration.pk,
        to_company_id=declaration.company_id,
    )  # fmt: skip
    return declaration


def _decide(
    declaration: Declaration, verb: str, choice: str, *, opinion: str, by: Acting, act_key: UUID | None
) -> Declaration:
    take_step(
        declaration, verb, by=by, choice=choice, act_key=act_key,
        changes={
            "opinion": opinion.strip()[:LONGEST_OPINION], "decided_by_id": by.user_id, "decided_on": today(),
            "decided_at": now(),
        },
    )  # fmt: skip
    # Locked: what is recorded of the agency meanwhile is seen here, or waits.
    declaration.agency = Agency.objects.select_for_update().get(pk=declaration.agency_id)
    expect_active(declaration.agency)
    if choice:
        send_notice(
            title="有申报待市级复核", matter_id=declaration.pk, to_body_id=declaration.agency.city_body_id
        )
        return declaration
    accept_version(declaration, sound_values(declaration), by=by)
    send_notice(title="您的申报已审核通过", matter_id=declaration.pk, to_company_id=declaration.company_id)
    return declaration


def sound_values(declaration: Declaration) -> dict[str, Any]:
    """What becomes the record, typed. It was sound when it was submitted, by that day's catalogue."""
    whole = as_accepted(declaration, version_in_force(declaration.agency_id))
    on = declaration.submitted_on or today()
    return values.checked(whole, declaration.jurisdiction, on=on).values


def _reasons(jurisdiction: str, reasons: Mapping[str, str]) -> dict[str, str]:
    kept = {}
    for code, reason in reasons.items():
        if not reason.strip():
            continue
        try:
            field = catalogue(jurisdiction).field(code)
        except RuleUnknown:
            raise ActRefused(f"指标目录没有“{code}”这一项，请在列表中选择。", "reasons") from None
        kept[code] = fields.text(reason, f"{code}{field.title}的退回理由", LONGEST_OPINION, "reasons")
    if not kept:
        raise ActRefused("请至少指出一项指标，并写明须如何补正。", "reasons")
    return kept
