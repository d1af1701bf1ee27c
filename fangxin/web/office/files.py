"""The files of a case in the office: downloads, each recorded, and what becomes of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.cases.queries import case_for, tasks_of
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_of, subject_of
from fangxin.investigations.actions import quarantine_file, release_file
from fangxin.investigations.queries import is_of_case, judges_files
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.office.forms import QuarantineForm, ReleaseForm

OPEN_TASKS = {"notified", "viewed", "replied", "returned"}


@office()
def attachment(request: ActingRequest, number: str, attachment_id: UUID) -> HttpResponse:
    """A file of a case the reader may see."""
    case, subject = case_for(request.acting, number), subject_of(attachment_id)
    if case is None or subject is None or not is_of_case(case, *subject):
        raise Http404
    opened = open_attachment(
        attachment_id, subject_kind=subject[0], subject_id=subject[1], by=request.acting.actor
    )
    return HttpResponse(opened.content, headers=opened.headers)


@office(Role.DEPARTMENT_CLERK, Role.CASE_OFFICER)
def judge_file(request: ActingRequest, number: str, attachment_id: UUID) -> HttpResponse:
    """A picture goes to a company in its cleaned copy, or nobody opens a file any more: the department decides."""
    case, subject = case_for(request.acting, number), subject_of(attachment_id)
    if case is None or subject is None or not judges_files(case, request.acting):
        raise Http404
    rows = attachments_of(*subject) if is_of_case(case, *subject) else []
    row = next((one for one in rows if one["id"] == attachment_id), None)
    if row is None:
        raise Http404
    companies = {one["company_id"]: one for one in tasks_of(case.pk) if one["state"] in OPEN_TASKS}
    release = _release_form(request, case, row, subject[0], companies)
    quarantine = QuarantineForm(
        request.POST if request.POST.get("act") == "quarantine" else None, auto_id="quarantine_%s"
    )
    if request.method == "POST" and (
        sent_before(request.POST) or _judged(request, case, attachment_id, release, quarantine)
    ):
        messages.success(request, f"{row['shown_name']}的处置已记录。")
        return redirect("case", number=number)
    context = {
        "case": case, "heading": f"处置{row['shown_name']}", "file": row, "release": release, "quarantine": quarantine,
        "quarantined": row["scan_state"] == "quarantined", "url": reverse("attachment", args=[number, attachment_id]),
        "released_to": [one["company_name"] for pk, one in companies.items() if pk in row["released_to"]],
        "crumbs": [("工作台", reverse("desk")), (case.number, reverse("case", args=[case.number]))],
    }  # fmt: skip
    return render(request, "office/file.html", context, status=422 if request.method == "POST" else 200)


def _release_form(
    request: ActingRequest, case: Any, row: dict[str, Any], subject_kind: str, companies: dict[Any, Any]
) -> ReleaseForm | None:
    """The form, where there is a cleaned copy of a complainant's picture and a company that has to answer."""
    waiting = [one for pk, one in companies.items() if pk not in row["released_to"]]
    if subject_kind != "complaint" or not row["can_be_released"] or not waiting:
        return None
    form = ReleaseForm(request.POST if request.POST.get("act") == "release" else None)
    form.fields["tasks"].choices = [(str(one["id"]), one["company_name"]) for one in waiting]  # type: ignore[attr-defined]
    return form


def _judged(
    request: ActingRequest, case: Any, attachment_id: UUID, release: ReleaseForm | None, quarantine: ActForm
) -> bool:
    if release is not None and release.is_bound and release.is_valid():
        given = release.cleaned_data
        done, _ = attempt(release, lambda: release_file(
            case.pk, attachment_id, task_ids=[UUID(one) for one in given["tasks"]], reason=given["reason"],
            by=request.acting, act_key=given["act_key"],
        ))  # fmt: skip
        return done
    if quarantine.is_bound and quarantine.is_valid():
        given = quarantine.cleaned_data
        done, _ = attempt(quarantine, lambda: quarantine_file(
            case.pk, attachment_id, reason=given["reason"], by=request.acting, act_key=given["act_key"]
        ))  # fmt: skip
        return done
    return False
