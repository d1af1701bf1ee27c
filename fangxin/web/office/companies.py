"""The register of companies: found, entered with checked codes, and seen with everything they were asked."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.cases.queries import tasks_of_company
from fangxin.cases.terms import LINKS, district_titles
from fangxin.deadlines.clock import today
from fangxin.organisations.actions import register_company, rename_company
from fangxin.organisations.queries import company as company_of
from fangxin.organisations.queries import find_companies, former_names_of, people_of_company
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import attempt
from fangxin.web.office.register_forms import CompanyForm, RenameForm, SearchForm

KEEPING = (Role.ADMINISTRATOR, Role.DEPARTMENT_CLERK, Role.DISPATCHER, Role.INTAKE_CLERK)


@office()
def companies(request: ActingRequest) -> HttpResponse:
    """Companies by part of a name, a former name or the beginning of a code."""
    form = SearchForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    found = find_companies(words, limit=50) if words else []
    context = {
        "heading": "企业登记", "form": form, "searched": bool(words), "may_keep": request.acting.role in KEEPING,
        "companies": [_row(one, request.acting.jurisdiction) for one in found],
    }  # fmt: skip
    return render(request, "office/companies.html", context)


@office(*KEEPING)
def new_company(request: ActingRequest) -> HttpResponse:
    """Enters a company; a wrong digit is named."""
    form = CompanyForm(request.POST or None, jurisdiction=request.acting.jurisdiction)
    if request.method == "POST" and form.is_valid():
        given = {key: value for key, value in form.cleaned_data.items() if key not in {"act_key", "turn"}}
        done, made = attempt(
            form,
            lambda: register_company(
                **given, jurisdictions=[request.acting.jurisdiction], by=request.acting.actor
            ),
        )
        if done:
            messages.success(request, f"{made.name}已登记。")
            return redirect("company", company_id=made.pk)
    status = 422 if request.method == "POST" else 200
    context = {"heading": "登记企业", "form": form, "crumbs": [("企业登记", reverse("companies"))]}
    return render(request, "office/register_form.html", context, status=status)


@office()
def company(request: ActingRequest, company_id: int) -> HttpResponse:
    """One company: identity, people, every task of cases the reader may see, in time or late."""
    found = company_of(company_id)
    if found is None:
        raise Http404
    acting = request.acting
    form = RenameForm(request.POST or None)
    if request.method == "POST" and acting.role in KEEPING and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form, lambda: rename_company(company_id, given["name"], on=given["on"], by=acting.actor)
        )
        if done:
            messages.success(request, "已更名，曾用名仍可查找。")
            return redirect("company", company_id=company_id)
    tasks = tasks_of_company(company_id, acting)
    context = {
        "heading": found.name, "company": found, "tasks": tasks, "on": today(),
        "crumbs": [("企业登记", reverse("companies"))],
        "tiles": [
            {"label": "案件", "count": len(tasks)},
            {"label": "逾期未复、逾期回复", "count": sum(task["late"] for task in tasks), "tone": "overdue"},
        ],
        "facts": [
            ("统一社会信用代码", found.uscc), ("组织机构代码", found.org_code), ("营业执照注册号", found.licence_no),
            ("业务环节", "、".join(LINKS[kind] for kind in found.kinds)),
            ("所在区县", district_titles(acting.jurisdiction).get(found.district, "")),
            ("地址", found.address), ("联系电话", found.contact_telephone), ("联系邮箱", found.contact_email),
            ("平台账号", "已入驻" if found.on_platform else "未入驻：案件须以复印或传真告知（二(五)）"),
            ("曾用名", "、".join(former_names_of(company_id))),
            ("平台人员", "、".join(person.name for person in people_of_company(company_id))),
        ],
        "form": form if acting.role in KEEPING else None,
    }  # fmt: skip
    return render(request, "office/company.html", context, status=422 if form.is_bound else 200)


def _row(one: Any, jurisdiction: str) -> dict[str, Any]:
    return {
        "url": reverse("company", args=[one.pk]),
        "name": one.name,
        "uscc": one.uscc or one.org_code or one.licence_no,
        "kinds": "、".join(LINKS[kind] for kind in one.kinds),
        "district": district_titles(jurisdiction).get(one.district, ""),
        "on_platform": one.on_platform,
    }
