"""The authority of the place sorts: to verification, to the agency, or to both (二（三）, AMB-19)."""

from typing import Any
from uuid import UUID

from django.db import transaction

from fangxin.agencies.models import Agency
from fangxin.complaints.actions import note_progress
from fangxin.complaints.leaving import text_to_pass_on
from fangxin.deadlines.actions import Owner, start_deadline
from fangxin.deadlines.clock import today
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.queries import body
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.redress.actions.steps import begin_step, take_step
from fangxin.redress.models import AgencyComplaint, Transfer
from fangxin.redress.workflow import AFTER_TRANSFER, WAYS
from fangxin.rules import RuleUnknown, book

FEEDBACK = "complaint_feedback"
LONGEST, LONGEST_DIGEST = 1000, 5000


@transaction.atomic
def suggest_sorting(
    complaint_id: UUID, *, way: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> AgencyComplaint:
    """The committee's first sorting lies before the authority, which decides (AMB-19)."""
    found = begin_step(complaint_id, "suggest_sorting", by=by, turn=turn, act_key=act_key)
    if way not in WAYS:
        raise ActRefused(f"请在{'、'.join(WAYS.values())}中选择一种。", "way")
    take_step(
        found, "suggest_sorting", by=by, act_key=act_key, details={"way": way}, changes={"suggested_way": way}
    )
    return found


@transaction.atomic
def refer_complaint(
    complaint_id: UUID,
    *,
    city: str,
    county: str = "",
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """The respondent is elsewhere: the authority of that place has the complaint now, under the same number."""
    found = begin_step(complaint_id, "refer_complaint", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "转办的理由", LONGEST, "reason")
    try:
        authority = body(book(found.jurisdiction).reviewer(city, county).code).pk
    except RuleUnknown:
        raise ActRefused("请选择被投诉对象在哪个市、县（市、区）。", "place") from None
    if authority == found.body_id:
        raise ActRefused("所选的地方就由本部门管辖，请直接分办。", "place")
    take_step(
        found, "refer_complaint", by=by, act_key=act_key, details={"place": county or city, "body": authority},
        changes={"city": city, "county": county, "body_id": authority},
    )  # fmt: skip
    note_progress(found.pk, "转有管辖权的部门", "已转被投诉对象所在地的主管部门。")
    send_notice(title=f"投诉 {found.number} 由别处转来，待分办", matter_id=found.pk, to_body_id=authority)
    return found


@transaction.atomic
def set_aside(
    complaint_id: UUID,
    *,
    reason: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """It is not about brokerage; the complainant reads why, and where to turn."""
    found = begin_step(complaint_id, "set_aside", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "理由", LONGEST, "reason")
    take_step(found, "set_aside", by=by, act_key=act_key, changes=_decided(by))
    note_progress(found.pk, "不属于受理范围", reason)
    send_notice(title=f"您的投诉 {found.number} 有答复", to_complainant_of=found.pk)
    return found


@transaction.atomic
def sort_complaint(
    complaint_id: UUID,
    *,
    way: str,
    agency_id: int | None = None,
    digest: str = "",
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """The complaint is verified, or passed on to the agency, or both.

    What is passed on is `digest`, the words this official approved; the agency reads nothing else, and its 15日 run
    from today. ActRefused names the field, also while the words still tell who complained.
    """
    found = begin_step(complaint_id, "sort_complaint", by=by, turn=turn, act_key=act_key)
    if way not in WAYS:
        raise ActRefused(f"请在{'、'.join(WAYS.values())}中选择一种。", "way")
    changes: dict[str, Any] = {"way": way, "sorted_by_id": by.user_id}
    if way == "verify":
        changes |= _matched(found, agency_id) if agency_id else {}
        take_step(
            found, "sort_complaint", by=by, choice=way, act_key=act_key, details={"way": way}, changes=changes
        )
        note_progress(found.pk, "已分办", "主管部门正在核查。")
        return found
    changes |= _matched(found, agency_id)
    text = _approved(found, digest)
    take_step(
        found, "sort_complaint", by=by, choice=way, act_key=act_key, details={"way": way}, changes=changes
    )
    due_on = _pass_on(found, text, by)
    words = "已转被投诉企业反馈处理意见" + ("，主管部门同时核查。" if way == "both" else "。")
    note_progress(found.pk, "已分办", words, due_on=due_on)
    return found


@transaction.atomic
def transfer_complaint(
    complaint_id: UUID,
    *,
    agency_id: int,
    digest: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """What was only verified until now is passed on to the agency as well, once; as `sort_complaint` does."""
    found = begin_step(complaint_id, "transfer_complaint", by=by, turn=turn, act_key=act_key)
    if Transfer.objects.filter(complaint=found).exists():
        raise ActRefused("这件投诉已经转过被投诉企业，不再转第二次。")
    changes = _matched(found, agency_id)
    text = _approved(found, digest)
    take_step(
        found, "transfer_complaint", by=by, choice=AFTER_TRANSFER[found.state], act_key=act_key,
        changes={**changes, "way": "both" if found.way == "verify" else found.way},
    )  # fmt: skip
    note_progress(found.pk, "已转企业", "已转被投诉企业反馈处理意见。", due_on=_pass_on(found, text, by))
    return found


def _matched(found: AgencyComplaint, agency_id: int | None) -> dict[str, Any]:
    """The agency that must answer: for a project or a broker, the one they belong to (AMB-19)."""
    agency = Agency.objects.filter(pk=agency_id or 0, jurisdiction=found.jurisdiction).first()
    if agency is None:
        raise ActRefused("请先在登记册中选定被投诉的机构；投诉项目、经纪人的，选其所属机构。", "agency")
    return {"agency_id": agency.pk, "company_id": agency.company_id}


def _approved(found: AgencyComplaint, digest: str) -> str:
    return text_to_pass_on(found.pk, digest, "转办摘要", LONGEST_DIGEST, "digest")


def _pass_on(found: AgencyComplaint, text: str, by: Acting) -> Any:
    """The agency has the approved words and its term; returns the last day of it."""
    assert found.company_id is not None  # noqa: S101 - `_matched` went before
    transfer = Transfer(
        complaint_id=found.pk, number=found.number, jurisdiction=found.jurisdiction, company_id=found.company_id,
        body_id=found.body_id, respondent_kind=found.respondent_kind, text=text, approved_by_id=by.user_id, sent_on=today(),
    )  # fmt: skip
    term = start_deadline(
        FEEDBACK, jurisdiction=found.jurisdiction, subject_kind="agency_complaint", subject_id=transfer.pk,
        matter_id=found.pk, owner=Owner(company_id=found.company_id),
    )  # fmt: skip
    transfer.due_on = term.due_on
    transfer.save(force_insert=True)
    send_notice(
        title=f"有投诉转来，请于{term.due_on}前反馈处理意见：{found.number}", matter_id=transfer.pk,
        to_company_id=found.company_id,
    )  # fmt: skip
    return term.due_on


def _decided(by: Acting) -> dict[str, Any]:
    return {"decided_by_id": by.user_id, "decided_on": today()}
