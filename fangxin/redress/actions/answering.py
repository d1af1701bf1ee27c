"""T2: the agency's feedback, and what the authority found (二（三）, 附件2)."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from fangxin.complaints.actions import note_progress
from fangxin.complaints.leaving import keep_author_out
from fangxin.deadlines.actions import meet_deadline
from fangxin.deadlines.clock import now, today
from fangxin.documents.actions import Upload, add_attachments
from fangxin.notices.actions import send_notice
from fangxin.organisations import fields
from fangxin.organisations.queries import company_name
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.organisations.written_often import insert
from fangxin.redress.actions.sorting import FEEDBACK
from fangxin.redress.actions.steps import begin_step, take_step
from fangxin.redress.models import AgencyComplaint, Answer, Transfer
from fangxin.redress.workflow import AFTER_FEEDBACK, AFTER_FINDING, FINDINGS

LONGEST, LONGEST_REASON = 5000, 1000


@transaction.atomic
def give_feedback(
    transfer_id: UUID,
    *,
    opinion: str,
    late_reason: str = "",
    files: Sequence[Upload] = (),
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> Transfer:
    """The agency's opinion stands as a row of T2; its first one meets the term of 15日, or meets it late for ever.

    It may add to it until the authority decides. Late feedback is taken, marked, and still judged (AMB-46).
    """
    transfer = Transfer.objects.filter(pk=transfer_id, company_id=by.company_id or 0).first()
    if transfer is None:
        raise ActRefused("没有这件投诉，或者您无权办理。")
    found = begin_step(transfer.complaint_id, "give_feedback", by=by, turn=turn, act_key=act_key)
    opinion = fields.text(opinion, "处理意见", LONGEST, "opinion")
    first = transfer.state == Transfer.State.WAITING
    late = today() > transfer.due_on
    take_step(
        found, "give_feedback", by=by, choice=AFTER_FEEDBACK[found.state], act_key=act_key,
        details={"late": late, "attachments": len(files)},
    )  # fmt: skip
    insert(
        Answer(
            complaint_id=found.pk, complaint_number=found.number, kind=Answer.Kind.FEEDBACK,
            company_id=by.company_id, answered_at=now(), answered_by=company_name(transfer.company_id)[:100],
            opinion=opinion, is_late=late,
        )
    )  # fmt: skip
    if late_reason.strip():
        transfer.late_reason = fields.text(late_reason, "逾期的理由", LONGEST_REASON, "late_reason")
    if first:
        transfer.state, transfer.answered_on, transfer.answered_late = (
            Transfer.State.ANSWERED, today(), late,
        )  # fmt: skip
        meet_deadline(FEEDBACK, subject_id=transfer.pk)
    transfer.save(update_fields=["state", "answered_on", "answered_late", "late_reason"])
    if files:
        add_attachments(
            "agency_complaint", transfer.pk, files, purpose="reply_evidence", by=by.actor,
            jurisdiction=transfer.jurisdiction,
        )  # fmt: skip
    send_notice(
        title=f"投诉 {found.number}：企业已反馈处理意见", matter_id=found.pk, to_body_id=transfer.body_id
    )
    return transfer


@transaction.atomic
def record_finding(
    complaint_id: UUID,
    *,
    finding: str,
    opinion: str,
    by: Acting,
    turn: int | None = None,
    act_key: UUID | None = None,
) -> AgencyComplaint:
    """What verification found stands as a row of T2: 属实, 不属实, 无法核实. The latest one counts."""
    found = begin_step(complaint_id, "record_finding", by=by, turn=turn, act_key=act_key)
    if finding not in FINDINGS:
        raise ActRefused(f"请在{'、'.join(FINDINGS.values())}中选择一项。", "finding")
    opinion = fields.text(opinion, "处理意见", LONGEST, "opinion")
    keep_author_out(found.pk, opinion, "处理意见", "opinion")
    take_step(
        found, "record_finding", by=by, choice=AFTER_FINDING[found.state], act_key=act_key,
        details={"finding": finding}, changes={"finding": finding, "found_on": today()},
    )  # fmt: skip
    insert(
        Answer(
            complaint_id=found.pk, complaint_number=found.number, kind=Answer.Kind.FINDING, answered_at=now(),
            answered_by=by.capacity.partition("·")[0][:100], opinion=opinion, finding=finding,
        )
    )  # fmt: skip
    note_progress(found.pk, "已核查", "主管部门已登记核查结果，确定后答复。")
    return found
