"""Claims of accounts before the department of their place (二（二）: 由企业负责直接填报)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fangxin.agencies.actions import approve_claim, refuse_claim, send_link_again
from fangxin.agencies.claims import claim_before, claims_before, told_of_claim
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import attachments_of
from fangxin.journal.actions import AlreadyDone
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, Choice, Lines, attempt
from fangxin.web.public.places import named

DECISIONS = {"approve": "开通账号", "refuse": "不予开通"}


class DecisionForm(ActForm):
    """Yes or no, and why not."""

    decision = Choice("决定", DECISIONS.items(), widget=forms.RadioSelect)
    opinion = Lines("理由", 1000, rows=3, required=False, help_text="不予开通的必填，申请人凭查询码能看到。")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("decision") == "refuse" and not given.get("opinion"):
            self.add_error("opinion", "请写明不予开通的理由。")
        return given


@office(Role.REVIEWER)
@require_safe
def queue(request: ActingRequest) -> HttpResponse:
    """The claims that wait for the reader's department, the oldest first; or those decided."""
    decided = request.GET.get("bin") == "decided"
    rows = claims_before(request.acting, decided=decided)
    for row in rows:
        row["place"] = named(row["city"], row["county"])
    context = {"heading": "账号申领", "rows": rows, "decided": decided}
    return render(request, "office/claims.html", context)


@office(Role.REVIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: ActingRequest, claim_id: UUID) -> HttpResponse:
    """One claim with its licence and what the register knows of the agency; approve or refuse."""
    found = _found(request, claim_id)
    form = DecisionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            done, _ = attempt(form, lambda: _decide(claim_id, form, request))
            if done:
                _say(request, form.cleaned_data["decision"])
                return redirect("office_claim", claim_id=claim_id)
    waiting = found.state == "applied"
    context = {
        "heading": found.agency_name, "claim": found, "form": form if waiting or form.errors else None,
        "crumbs": [("账号申领", reverse("office_claims"))], "told": told_of_claim(found) if waiting else [],
        "again": ActForm() if found.state == "approved" and _may_send_again(found) else None,
        "facts": [
            ("申领编号", found.number), ("法人代码", found.code), ("机构名称", found.agency_name),
            ("所在地", named(found.city, found.county)), ("申请人", found.applicant_name),
            ("联系电话", found.telephone), ("电子信箱", found.email),
        ],
        "files": [
            {
                "name": row["shown_name"], "size": row["size"], "kind": row["media_type"], "at": row["uploaded_at"],
                "url": reverse("office_claim_file", args=[found.pk, row["id"]]),
            }
            for row in attachments_of("account_claim", found.pk)
        ],
    }  # fmt: skip
    return render(request, "office/claim.html", context, status=status)


@office(Role.REVIEWER)
@require_POST
def link_again(request: ActingRequest, claim_id: UUID) -> HttpResponse:
    """The link to set a password goes out anew; where no mail is set up, the officer passes it on."""
    found = _found(request, claim_id)
    form = ActForm(request.POST)
    if not form.is_valid():
        raise ActRefused("表单不完整，请刷新页面后重试。")
    try:
        link = send_link_again(found.pk, by=request.acting, act_key=form.cleaned_data["act_key"])
    except AlreadyDone:
        return redirect("office_claim", claim_id=claim_id)
    if settings.EMAIL_HOST:
        messages.success(request, "设置密码的链接已重新发出。")
    else:
        messages.warning(
            request, f"本平台没有配置发信。请核实身份后把这个链接交给申请人（只显示这一次）：{link}"
        )
    return redirect("office_claim", claim_id=claim_id)


@office(Role.REVIEWER)
@require_safe
def file(request: ActingRequest, claim_id: UUID, attachment_id: UUID) -> HttpResponse:
    """The licence; opening it is recorded."""
    found = _found(request, claim_id)
    opened = open_attachment(
        attachment_id, subject_kind="account_claim", subject_id=found.pk, by=request.acting.actor
    )
    return HttpResponse(opened.content, headers=opened.headers)


def _found(request: ActingRequest, claim_id: UUID) -> Any:
    found = claim_before(request.acting, claim_id)
    if found is None:
        raise Http404
    return found


def _decide(claim_id: UUID, form: DecisionForm, request: ActingRequest) -> Any:
    given = form.cleaned_data
    act: Callable[..., Any] = approve_claim if given["decision"] == "approve" else refuse_claim
    return act(claim_id, opinion=given["opinion"], by=request.acting, act_key=given["act_key"])


def _say(request: ActingRequest, decision: str) -> None:
    if decision == "refuse":
        messages.success(request, "已不予开通，申请人凭查询码能看到理由。")
    elif settings.EMAIL_HOST:
        messages.success(request, "账号已开通，设置密码的链接已发到申请人的电子信箱。")
    else:
        messages.warning(request, "账号已开通。本平台没有配置发信，请在本页取得设置密码的链接，交给申请人。")


def _may_send_again(found: Any) -> bool:
    account = found.user
    return account is not None and account.password_changed_on is None and account.last_login is None
