"""企业情况变动 (四（二）): what the authority learns of an agency enters its record, with evidence."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies import values
from fangxin.agencies.actions.declaring import NotSound, as_stored
from fangxin.agencies.actions.steps import allowed_anew, journal_step
from fangxin.agencies.actions.versions import accept_version
from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.agencies.workflow import State
from fangxin.deadlines.clock import now, today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.journal.actions import claim_act
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import RuleUnknown
from fangxin.rules.indicators import catalogue

LONGEST_REASON = 1000


@transaction.atomic
def record_change(
    agency_id: int,
    *,
    changes: Mapping[str, Any],
    reason: str,
    evidence: Sequence[Upload],
    by: Acting,
    act_key: UUID | None = None,
) -> Declaration:
    """The agency's record has the changed values (by indicator, of J1, J2 and J8) from today, its channel 部门采集.

    ActRefused without reason, evidence or a record to change; NotSound when the whole would not agree.
    """
    return _changed("record_change", agency_id, changes, reason, evidence, by, act_key)


@transaction.atomic
def propose_change(
    agency_id: int,
    *,
    changes: Mapping[str, Any],
    reason: str,
    evidence: Sequence[Upload],
    by: Acting,
    act_key: UUID | None = None,
) -> Declaration:
    """The committee's draft of a change waits for the department of the agency's place (AMB-27)."""
    return _changed("propose_change", agency_id, changes, reason, evidence, by, act_key)


def _changed(
    verb: str, agency_id: int, changes: Mapping[str, Any], reason: str, evidence: Sequence[Upload], by: Acting,
    act_key: UUID | None,
) -> Declaration:  # fmt: skip
    claim_act(act_key, verb, "agency", agency_id)
    agency = Agency.objects.select_for_update().filter(pk=agency_id).first()
    if agency is None:
        raise ActRefused("没有这家机构，或者您无权办理。")
    step, after = allowed_anew(agency, verb, by)
    reason = fields.text(reason, "变动事由", LONGEST_REASON, "reason")
    if not evidence:
        raise ActRefused("请上传变动的证明材料（四（二））。", "evidence")
    base = version_in_force(agency.pk)
    if base is None:
        raise ActRefused("这家机构还没有审核通过的登记，无从变动；请先由机构申报。")
    found = values.checked(
        _with(accepted_values(base), changes, agency.jurisdiction), agency.jurisdiction, on=today()
    )
    if found.blocking:
        raise NotSound(found.blocking)
    declaration = Declaration(
        agency=agency, company_id=agency.company_id, jurisdiction=agency.jurisdiction, state=after, base=base,
        channel=Declaration.Channel.COLLECTED, reviewing_body_id=agency.reviewing_body_id, begun_on=today(),
        reason=reason, submitted_on=today(), submitted_at=now(), submitted_by_id=by.user_id,
        catalogue_version=catalogue(agency.jurisdiction).version, findings=[as_stored(one) for one in found.findings],
    )  # fmt: skip
    declaration.values, declaration.sealed_values = values.sealed_apart(
        values.plain(found.values, agency.jurisdiction), agency.jurisdiction, declaration.pk
    )
    if after is State.APPROVED:
        declaration.decided_by_id, declaration.decided_on, declaration.decided_at = by.user_id, today(), now()
    declaration.save(force_insert=True)
    add_attachments(
        "declaration", declaration.pk, evidence, purpose="register_evidence", by=by.actor,
        jurisdiction=agency.jurisdiction,
    )  # fmt: skip
    journal_step(
        step, declaration, by=by, act_key=act_key, details={"after": after, "codes": sorted(changes)}
    )
    if after is State.APPROVED:
        accept_version(declaration, found.values, by=by)
        send_notice(
            title="主管部门记入了您的情况变动", matter_id=declaration.pk, to_company_id=agency.company_id
        )
    else:
        send_notice(title="有情况变动待审核", matter_id=declaration.pk, to_body_id=agency.reviewing_body_id)
    return declaration


def _with(accepted: dict[str, Any], changes: Mapping[str, Any], jurisdiction: str) -> dict[str, Any]:
    for code, value in changes.items():
        try:
            field = catalogue(jurisdiction).field(code)
        except RuleUnknown:
            raise ActRefused(f"指标目录没有“{code}”这一项。", "changes") from None
        if catalogue(jurisdiction).table(field.table).many:
            raise ActRefused(f"{code}：{field.title}一家机构有多行，请由机构申报变更。", "changes")
        accepted.setdefault(field.table, {})[field.column] = value
    if not changes:
        raise ActRefused("请至少填写一项变动。", "changes")
    return accepted
