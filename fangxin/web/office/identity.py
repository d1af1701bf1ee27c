"""Asking for a complainant's identity, consenting, and looking (五)."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from fangxin.cases.actions import ask_for_identity, consent_to_identity, open_identity
from fangxin.cases.queries import case_for
from fangxin.organisations.refusals import ActRefused
from fangxin.web.access import ActingRequest, office


@office()
@require_POST
def ask(request: ActingRequest, number: str) -> HttpResponse:
    """Asks for leave, with a reason."""
    case = case_for(request.acting, number)
    if case is None:
        raise Http404
    try:
        opening = ask_for_identity(case.pk, reason=request.POST.get("reason", ""), by=request.acting)
    except ActRefused as refused:
        messages.error(request, str(refused))
        return redirect("case", number=number)
    if opening.open_until is None:
        messages.success(request, "已提交申请，等待本案所在部门领导同意。")
        return redirect("case", number=number)
    return redirect("open_identity", number=number)


@office()
@require_POST
def consent(request: ActingRequest, number: str, opening: UUID) -> HttpResponse:
    """The second person says yes or no."""
    case = case_for(request.acting, number)
    if case is None:
        raise Http404
    try:
        agree = request.POST.get("agree") == "yes"
        consent_to_identity(opening, case_id=case.pk, agree=agree, by=request.acting)
        messages.success(request, "已记录您的决定。")
    except ActRefused as refused:
        messages.error(request, str(refused))
    return redirect("case", number=number)


@office()
@require_safe
def look(request: ActingRequest, number: str) -> HttpResponse:
    """The identity in the clear, once more recorded; never cached."""
    case = case_for(request.acting, number)
    if case is None:
        raise Http404
    try:
        identity = open_identity(case.pk, by=request.acting)
    except ActRefused as refused:
        messages.error(request, str(refused))
        return redirect("case", number=number)
    context = {
        "case": case, "items": list(identity.items()), "heading": "投诉人身份",
        "crumbs": [("工作台", reverse("desk")), (case.number, reverse("case", args=[case.number]))],
    }  # fmt: skip
    response = render(request, "office/identity.html", context)
    response["Cache-Control"] = "no-store"
    return response
