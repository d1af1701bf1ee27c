"""Looking who complained, for whoever has the complaint in hand: with a reason, and never without a trace (AMB-30)."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from fangxin.complaints.complainant import FIELD_TITLES, unseal_complainant
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.redress.models import AgencyComplaint
from fangxin.redress.standing import places_of
from fangxin.redress.workflow import COMPLAINT, JURISDICTION, OFFICIALS

LONGEST_REASON = 500


@transaction.atomic
def open_complainant(complaint_id: UUID, *, reason: str, by: Acting) -> Mapping[str, str]:
    """Title → text of the identity, once; the look and its reason stand in the journal of the same transaction."""
    found = AgencyComplaint.objects.filter(pk=complaint_id).first()
    if found is None or by.role not in OFFICIALS or JURISDICTION not in places_of(found, by):
        raise ActRefused("只有办理这件投诉的部门可以查看投诉人身份（AMB-30）。")
    reason = fields.text(reason, "查看的理由", LONGEST_REASON, "reason")
    record(
        Kind.IDENTITY_OPEN, COMPLAINT.name, found.pk, by=by.actor, summary=f"查看投诉人身份：{found.number}",
        details={"number": found.number, "reason": reason, "own_case": True}, clause="二(三)",
        jurisdiction=found.jurisdiction,
    )  # fmt: skip
    identity = unseal_complainant(found.pk)
    return {title: text for key, title in FIELD_TITLES.items() if (text := getattr(identity, key))}
