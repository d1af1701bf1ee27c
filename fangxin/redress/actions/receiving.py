"""A citizen complains about an agency, in the form of T1 (二（三）, 附件2)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from fangxin.complaints.actions import Grievance, Receipt, identity_from, note_progress, register_complaint
from fangxin.deadlines.clock import now, today
from fangxin.journal.actions import claim_act
from fangxin.journal.actors import Actor
from fangxin.notices.actions import send_notice
from fangxin.organisations.queries import body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.written_often import insert
from fangxin.redress.actions.steps import journal_step
from fangxin.redress.models import AgencyComplaint
from fangxin.redress.workflow import COMPLAINT
from fangxin.rules import RuleUnknown, book
from fangxin.rules.identifiers import IdentifierWrong
from fangxin.rules.indicators import FilledBy, catalogue
from fangxin.rules.person_ids import check_person_id

LONGEST_TITLE = 200


@transaction.atomic
def receive_agency_complaint(
    given: Mapping[str, Any], *, city: str, county: str = "", jurisdiction: str, act_key: UUID | None = None
) -> Receipt:
    """The complaint is numbered 分类＋序号, its author sealed apart, and waits with the authority of the place.

    `given` are the columns of T1 that a complainant fills in; `city` and `county` say where the respondent is. The
    number is taken in this very transaction: one that is undone leaves no gap (AMB-45). ActRefused names the column.
    """
    values = checked_complaint(given, jurisdiction)
    authority = _authority(jurisdiction, city, county)
    number = next_number(jurisdiction, values["respondent_kind"])
    claim_act(act_key, "receive_agency_complaint", COMPLAINT.name, number)
    identity = identity_from(values)
    grievance = Grievance(
        title=f"投诉{values['respondent_kind']}：{values['respondent']}"[:LONGEST_TITLE], text=values["text"],
        respondent_name=values["respondent"], district=county or city,
    )  # fmt: skip
    receipt = register_complaint(
        grievance, identity, jurisdiction=jurisdiction, source="web", act_key=act_key, number=number
    )
    complaint = AgencyComplaint(
        complaint_id=receipt.complaint_id, number=number, jurisdiction=jurisdiction,
        respondent_kind=values["respondent_kind"], province=values.get("province") or "",
        home_city=values.get("city") or "", city=city, county=county, body_id=authority, state="submitted",
        received_on=today(), received_at=now(),
    )  # fmt: skip
    insert(complaint)
    step = COMPLAINT.step("receive_complaint")
    journal_step(
        COMPLAINT, step, complaint, by=Actor.citizen(), act_key=act_key,
        details={"after": step.to[""], "kind": values["respondent_kind"], "place": county or city},
    )  # fmt: skip
    note_progress(receipt.complaint_id, "投诉已收到", "已转被投诉对象所在地的主管部门，等待分办。")
    send_notice(title=f"新的网上投诉 {number} 待分办", matter_id=complaint.pk, to_body_id=authority)
    if identity.email:
        send_notice(title=f"您的投诉 {number} 已收到", to_complainant_of=receipt.complaint_id)
    return receipt


def checked_complaint(given: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    """What the complainant wrote, by column of T1, in its normal form. ActRefused names the column."""
    fields = catalogue(jurisdiction)
    asked = [field for field in fields.table("T1").fields if field.filled_by is FilledBy.COMPLAINANT]
    read = fields.check_row("T1", given, on=today(), only=asked)
    if read.wrong:
        raise ActRefused(read.wrong[0].message, fields.field(read.wrong[0].code).column)
    values = read.values
    if not values.get("telephone") and not values.get("email"):
        raise ActRefused("请填写联系电话或者电子信箱，至少一项，以便核实和答复（AMB-18）。", "telephone")
    if values.get("id_number"):
        if not values.get("id_kind"):
            raise ActRefused("填写了证件号码的，请选择是哪一种证件。", "id_kind")
        try:
            values["id_number"] = check_person_id(values["id_kind"], values["id_number"], on=today())
        except IdentifierWrong as wrong:
            raise ActRefused(f"T1-05：证件号码{wrong}。", "id_number") from wrong
    return values


def next_number(jurisdiction: str, respondent_kind: str) -> str:
    """The next number of the category: the counter's row stays locked until the transaction ends (TN-04)."""
    rules, day = book(jurisdiction), today()
    prefixes = rules.value("complaints.number_prefixes", on=day).value
    digits = rules.value("complaints.number_digits", on=day).value
    prefix = prefixes[respondent_kind]  # type: ignore[index]
    with connection.cursor() as cursor:
        cursor.execute("select redress_next_number(%s, %s)", [jurisdiction, prefix])
        (number,) = cursor.fetchone()
    return f"{prefix}{number:0{digits}d}"


def _authority(jurisdiction: str, city: str, county: str) -> int:
    try:
        return int(body(book(jurisdiction).reviewer(city, county).code).pk)
    except RuleUnknown:
        raise ActRefused("请选择被投诉对象在哪个市、县（市、区）。", "place") from None
