"""Two separate decisions, each with its reasons: is it published, does it count; and what the complainant is told."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from fangxin.complaints.actions import note_progress
from fangxin.complaints.leaving import keep_author_out
from fangxin.complaints.queries import complaint_text
from fangxin.deadlines.actions import cancel_deadlines
from fangxin.deadlines.clock import today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.journal.actors import Actor
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.process import Standing
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.redress.actions.lateness import late_transfers
from fangxin.redress.actions.proposals import propose_record
from fangxin.redress.actions.steps import begin_step, journal_step, take_step
from fangxin.redress.models import AgencyComplaint, LateFeedback, PublishedComplaint, Transfer
from fangxin.redress.workflow import CLOCK, COMPLAINT
from fangxin.rules import book
from fangxin.rules.conduct import months_after
from fangxin.rules.workdays import calendar

LONGEST = 2000


@transaction.atomic
def decide_complaint(
    complaint_id: UUID,
    *,
    publish: bool,
    publish_because: str,
    count: bool,
    count_because: str,
    reply: str,
    public_summary: str = "",
    public_result: str = "",
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """The complaint is closed and answered; what counts is proposed as a bad record, what is public is not yet shown.

    ActRefused while a lateness is not judged; when it is to count without having been found true (TVX-22); and when
    the public words are missing or tell who complained (AMB-37).
    """
    found = begin_step(complaint_id, "decide_complaint", by=by, turn=turn, act_key=act_key)
    _expect_lateness_judged(found)
    if count and (found.finding != "true" or found.agency_id is None):
        raise ActRefused("计入信用的，须先有“属实”的核查结果，并选定机构（二（二）“经查证属实”）。", "count")
    changes = {
        "publish_because": fields.text(publish_because, "公示与否的理由", LONGEST, "publish_because"),
        "count_because": fields.text(count_because, "计入与否的理由", LONGEST, "count_because"),
        "is_published_wanted": publish, "is_counted": count, "decided_by_id": by.user_id, "decided_on": today(),
    }  # fmt: skip
    reply = fields.text(reply, "答复投诉人", LONGEST, "reply")
    if publish:
        for name, text, title in (
            ("public_summary", public_summary, "公开摘要"),
            ("public_result", public_result, "公开的处理结果"),
        ):
            changes[name] = fields.text(text, title, LONGEST, name)
            keep_author_out(found.pk, str(changes[name]), title, name)
        changes["publishable_on"] = None if is_adverse(found) else today()
    take_step(
        found, "decide_complaint", by=by, act_key=act_key, details={"publish": publish, "count": count},
        changes=changes,
    )  # fmt: skip
    cancel_deadlines(matter_id=found.pk)
    if count and found.agency is not None:
        propose_record(
            found.agency, source="complaint", source_number=found.number, found_on=found.found_on or today()
        )
    note_progress(found.pk, "办理结果", reply)
    send_notice(title=f"您的投诉 {found.number} 有答复", to_complainant_of=found.pk)
    return found


@transaction.atomic
def tell_respondent(
    complaint_id: UUID,
    *,
    served_on: date,
    served_how: str,
    proof: Sequence[Upload],
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """The unit was told on that day, with proof; ten full days pass before the public reads of it (AMB-31)."""
    found = begin_step(complaint_id, "tell_respondent", by=by, turn=turn, act_key=act_key)
    _expect_wanted(found)
    if served_on > today() or found.decided_on is None or served_on < found.decided_on:
        raise ActRefused(f"告知送达日期应在确定日期{found.decided_on}至今天之间。", "served_on")
    served_how = fields.text(served_how, "告知方式", 60, "served_how")
    if not proof:
        raise ActRefused("请上传送达的凭证（回执、挂号单、邮件回复等）。", "proof")
    limit = book(found.jurisdiction).limit("publication_notice", on=served_on)
    first_day = limit.first_permitted_day(served_on, calendar())
    take_step(
        found, "tell_respondent", by=by, act_key=act_key,
        details={"served_on": served_on.isoformat(), "publishable_on": first_day.isoformat()},
        changes={"served_on": served_on, "served_how": served_how, "publishable_on": first_day},
    )  # fmt: skip
    add_attachments(
        "complaint",
        found.pk,
        proof,
        purpose="register_evidence",
        by=by.actor,
        jurisdiction=found.jurisdiction,
    )
    if found.company_id is not None:
        send_notice(
            title=f"投诉 {found.number} 及处理结果将自{first_day}起公示", matter_id=found.pk,
            to_company_id=found.company_id,
        )  # fmt: skip
    return found


@transaction.atomic
def publish_complaint(
    complaint_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> AgencyComplaint:
    """The public reads the approved summary and result from now on; of the complainant nothing, of the words nothing.

    ActRefused unless publishing was decided, and before ten days where the unit must be told first.
    """
    found = begin_step(complaint_id, "publish_complaint", by=by, turn=turn, act_key=act_key)
    _expect_wanted(found)
    if found.published_on is not None:
        raise ActRefused(f"这件投诉已于{found.published_on}公示过，不再公示第二次（AMB-57）。")
    limit = book(found.jurisdiction).limit("publication_notice", on=found.served_on or today())
    if found.publishable_on is None:
        raise ActRefused(
            f"处理结果对企业不利的，公示前须告知被公示单位并满{limit.within}（AMB-31）。", "served_on"
        )
    if today() < found.publishable_on:
        raise ActRefused(
            f"{found.served_on}告知，满{limit.within}后自{found.publishable_on}起方可公示。", "served_on"
        )
    months = book(found.jurisdiction).value("complaints.shown_months", on=today()).value
    until = months_after(today(), int(str(months)))
    take_step(
        found, "publish_complaint", by=by, act_key=act_key,
        changes={"published_on": today(), "shown_until": until},
    )  # fmt: skip
    PublishedComplaint.objects.create(
        id=found.pk, number=found.number, jurisdiction=found.jurisdiction,
        agency_code=found.agency.code if found.agency else "",
        respondent=complaint_text(found.pk)["respondent_name"], respondent_kind=found.respondent_kind,
        city=found.city, received_on=found.received_on, summary=found.public_summary, result=found.public_result,
        finding=found.finding, answered_by=found.body.name, published_on=today(), shown_until=until,
    )  # fmt: skip
    return found


@transaction.atomic
def take_down_complaint(
    complaint_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> AgencyComplaint:
    """It is public no longer; what was decided stays on file, with why it was taken down."""
    found = begin_step(complaint_id, "take_down_complaint", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "停止公示的理由", LONGEST, "reason")
    take_step(
        found, "take_down_complaint", by=by, act_key=act_key,
        changes={"is_published_wanted": False, "publish_because": f"{found.publish_because}\n{today()}停止公示：{reason}"},
    )  # fmt: skip
    PublishedComplaint.objects.filter(pk=found.pk).delete()
    return found


@transaction.atomic
def end_complaint_displays() -> int:
    """Complaints whose days of display are over are public no longer, by themselves; returns how many (AMB-57)."""
    over = list(
        AgencyComplaint.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(state="published", shown_until__lt=today())
    )
    for found in over:
        clock = Standing(found.state, Role.SYSTEM, frozenset({CLOCK}))
        step, after = COMPLAINT.find_step("end_complaint_display", clock)
        before, found.state, found.turn = found.state, after, found.turn + 1
        found.save(update_fields=["state", "turn"])
        PublishedComplaint.objects.filter(pk=found.pk).delete()
        journal_step(
            COMPLAINT, step, found, by=Actor.system("时钟"),
            details={"before": before, "after": after, "shown_until": found.shown_until},
        )  # fmt: skip
    return len(over)


def is_adverse(found: AgencyComplaint) -> bool:
    """The result is to the unit's disadvantage, and the rulebook has it told first (AMB-31)."""
    if not book(found.jurisdiction).value("complaints.adverse_is_told", on=today()).value:
        return False
    blamed = LateFeedback.objects.filter(transfer__complaint=found, state="unjustified").exists()
    return found.finding == "true" or blamed


def _expect_wanted(found: AgencyComplaint) -> None:
    if not found.is_published_wanted:
        raise ActRefused("这件投诉确定为不公示（二（三））。")


def _expect_lateness_judged(found: AgencyComplaint) -> None:
    late = Transfer.objects.filter(late_transfers(today()), complaint=found)
    if late.exclude(lateness__state__in=["justified", "unjustified"]).exists():
        raise ActRefused("企业逾期反馈的，须先判断有无正当理由（AMB-46）。", "lateness")
