"""案件录入: a clerk types a case in (二(一))."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from fangxin.cases.actions import register_case
from fangxin.cases.actions.intake import may_enter
from fangxin.complaints.actions import Grievance, identity_from
from fangxin.organisations.roles import Role
from fangxin.rules import book
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import attempt
from fangxin.web.office.forms import IntakeForm

ENTERING = (Role.INTAKE_CLERK, Role.DISPATCHER, Role.DEPARTMENT_CLERK, Role.CASE_OFFICER)


@office(*ENTERING)
def enter(request: ActingRequest) -> HttpResponse:
    """The intake form, with the sources this body may use."""
    acting = request.acting
    sources = [
        (s.key, f"{s.title}（{s.clause}）")
        for s in book(acting.jurisdiction).sources
        if not may_enter(s, acting)
    ]
    own_link = acting.link if "handle" in acting.functions else ""
    form = IntakeForm(
        request.POST or None, jurisdiction=acting.jurisdiction, sources=sources, own_link=own_link,
        initial={"source": sources[0][0] if sources else ""},
    )  # fmt: skip
    context = {"form": form, "heading": "案件录入", "sources": sources}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, receipt = attempt(
            form,
            lambda: register_case(
                Grievance(
                    title=given["title"], text=given["text"], respondent_name=given["respondent_name"],
                    respondent_person=given["respondent_person"], project_name=given["project_name"],
                    project_address=given["project_address"], district=given["district"],
                    external_number=given["external_number"] or None, origin_document=given["origin_document"],
                ),
                identity_from(given), source=given["source"], by=acting, keep_link=given.get("keep_link", ""),
                act_key=given["act_key"],
            ),
        )  # fmt: skip
        if done:
            messages.success(
                request,
                f"案件 {receipt.number} 已录入。" if receipt else "这件案件已经录入过了，没有重复录入。",
            )
            return redirect("case", number=receipt.number) if receipt else redirect("desk")
    return render(request, "office/intake.html", context, status=422 if request.method == "POST" else 200)
