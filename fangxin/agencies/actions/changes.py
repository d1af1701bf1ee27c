"""企业情况变动 (四（二）): what the authority learns of an agency enters its record, with evidence."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from fangxin.agencies import values
from fangxin.agencies.actions.declaring import NotSound, as_stored
from fangxin.agencies.actions.publishing import publish_names, publish_standing
from fangxin.agencies.actions.steps import allowed_anew, journal_step
from fangxin.agencies.actions.versions import accept_version
from fangxin.agencies.models import Agency, Declaration
from fangxin.agencies.queries import accepted_values, version_in_force
from fangxin.agencies.standing import places_of
from fangxin.agencies.workflow import UNDER_REVIEW, AgencyStanding, AgencyStep, State, find_agency_step
from fangxin.deadlines.clock import now, today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.documents.queries import next_ordinal
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import RuleUnknown, book
from fangxin.rules.indicators import catalogue

LONGEST_REASON = 1000
# 机构所在市（地）主管部门意见
FILING_OPINION = "J8-04"


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


@transaction.atomic
def give_filing_opinion(
    agency_id: int, *, opinion: str, by: Acting, act_key: UUID | None = None
) -> Declaration:
    """The agency's record has the opinion of the department of its city on the filing (J8-04) from today."""
    opinion = fields.text(opinion, "主管部门意见", LONGEST_REASON, "opinion")
    return _changed(
        "give_filing_opinion", agency_id, {FILING_OPINION: opinion}, "填写备案意见", (), by, act_key
    )


@transaction.atomic
def merge_agency(
    agency_id: int,
    *,
    into: str,
    reason: str,
    evidence: Sequence[Upload],
    by: Acting,
    act_key: UUID | None = None,
) -> Agency:
    """The agency has gone into the active one with the code `into`; its record and its names stay findable.

    ActRefused without evidence, into itself, into one that is not in business, and while a declaration waits.
    """
    claim_act(act_key, "merge_agency", "agency", agency_id)
    other = _agency_with(into, by.jurisdiction, "into")
    agency, other = _locked(agency_id, other.pk)
    step = find_agency_step("merge_agency", AgencyStanding(agency.standing), by.role, places_of(agency, by))
    reason = fields.text(reason, "合并事由", LONGEST_REASON, "reason")
    if not evidence:
        raise ActRefused("请上传合并的证明材料（四（二））。", "evidence")
    if other.pk == agency.pk:
        raise ActRefused("并入机构：不能是这家机构自己，请填写另一家的代码。", "into")
    if other.standing != Agency.Standing.ACTIVE:
        raise ActRefused(f"并入机构：{other.company.name}{other.get_standing_display()}，不能并入。", "into")
    if agency.declarations.filter(state__in=UNDER_REVIEW).exists():
        raise ActRefused("这家机构有申报正在审核，请先审核通过或者退回，再记入合并。")
    agency.standing, agency.standing_since, agency.merged_into = Agency.Standing.MERGED, today(), other
    agency.save(update_fields=["standing", "standing_since", "merged_into"])
    add_attachments(
        "agency", agency.pk, evidence, purpose="register_evidence", by=by.actor, jurisdiction=agency.jurisdiction,
        first_ordinal=next_ordinal("agency", agency.pk),
    )  # fmt: skip
    _journal_agency_step(step, agency, Kind.AGENCY_MERGE, {"into": other.pk, "reason": reason}, by, act_key)
    publish_standing(agency)
    send_notice(title=f"贵机构已记入并入{other.company.name}", to_company_id=agency.company_id)
    return agency


