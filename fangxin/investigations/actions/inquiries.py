"""The asking side of a joint investigation: drafted, signed, numbered and sent, asked again, recalled, filed (二(六)4)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from fangxin.cases.actions.identity import identity_to_print
from fangxin.cases.actions.steps import locked_case
from fangxin.cases.models import Case
from fangxin.complaints.leaving import keep_author_out
from fangxin.deadlines.actions import Owner, cancel_deadlines, start_deadline
from fangxin.deadlines.clock import today
from fangxin.investigations.actions.inquiry_steps import begin_step, journal_step, take_step
from fangxin.investigations.models import Inquiry, InquiryAnswer, InquiryNumber
from fangxin.investigations.sheets import (
    REQUIRED,
    VERIFIED_AS,
    WRITTEN,
    form_for,
    form_of,
    longest,
    number_text,
    written_cells,
)
from fangxin.investigations.standing import places_of, standing_before, standing_of
from fangxin.investigations.workflow import ASKED, INQUIRY, SENDER
from fangxin.journal.actions import claim_act, record
from fangxin.journal.kinds import Kind
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.models import Body
from fangxin.organisations.process import NEW
from fangxin.organisations.queries import body as body_coded
from fangxin.organisations.receipts import secret_digest, secret_for
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting

LONGEST_OPINION, LONGEST_REASON, LONGEST_NAME = 2000, 500, 120


@transaction.atomic
def draft_inquiry(
    case_id: UUID,
    *,
    cells: Mapping[str, str],
    by: Acting,
    asked_code: str = "",
    asked_name: str = "",
    act_key: UUID | None = None,
) -> Inquiry:
    """A sheet to one body is drafted: 附件1 to one inside the commission, 附件2 to any other (二(六)4, AMB-10).

    `asked_code` names a body of the platform, `asked_name` one outside it. `cells` by code of the form. ActRefused
    for a cell that still tells who complained, and for anybody but the officer of the case.
    """
    claim_act(act_key, "draft_inquiry", "case", str(case_id))
    case = locked_case(case_id)
    step = INQUIRY.allowed("draft_inquiry", standing_before(case, by, NEW))
    asked = body_coded(asked_code) if asked_code else None
    if asked is not None and (asked.jurisdiction != case.jurisdiction or asked.pk == case.handling_body_id):
        raise ActRefused("请选择本部门以外的协查部门。", "asked_code")
    name = asked.name if asked else fields.text(asked_name, "协查单位名称", LONGEST_NAME, "asked_name")
    form = form_for(asked.code if asked else "", case.jurisdiction)
    inquiry = Inquiry(
        id=uuid4(), case=case, jurisdiction=case.jurisdiction, form=form, asking_body_id=by.body_id or 0, asked_body=asked,
        asked_name=name, cells=_checked(case, form, cells), state=step.to[""], drafted_by_id=by.user_id,
        writers=[by.user_id], drafted_on=today(),
    )  # fmt: skip
    inquiry.save(force_insert=True)
    journal_step(
        inquiry,
        step,
        by=by.actor,
        act_key=act_key,
        details={"after": inquiry.state, "body": inquiry.asked_body_id},
    )
    return inquiry


@transaction.atomic
def revise_inquiry(
    inquiry_id: UUID,
    *,
    cells: Mapping[str, str],
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Inquiry:
    """The draft says what is given now; whoever revised it does not sign it either."""
    inquiry = begin_step(inquiry_id, "revise_inquiry", by=by, turn=turn, act_key=act_key)
    take_step(
        inquiry, "revise_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        changes={
            "cells": _checked(inquiry.case, inquiry.form, cells),
            "writers": sorted({*inquiry.writers, by.user_id}),
        },
    )  # fmt: skip
    return inquiry


@transaction.atomic
def submit_inquiry(
    inquiry_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The sheet waits for the opinion of the office, which its head writes."""
    inquiry = begin_step(inquiry_id, "submit_inquiry", by=by, turn=turn, act_key=act_key)
    take_step(
        inquiry, "submit_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        changes={"writers": sorted({*inquiry.writers, by.user_id})},
    )  # fmt: skip
    send_notice(
        title=f"案件 {inquiry.case.number} 的协查待签处室意见",
        matter_id=inquiry.pk,
        to_body_id=inquiry.asking_body_id,
    )
    return inquiry


