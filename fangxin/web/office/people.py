"""Who acts for whom: the administrator's page of accounts and memberships (五: 指定专人)."""

import secrets

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fangxin.cases.actions import take_over_online
from fangxin.deadlines.clock import today
from fangxin.organisations.actions import join, leave, open_account
from fangxin.organisations.queries import bodies, company_by_code, members, user_named, vacant_bodies
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import attempt
from fangxin.web.office.register_forms import PersonForm, SearchForm


@office(Role.ADMINISTRATOR)
def people(request: ActingRequest) -> HttpResponse:
    """Everybody who acts for a body or a company, and the departments that have nobody to receive a case."""
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    context = {
        "heading": "机构与人员", "form": form, "people": members(request.acting.jurisdiction, words, limit=200),
        "vacant": vacant_bodies(request.acting.jurisdiction),
    }  # fmt: skip
    return render(request, "office/people.html", context)


@office(Role.ADMINISTRATOR)
def new_person(request: ActingRequest) -> HttpResponse:
    """An account with its membership, or a further membership of an account there is already."""
    acting = request.acting
    form = PersonForm(request.POST or None, bodies=bodies(acting.jurisdiction))
    if request.method == "POST" and form.is_valid():
        done, password = attempt(form, lambda: _open(request, form))
        if done:
            # A company that was told on paper goes on online from now (二(五)).
            take_over_online()
            if password:
                messages.success(request, f"账号已开设。初始密码（只显示这一次，首次登录须修改）：{password}")
            else:
                messages.success(request, "已增加任职。")
            return redirect("people")
    status = 422 if request.method == "POST" else 200
    return render(request, "office/register_form.html", {"heading": "开设账号", "form": form}, status=status)


@office(Role.ADMINISTRATOR)
@require_POST
def end_membership(request: ActingRequest, membership_id: int) -> HttpResponse:
    """The membership ends today; the account stays."""
    try:
        leave(membership_id, on=today(), by=request.acting.actor)
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    messages.success(request, "任职已结束。")
    return redirect("people")


def _open(request: ActingRequest, form: PersonForm) -> str:
    given, by = form.cleaned_data, request.acting.actor
    role = Role(given["role"])
    company_id = None
    if given["company_code"]:
        found = company_by_code(given["company_code"])
        if found is None:
            raise ActRefused("企业代码：登记册中没有这家企业，请先登记。", "company_code")
        company_id = found.pk
    existing = user_named(given["username"])
    if existing is not None:
        join(existing.pk, role, on=today(), by=by, body_code=given["body"], company_id=company_id,
             is_deputy=given["is_deputy"])  # fmt: skip
        return ""
    password = secrets.token_urlsafe(9) + "a1A"
    open_account(
        username=given["username"], full_name=given["full_name"], password=password, role=role, on=today(), by=by,
        body_code=given["body"], company_id=company_id, email=given["email"], telephone=given["telephone"],
        is_deputy=given["is_deputy"],
    )  # fmt: skip
    return password