@transaction.atomic
def set_head_office(
    agency_id: int, *, head_office: str, reason: str, by: Acting, act_key: UUID | None = None
) -> Agency:
    """The agency is a branch of the one with that code, by whose page its name is found; "" makes it no branch.

    ActRefused for itself, for one that is a branch, and for one that has branches.
    """
    claim_act(act_key, "set_head_office", "agency", agency_id)
    head = _agency_with(head_office, by.jurisdiction, "head_office") if head_office.strip() else None
    agency = _locked(agency_id)[0]
    step = find_agency_step(
        "set_head_office", AgencyStanding(agency.standing), by.role, places_of(agency, by)
    )
    reason = fields.text(reason, "事由", LONGEST_REASON, "reason")
    if head is not None and head.pk == agency.pk:
        raise ActRefused("总机构：不能是这家机构自己，请填写总机构的代码。", "head_office")
    if head is not None and (head.head_office_id or agency.branches.exists()):
        raise ActRefused("总机构：分支机构之下不再设分支机构，请填写总机构的代码。", "head_office")
    former = agency.head_office
    agency.head_office = head
    agency.save(update_fields=["head_office"])
    _journal_agency_step(
        step, agency, Kind.AGENCY_HEAD_OFFICE, {"head_office": head.pk if head else None, "reason": reason}, by, act_key
    )  # fmt: skip
    publish_standing(agency)
    for one in (former, head):
        if one is not None:
            publish_names(one)
    return agency


def _locked(*agency_ids: int) -> list[Agency]:
    """The agencies in the order asked for, locked in the order of their numbers: two mergers never wait for each other."""
    found = Agency.objects.select_for_update(of=("self",)).select_related("company", "head_office")
    by_id = {one.pk: one for one in found.filter(pk__in=agency_ids).order_by("pk")}
    if missing := set(agency_ids) - by_id.keys():
        raise ActRefused(f"没有编号为{min(missing)}的机构，或者您无权办理。")
    return [by_id[pk] for pk in agency_ids]


def _agency_with(code: str, jurisdiction: str, field: str) -> Agency:
    code = code.strip().upper()
    known = Q(code=code) | Q(former_codes__contains=[code])
    found = Agency.objects.filter(known, jurisdiction=jurisdiction).first()
    if found is None:
        raise ActRefused(f"登记册里没有代码为“{code}”的机构，请核对代码。", field)
    return found


def _journal_agency_step(
    step: AgencyStep, agency: Agency, kind: Kind, details: Mapping[str, Any], by: Acting, act_key: UUID | None
) -> None:  # fmt: skip
    record(
        kind, "agency", agency.pk, by=by.actor, summary=step.title, details=details, clause=step.clause,
        rule_key=f"agencies.{step.verb}", rulebook_version=book(agency.jurisdiction).version, act_key=act_key,
        jurisdiction=agency.jurisdiction,
    )  # fmt: skip


def _changed(
    verb: str, agency_id: int, changes: Mapping[str, Any], reason: str, evidence: Sequence[Upload], by: Acting,
    act_key: UUID | None,
) -> Declaration:  # fmt: skip
    claim_act(act_key, verb, "agency", agency_id)
    agency = Agency.objects.select_for_update().filter(pk=agency_id).first()
    if agency is None:
        raise ActRefused("没有这家机构，或者您无权办理。")
    step, after = allowed_anew(agency, verb, by)
    if agency.standing == Agency.Standing.MERGED:
        raise ActRefused("这家机构已合并，登记不再变动；请在并入的机构记入。")
    reason = fields.text(reason, "变动事由", LONGEST_REASON, "reason")
    if "evidence" in step.asks and not evidence:
        raise ActRefused("请上传变动的证明材料（四（二））。", "evidence")
    base = version_in_force(agency.pk)
    if base is None:
        raise ActRefused("这家机构还没有审核通过的登记，无从变动；请先由机构申报。")
    found = values.checked(
        _with(accepted_values(base), changes, agency.jurisdiction, verb), agency.jurisdiction, on=today()
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
    if evidence:
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


def _with(
    accepted: dict[str, Any], changes: Mapping[str, Any], jurisdiction: str, verb: str
) -> dict[str, Any]:
    for code, value in changes.items():
        try:
            field = catalogue(jurisdiction).field(code)
        except RuleUnknown:
            raise ActRefused(f"指标目录没有“{code}”这一项。", "changes") from None
        if code == FILING_OPINION and verb != "give_filing_opinion":
            raise ActRefused(
                f"{code}：{field.title}由机构所在市（地）的主管部门填写备案意见，不在这里记入。", "changes"
            )
        if catalogue(jurisdiction).table(field.table).many:
            raise ActRefused(f"{code}：{field.title}一家机构有多行，请由机构申报变更。", "changes")
        accepted.setdefault(field.table, {})[field.column] = value
    if not changes:
        raise ActRefused("请至少填写一项变动。", "changes")
    return accepted
