"""Good records: reported with material, verified, shown for their time, revoked (二（二）)."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies.models import Agency
from fangxin.credit.actions.publishing import publish_good_record, take_down
from fangxin.credit.actions.records import CLOCK, Conduct, draft_by_itself
from fangxin.credit.actions.steps import allowed_anew, begin_step, journal_step, keep_files, take_step
from fangxin.credit.models import GoodRecord
from fangxin.credit.workflow import GOOD_RECORD
from fangxin.deadlines.clock import today
from fangxin.documents.actions import Upload
from fangxin.documents.queries import next_ordinal
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.queries import company_name
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.rules.conduct import months_after
from fangxin.rules.crosschecks import evaluate
from fangxin.rules.indicators import catalogue

LONGEST = 1000
VERBS = {
    Role.COMPANY_USER: "submit_good_record",
    Role.PRECHECKER: "propose_good_record",
    Role.REVIEWER: "enter_good_record",
}


@transaction.atomic
def submit_good_record(
    agency_id: int,
    *,
    values: Mapping[str, Any],
    material: Sequence[Upload],
    registration_no: str = "",
    by: Acting,
    act_key: UUID | None = None,
) -> GoodRecord:
    """The honour waits to be verified, its material beside it (二（二）); agency, committee or department may report it.

    ActRefused without material (XV-22), and for a level or a body that the plan does not recognise (TVX-23).
    """
    claim_act(act_key, "submit_good_record", "agency", agency_id)
    agency = Agency.objects.filter(pk=agency_id).first()
    if agency is None:
        raise ActRefused("没有这家机构，或者您无权办理。")
    step, after = allowed_anew(GOOD_RECORD, agency, VERBS.get(by.role, "submit_good_record"), by)
    made = GoodRecord(
        agency=agency, company_id=agency.company_id, jurisdiction=agency.jurisdiction, state=after,
        registration_no=registration_no.strip()[:40], entered_by_id=by.user_id, entered_on=today(),
        **checked_honour(agency, values, has_material=bool(material)),
    )  # fmt: skip
    made.save(force_insert=True)
    keep_files("good_record", made, material, by)
    journal_step(GOOD_RECORD, step, made, by=by, act_key=act_key, details={"after": after})
    send_notice(title="有良好行为待核实", matter_id=made.pk, to_body_id=agency.reviewing_body_id)
    return made


@transaction.atomic
def resubmit_good_record(
    record_id: UUID, *, values: Mapping[str, Any], material: Sequence[Upload] = (), by: Acting,
    turn: int | None = None, act_key: UUID | None = None,
) -> GoodRecord:  # fmt: skip
    """What was returned waits again, mended."""
    found = begin_step(
        GOOD_RECORD, GoodRecord, record_id, "submit_good_record", by=by, turn=turn, act_key=act_key
    )
    there = bool(material) or next_ordinal("good_record", found.pk) > 1
    take_step(
        GOOD_RECORD, found, "submit_good_record", by=by, act_key=act_key,
        changes=checked_honour(found.agency, values, has_material=there),
    )  # fmt: skip
    keep_files("good_record", found, material, by)
    return found


@transaction.atomic
def verify_good_record(
    record_id: UUID, *, opinion: str = "", by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> GoodRecord:
    """Verified, the honour is part of the credit information, and public for its time (二（二）, AMB-42)."""
    found = begin_step(
        GOOD_RECORD, GoodRecord, record_id, "verify_good_record", by=by, turn=turn, act_key=act_key
    )
    years = book(found.jurisdiction).value("conduct.good_records_last_years", on=today()).value
    take_step(
        GOOD_RECORD, found, "verify_good_record", by=by, act_key=act_key,
        changes={
            "decided_by_id": by.user_id, "decided_on": today(), "opinion": opinion.strip()[:LONGEST],
            "shown_until": months_after(today(), 12 * int(str(years))),
        },
    )  # fmt: skip
    publish_good_record(found)
    send_notice(title="您报送的良好行为已核实载入", matter_id=found.pk, to_company_id=found.company_id)
    return found


@transaction.atomic
def return_good_record(
    record_id: UUID, *, reason: str, rejected: bool = False, by: Acting, turn: int | None = None,
    act_key: UUID | None = None,
) -> GoodRecord:  # fmt: skip
    """Returned for mending, or not taken at all, with the reason."""
    verb = "reject_good_record" if rejected else "return_good_record"
    found = begin_step(GOOD_RECORD, GoodRecord, record_id, verb, by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "理由", LONGEST, "reason")
    take_step(
        GOOD_RECORD, found, verb, by=by, act_key=act_key,
        changes={"decided_by_id": by.user_id, "decided_on": today(), "opinion": reason},
    )  # fmt: skip
    send_notice(
        title=f"您报送的良好行为{GOOD_RECORD.states[found.state]}",
        matter_id=found.pk,
        to_company_id=found.company_id,
    )
    return found


@transaction.atomic
def revoke_good_record(
    record_id: UUID, *, reason: str, forged: bool = False, by: Acting, turn: int | None = None,
    act_key: UUID | None = None,
) -> GoodRecord:  # fmt: skip
    """The honour is public no longer. Forged, it becomes the draft of a bad record, which a person decides on."""
    found = begin_step(
        GOOD_RECORD, GoodRecord, record_id, "revoke_good_record", by=by, turn=turn, act_key=act_key
    )
    reason = fields.text(reason, "撤销的理由", LONGEST, "reason")
    take_step(
        GOOD_RECORD, found, "revoke_good_record", by=by, act_key=act_key, details={"forged": forged},
        changes={"revoked_on": today(), "opinion": reason},
    )  # fmt: skip
    take_down(found.pk)
    if forged:
        source = book(found.jurisdiction).record_sources["forged_honour"]
        draft_by_itself(found.agency, Conduct(
            values={
                "matter": source.matter, "decided_on": today(), "reason": reason, "result": "撤销该项良好行为记录",
                "decided_by": found.agency.reviewing_body.name,
            },
            source=source.key, record_class=source.class_, source_number=str(found.pk)[:40],
        ))  # fmt: skip
    return found


@transaction.atomic
def end_honours() -> int:
    """Honours whose time is over are public no longer, by themselves; returns how many."""
    over = list(GoodRecord.objects.select_for_update().filter(state="published", shown_until__lt=today()))
    for found in over:
        found.state, found.turn = "expired", found.turn + 1
        found.save(update_fields=["state", "turn"])
        take_down(found.pk)
        record(
            Kind.CREDIT_EXPIRE, GOOD_RECORD.name, found.pk, by=CLOCK, summary="公示期满，停止公示",
            details={"agency": found.agency_id, "shown_until": found.shown_until}, clause="AMB-42",
            jurisdiction=found.jurisdiction,
        )  # fmt: skip
        send_notice(
            title="一条良好行为记录公示期满，已停止公示", matter_id=found.pk, to_company_id=found.company_id
        )
    return len(over)


def checked_honour(agency: Agency, values: Mapping[str, Any], *, has_material: bool) -> dict[str, Any]:
    """The values of J3 in their normal form. ActRefused names the indicator."""
    row = {**values, "agency_name": company_name(agency.company_id), "agency_code": agency.code}
    read = catalogue(agency.jurisdiction).check_row("J3", row, on=today())
    if read.wrong:
        raise ActRefused(read.wrong[0].message, read.wrong[0].code)
    asked = {"J3": [{**read.values, "attachments": ["有"] if has_material else []}]}
    for finding in evaluate(asked, on=today(), name=agency.jurisdiction):
        if finding.blocks:
            raise ActRefused(finding.message, finding.codes[0])
    return {name: value for name, value in read.values.items() if name not in ("agency_name", "agency_code")}
