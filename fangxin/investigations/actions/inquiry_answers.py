"""The answering side of a joint investigation: received, answered or declined, on the platform or on paper (二(六)4)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.deadlines.actions import meet_deadline
from fangxin.deadlines.clock import today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.documents.queries import next_ordinal
from fangxin.investigations.actions.inquiry_steps import begin_step, take_step
from fangxin.investigations.models import Inquiry, InquiryAnswer
from fangxin.investigations.sheets import form_of
from fangxin.investigations.standing import standing_of
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting

LONGEST_ANSWER, LONGEST_CONTACT = 8000, 40


@transaction.atomic
def receive_inquiry(
    inquiry_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The body asked has the sheet; the term runs since it was sent."""
    inquiry = begin_step(inquiry_id, "receive_inquiry", by=by, turn=turn, act_key=act_key)
    take_step(
        inquiry, "receive_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        changes={"received_on": today()},
    )  # fmt: skip
    return inquiry


@transaction.atomic
def register_dispatch(
    inquiry_id: UUID,
    *,
    served_how: str,
    served_on: date,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Inquiry:
    """How and when the letter reached a body outside; not before it was sent and not after today."""
    inquiry = begin_step(inquiry_id, "register_dispatch", by=by, turn=turn, act_key=act_key)
    served_how = fields.text(served_how, "送达方式", 60, "served_how")
    _check_day(inquiry, served_on, "served_on", "送达日期")
    take_step(
        inquiry, "register_dispatch", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={"served_on": served_on.isoformat()}, changes={"received_on": served_on, "sent_how": served_how},
    )  # fmt: skip
    return inquiry


@transaction.atomic
def answer_inquiry(
    inquiry_id: UUID,
    *,
    text: str,
    by: Acting,
    contact: str = "",
    telephone: str = "",
    fax: str = "",
    files: Sequence[Upload] = (),
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Inquiry:
    """The opinion of the body asked is on file and its term is met, late or in time (AMB-03)."""
    inquiry = begin_step(inquiry_id, "answer_inquiry", by=by, turn=turn, act_key=act_key)
    answer = _answer(inquiry, InquiryAnswer.Kind.ANSWER, text, by, today(), (contact, telephone, fax))
    return _keep(inquiry, "answer_inquiry", answer, by, files, act_key)


@transaction.atomic
def register_answer(
    inquiry_id: UUID,
    *,
    text: str,
    answered_on: date,
    by: Acting,
    contact: str = "",
    telephone: str = "",
    fax: str = "",
    files: Sequence[Upload] = (),
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Inquiry:
    """What came on paper is on file with its scan, as of the day it came (F2-18…23). ActRefused without the scan."""
    inquiry = begin_step(inquiry_id, "register_answer", by=by, turn=turn, act_key=act_key)
    _check_day(inquiry, answered_on, "answered_on", "答复日期")
    _check_scan(files)
    answer = _answer(inquiry, InquiryAnswer.Kind.ANSWER, text, by, answered_on, (contact, telephone, fax))
    answer.way = InquiryAnswer.Way.PAPER
    return _keep(inquiry, "register_answer", answer, by, files, act_key)


@transaction.atomic
def decline_inquiry(
    inquiry_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The body asked says why it does not look into it; its term is met by saying so."""
    inquiry = begin_step(inquiry_id, "decline_inquiry", by=by, turn=turn, act_key=act_key)
    answer = _answer(inquiry, InquiryAnswer.Kind.DECLINE, reason, by, today(), field="reason")
    return _keep(inquiry, "decline_inquiry", answer, by, (), act_key)


@transaction.atomic
def register_decline(
    inquiry_id: UUID,
    *,
    reason: str,
    answered_on: date,
    by: Acting,
    files: Sequence[Upload] = (),
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Inquiry:
    """That a body outside declined on paper is on file with the scan."""
    inquiry = begin_step(inquiry_id, "register_decline", by=by, turn=turn, act_key=act_key)
    _check_day(inquiry, answered_on, "answered_on", "答复日期")
    _check_scan(files)
    answer = _answer(inquiry, InquiryAnswer.Kind.DECLINE, reason, by, answered_on, field="reason")
    answer.way = InquiryAnswer.Way.PAPER
    return _keep(inquiry, "register_decline", answer, by, files, act_key)


def _answer(
    inquiry: Inquiry, kind: InquiryAnswer.Kind, text: str, by: Acting, on: date,
    reached: tuple[str, str, str] = ("", "", ""), field: str = "text",
) -> InquiryAnswer:  # fmt: skip
    title = "处理意见" if kind == InquiryAnswer.Kind.ANSWER else "不予协查的理由"
    text = fields.text(text, title, LONGEST_ANSWER, field)
    contact, telephone, fax = (part.strip()[:LONGEST_CONTACT] for part in reached)
    return InquiryAnswer(
        id=uuid4(), inquiry=inquiry, kind=kind, way=InquiryAnswer.Way.PLATFORM, text=text, on=on, by_label=by.label,
        contact=contact, telephone=telephone, fax=fax, late=inquiry.due_on is not None and on > inquiry.due_on,
    )  # fmt: skip


def _keep(
    inquiry: Inquiry, verb: str, answer: InquiryAnswer, by: Acting, files: Sequence[Upload], act_key: UUID | None
) -> Inquiry:  # fmt: skip
    take_step(
        inquiry, verb, by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={"late": answer.late, "attachments": len(files)},
        changes={
            "answered_on": answer.on, "answered_late": inquiry.answered_late or answer.late,
            "received_on": inquiry.received_on or answer.on,
        },
    )  # fmt: skip
    answer.save(force_insert=True)
    if files:
        add_attachments(
            "inquiry", inquiry.pk, files, purpose="inquiry_evidence", by=by.actor,
            first_ordinal=next_ordinal("inquiry", inquiry.pk), jurisdiction=inquiry.jurisdiction,
        )  # fmt: skip
    meet_deadline(form_of(inquiry.form, inquiry.jurisdiction).limit, subject_id=inquiry.pk, on=answer.on)
    send_notice(
        title=f"协查 {inquiry.number} {answer.get_kind_display()}：{inquiry.asked_name}",
        matter_id=inquiry.pk,
        to_user_id=inquiry.case.officer_id,
    )
    return inquiry


def _check_day(inquiry: Inquiry, on: date, field: str, title: str) -> None:
    if on > today() or (inquiry.sent_on is not None and on < inquiry.sent_on):
        raise ActRefused(f"{title}应在发出之后（{inquiry.sent_on}）、今天或今天之前。", field)


def _check_scan(files: Sequence[Upload]) -> None:
    if not files:
        raise ActRefused("请上传书面来文的扫描件。", "papers")
