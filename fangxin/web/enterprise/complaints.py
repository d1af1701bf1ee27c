"""公众投诉: what was passed on to the agency, and its feedback within 15日 (二（三）)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.deadlines.clock import today
from fangxin.deadlines.queries import deadlines_of_subject
from fangxin.documents.queries import attachments_for_company
from fangxin.redress.actions import give_feedback
from fangxin.redress.queries import transfer_for, transfers_for
from fangxin.rules import book
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.fields import ActForm, Lines, attempt, sent_before
from fangxin.web.files import Files
from fangxin.web.public import REGISTER


class FeedbackForm(ActForm):
    """The agency's opinion; when it is late, also why."""

    opinion = Lines("处理意见", 5000, rows=8, help_text="怎样查的、怎样处理的。提交后不能修改，可以再补充。")
    late_reason = Lines("逾期的理由", 1000, rows=3, required=False)
    files = Files("证明材料")  # type: ignore[assignment]

    def __init__(self, *args: Any, late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not late:
            del self.fields["late_reason"]


@enterprise
def complaints(request: ActingRequest) -> HttpResponse:
    """What waits for feedback, soonest due first, and what was answered."""
    rows = transfers_for(request.acting.company_id or 0)
    limit = book(REGISTER).limit("complaint_feedback", on=today())
    context = {
        "heading": "公众投诉", "lead": f"主管部门转来的投诉，应在{limit.within}内反馈处理意见（{limit.clause}）。", "on": today(),
        "waiting": [row for row in rows if row["answered_on"] is None],
        "done": [row for row in rows if row["answered_on"] is not None],
    }  # fmt: skip
    return render(request, "enterprise/complaints.html", context)


@enterprise
def complaint(request: ActingRequest, transfer_id: UUID) -> HttpResponse:
    """One complaint in the words that were approved for this agency, and the form for its feedback."""
    company_id = request.acting.company_id or 0
    found = transfer_for(company_id, transfer_id)
    if found is None:
        raise Http404
    late = today() > found["due_on"]
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = FeedbackForm(data, files, initial={"turn": found["turn"]}, late=late)
    if request.method == "POST":
        if form.is_valid():
            done, _ = attempt(form, lambda: _give(transfer_id, form, request))
            if done:
                messages.success(request, "反馈已提交。")
                return redirect("enterprise_complaint", transfer_id=transfer_id)
        elif sent_before(request.POST):
            return redirect("enterprise_complaint", transfer_id=transfer_id)
    context = {
        "transfer": found, "heading": f"投诉 {found['number']}", "form": form, "late": late and not found["feedback"],
        "on": today(), "crumbs": [("公众投诉", reverse("enterprise_complaints"))],
        "deadlines": deadlines_of_subject(transfer_id),
        "facts": [
            ("投诉编号", found["number"]), ("被投诉对象分类", found["respondent_kind"]), ("办理部门", found["body__name"]),
            ("转办日期", f"{found['sent_on']}"), *([("逾期的理由", found["late_reason"])] if found["late_reason"] else []),
        ],
        "files": [
            {
                "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
                "url": reverse("enterprise_attachment", args=[row["id"]]),
            }
            for row in attachments_for_company(company_id, "agency_complaint", transfer_id)
        ],
    }  # fmt: skip
    return render(request, "enterprise/complaint.html", context, status=422 if form.is_bound else 200)


def _give(transfer_id: UUID, form: FeedbackForm, request: ActingRequest) -> Any:
    given = form.cleaned_data
    return give_feedback(
        transfer_id, opinion=given["opinion"], late_reason=given.get("late_reason", ""), files=given["files"],
        by=request.acting, **form.act,
    )  # fmt: skip