@transaction.atomic
def drop_inquiry(
    inquiry_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The draft is not sent; it had no number."""
    inquiry = begin_step(inquiry_id, "drop_inquiry", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "不再发起的理由", LONGEST_REASON, "reason")
    take_step(
        inquiry, "drop_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={"reason": reason},
    )  # fmt: skip
    return inquiry


@transaction.atomic
def send_back_inquiry(
    inquiry_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The officer is to change the draft, and reads why."""
    inquiry = begin_step(inquiry_id, "send_back_inquiry", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "退回的理由", LONGEST_REASON, "reason")
    take_step(
        inquiry, "send_back_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={"reason": reason},
    )  # fmt: skip
    send_notice(
        title=f"案件 {inquiry.case.number} 的协查退回修改",
        matter_id=inquiry.pk,
        to_user_id=inquiry.case.officer_id,
    )
    return inquiry


@transaction.atomic
def sign_inquiry(
    inquiry_id: UUID,
    *,
    opinion: str,
    by: Acting,
    names_complainant: bool = False,
    names_because: str = "",
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Inquiry:
    """Signed, numbered and sent in one act; its term runs from today (AMB-03).

    The complainant's two cells stay blank unless the head decides otherwise and says why: that stands in the
    journal (五, AMB-12). The number follows the office's last one of the year without a gap (SD-09, AMB-70).
    """
    inquiry = begin_step(inquiry_id, "sign_inquiry", by=by, turn=turn, act_key=act_key)
    opinion = fields.text(opinion, "处室意见", LONGEST_OPINION, "opinion")
    because = ""
    if names_complainant:
        because = fields.text(names_because, "印出投诉人的理由", LONGEST_REASON, "names_because")
        if not inquiry.case.complaint.has_complainant:
            raise ActRefused("本案没有投诉人，这两栏只能空着。", "names_complainant")
    numbered = _next_number(inquiry)
    deadline = _start_term(inquiry, numbered.issued_on)
    take_step(
        inquiry, "sign_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={
            "number": numbered.text, "due_on": deadline.isoformat(), "names_complainant": names_complainant,
            "reason": because,
        },
        changes={
            "office_opinion": opinion, "signed_by_id": by.user_id, "names_complainant": names_complainant,
            "names_because": because, "number": numbered.text, "sent_on": numbered.issued_on, "due_on": deadline,
        },
    )  # fmt: skip
    numbered.save(force_insert=True)
    _tell_asked(inquiry, f"收到协查 {inquiry.number}，请于{deadline}前反馈")
    return inquiry


@transaction.atomic
def ask_more(
    inquiry_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The answer does not suffice: the body asked reads what is missing and has the term anew from today."""
    inquiry = begin_step(inquiry_id, "ask_more", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "需要补充什么", LONGEST_REASON, "reason")
    due_on = _start_term(inquiry, today())
    take_step(
        inquiry, "ask_more", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={"due_on": due_on.isoformat()},
        changes={"due_on": due_on, "answered_on": None},
    )  # fmt: skip
    InquiryAnswer(
        id=uuid4(), inquiry=inquiry, kind=InquiryAnswer.Kind.ASKED_MORE, way=InquiryAnswer.Way.PLATFORM, text=reason,
        on=today(), by_label=by.label,
    ).save(force_insert=True)  # fmt: skip
    _tell_asked(inquiry, f"协查 {inquiry.number} 请补充，{due_on}前反馈")
    return inquiry


@transaction.atomic
def recall_inquiry(
    inquiry_id: UUID, *, reason: str, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """The sheet is withdrawn and its term ended; its number is void, and is never given again (AMB-70)."""
    inquiry = begin_step(inquiry_id, "recall_inquiry", by=by, turn=turn, act_key=act_key)
    reason = fields.text(reason, "撤回的理由", LONGEST_REASON, "reason")
    take_step(
        inquiry, "recall_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key,
        details={"reason": reason},
    )  # fmt: skip
    InquiryNumber.objects.filter(inquiry=inquiry).update(voided_on=today())
    cancel_deadlines(matter_id=inquiry.pk)
    _tell_asked(inquiry, f"协查 {inquiry.number} 已由发送单位撤回")
    return inquiry


@transaction.atomic
def close_inquiry(
    inquiry_id: UUID, *, by: Acting, turn: int | None = None, act_key: UUID | None = None
) -> Inquiry:
    """What was answered is part of the case file, and nothing more is asked."""
    inquiry = begin_step(inquiry_id, "close_inquiry", by=by, turn=turn, act_key=act_key)
    take_step(inquiry, "close_inquiry", by=by.actor, standing=standing_of(inquiry, by), act_key=act_key)
    return inquiry


@transaction.atomic
def print_inquiry(inquiry_id: UUID, *, by: Acting) -> tuple[str, str]:
    """Name and telephone of the complainant for this sheet: blank unless the signing released them, and for whoever
    neither asked nor was asked. Each look stands in the journal (五)."""
    inquiry = Inquiry.objects.select_related("case").get(pk=inquiry_id)
    if not inquiry.names_complainant or not {SENDER, ASKED} & places_of(inquiry, by):
        return "", ""
    record(
        Kind.INQUIRY_PRINT, "case", inquiry.case_id, by=by.actor, summary=f"印出写有投诉人的协查文书：{inquiry.number}",
        details={"inquiry": inquiry.pk, "form": inquiry.form, "number": inquiry.number}, clause="五",
        jurisdiction=inquiry.jurisdiction,
    )  # fmt: skip
    return identity_to_print(inquiry.case)


def _checked(case: Case, form: str, given: Mapping[str, str]) -> dict[str, str]:
    """The cells the officer writes, each within its length, none telling who complained; others are not taken."""
    cells, meanings = {}, {code: name for name, code in WRITTEN[form].items()}
    for name, cell in written_cells(form, case.jurisdiction):
        text = str(given.get(cell.code, "")).strip()
        if name in REQUIRED or text:
            text = fields.text(text, cell.label, longest(cell), cell.code)
        cells[cell.code] = text
    for code, text in cells.items():
        keep_author_out(case.complaint_id, text, _label(form, case, code), code)
    assert set(cells) == set(meanings)  # noqa: S101 - the form of the rulebook has every cell we write
    return cells


def _label(form: str, case: Case, code: str) -> str:
    return next(cell.label for cell in form_of(form, case.jurisdiction).cells if cell.code == code)


def _next_number(inquiry: Inquiry) -> InquiryNumber:
    """The office's next number of the year; its row is locked until the sheet is sent or is not, so that none is lost.

    Not against those who merely refer to the office: a lock that kept out new cases would stop the house.
    """
    issuer = Body.objects.select_for_update(no_key=True).get(pk=inquiry.asking_body_id)
    on = today()
    given = InquiryNumber.objects.filter(body=issuer, form=inquiry.form, year=on.year)
    last = given.order_by("-n").values_list("n", flat=True).first() or 0
    text = number_text(inquiry.form, inquiry.jurisdiction, last + 1, on)
    return InquiryNumber(
        body=issuer, jurisdiction=inquiry.jurisdiction, issuer=issuer.name, form=inquiry.form, year=on.year, n=last + 1,
        text=text, inquiry=inquiry, issued_on=on, secret_hash=secret_digest(VERIFIED_AS, secret_for(inquiry.pk)),
    )  # fmt: skip


def _start_term(inquiry: Inquiry, on: date) -> date:
    """The term printed on the form, of the body asked; one outside the platform is reminded through the asking office."""
    deadline = start_deadline(
        form_of(inquiry.form, inquiry.jurisdiction).limit, jurisdiction=inquiry.jurisdiction, subject_kind="inquiry",
        subject_id=inquiry.pk, matter_id=inquiry.pk,
        owner=Owner(body_id=inquiry.asked_body_id or inquiry.asking_body_id), on=on,
    )  # fmt: skip
    return deadline.due_on


def _tell_asked(inquiry: Inquiry, title: str) -> None:
    if inquiry.asked_body_id is not None:
        send_notice(title=title, matter_id=inquiry.pk, to_body_id=inquiry.asked_body_id)
