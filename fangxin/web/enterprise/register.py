"""An agency and its record: what is accepted, what is on its way, what was returned and why (二（二）, 四（二）)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from fangxin.agencies.actions import begin_declaration, correct_declaration, recall_declaration
from fangxin.agencies.actions.declaring import checked_now, open_declaration
from fangxin.agencies.duties import as_shown
from fangxin.agencies.queries import (
    accepted_values,
    agency_of_company,
    declaration_of,
    declarations_of,
    declared_values,
    duty_now,
    version_in_force,
    versions_of,
)
from fangxin.agencies.standing import standing_of
from fangxin.agencies.values import declared_tables
from fangxin.agencies.workflow import open_steps
from fangxin.deadlines.clock import today
from fangxin.documents.actions import shown_content
from fangxin.journal.actions import AlreadyDone
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting
from fangxin.rules import RuleUnknown
from fangxin.rules.indicators import catalogue
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.enterprise.progress import table_steps, table_url
from fangxin.web.enterprise.register_forms import BeginForm, OnForm
from fangxin.web.enterprise.sheets import tables_shown

TONES = {"approved": "good", "returned": "bad", "draft": "info"}
HOME = ("信用信息申报", "register")


def own_agency(request: ActingRequest) -> Any:
    """The agency that the reader's company is; without one, these pages are not there."""
    assert request.acting.company_id is not None  # noqa: S101 - @enterprise lets nobody else in
    agency = agency_of_company(request.acting.company_id)
    if agency is None:
        raise Http404
    return agency


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of the register."""
    return [(HOME[0], reverse(HOME[1])), *more]


@enterprise
@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """What is accepted, what is open, what was returned and why; the quarter's duty; every version."""
    agency = own_agency(request)
    version, declaration, duty = version_in_force(agency.pk), open_declaration(agency), duty_now(agency.pk)
    context = {
        "heading": HOME[0], "agency": agency, "version": version, "declaration": declaration, "on": today(),
        "form": BeginForm(), "duty": duty, "term": as_shown(duty, agency.jurisdiction) if duty else None, "versions": versions_of(agency.pk),
        "declarations": declarations_of(agency.pk), "on_form": OnForm(initial={"on": today()}),
        "may_begin": declaration is None and agency.standing == agency.Standing.ACTIVE,
    }  # fmt: skip
    if declaration is not None:
        context |= _of_declaration(declaration, request.acting)
    return render(request, "enterprise/register.html", context)


def _of_declaration(declaration: Any, acting: Acting) -> dict[str, Any]:
    values = declared_values(declaration)
    return {
        "tone": TONES.get(declaration.state, "waiting"),
        "steps": table_steps(declaration.jurisdiction, values, checked_now(declaration).findings),
        "reasons": reasons_of(declaration),
        "verbs": {step.verb for step in open_steps(standing_of(declaration, acting))},
        "turn_form": BeginForm(initial={"turn": declaration.turn}),
    }


def reasons_of(declaration: Any) -> list[dict[str, str]]:
    """Why it was returned, by indicator, each with the way to its field."""
    fields = catalogue(declaration.jurisdiction)
    found = []
    for code, reason in sorted(declaration.return_reasons.items()):
        try:
            field = fields.field(code)
        except RuleUnknown:
            # Of a catalogue that was changed since.
            found.append({"code": code, "title": "", "reason": reason, "url": ""})
            continue
        url = f"{table_url(field.table)}#{code.replace('+', '_')}"
        found.append({"code": code, "title": field.title, "reason": reason, "url": url})
    return found


@enterprise
@require_POST
def begin(request: ActingRequest) -> HttpResponse:
    """A declaration is open, filled in from what was accepted last; one writes in its first table."""
    agency = own_agency(request)

    def act(form: BeginForm) -> None:
        begin_declaration(agency.pk, by=request.acting, act_key=form.cleaned_data["act_key"])

    return _done(request, act, "", table_url(declared_tables(agency.jurisdiction)[0].code))


@enterprise
@require_POST
def recall(request: ActingRequest) -> HttpResponse:
    """The declaration handed in is a draft again (AMB-39)."""
    declaration = _open_one(request)

    def act(form: BeginForm) -> None:
        recall_declaration(declaration.pk, by=request.acting, **form.act)

    return _done(request, act, "申报已撤回，可以修改后重新提交。", reverse("register_check"))


@enterprise
@require_POST
def correct(request: ActingRequest) -> HttpResponse:
    """The returned declaration can be mended; the reasons stay beside the fields (AMB-39)."""
    declaration = _open_one(request)
    reasons = reasons_of(declaration)

    def act(form: BeginForm) -> None:
        correct_declaration(declaration.pk, by=request.acting, **form.act)

    first = next((one["url"] for one in reasons if one["url"]), reverse("register"))
    return _done(request, act, "现在可以补正。退回的理由写在各项旁边。", first)


def _open_one(request: ActingRequest) -> Any:
    declaration = open_declaration(own_agency(request))
    if declaration is None:
        raise ActRefused("没有正在办理的申报。")
    return declaration


def _done(request: ActingRequest, act: Callable[[BeginForm], None], said: str, url: str) -> HttpResponse:
    form = BeginForm(request.POST)
    if not form.is_valid():
        raise ActRefused("表单不完整，请刷新页面后重试。")
    try:
        act(form)
    except AlreadyDone:
        pass
    else:
        if said:
            messages.success(request, said)
    return redirect(url)


@enterprise
@require_safe
def record(request: ActingRequest) -> HttpResponse:
    """The whole record as it stood at the end of a day, ● and all: it is the agency's own."""
    agency = own_agency(request)
    form = OnForm(request.GET or None)
    chosen = form.cleaned_data["on"] if form.is_bound and form.is_valid() else None
    version = version_in_force(agency.pk, on=chosen or today())
    context = {
        "heading": "登记内容", "crumbs": crumbs(), "form": form if form.is_bound else OnForm(initial={"on": today()}),
        "version": version, "on": chosen or today(), "versions": versions_of(agency.pk),
        "tables": tables_shown(agency.jurisdiction, accepted_values(version)) if version else [],
    }  # fmt: skip
    return render(request, "enterprise/register_record.html", context, status=422 if form.errors else 200)


@enterprise
@require_safe
def declaration(request: ActingRequest, declaration_id: UUID) -> HttpResponse:
    """One declaration to print, every indicator as the tables of the annex give it (DOC-26)."""
    agency = own_agency(request)
    found = declaration_of(agency.pk, declaration_id)
    if found is None:
        raise Http404
    values: Mapping[str, Any] = declared_values(found)
    context = {
        "heading": "房地产经纪机构信用信息申报表", "declaration": found, "crumbs": crumbs(),
        "tables": tables_shown(agency.jurisdiction, values, every_field=True), "reasons": reasons_of(found),
    }  # fmt: skip
    return render(request, "enterprise/register_printed.html", context)


@enterprise
@require_safe
def picture(request: ActingRequest, picture_id: UUID) -> HttpResponse:
    """A picture of the agency's own, cleaned, as it will be published."""
    opened = shown_content(picture_id, "agency", own_agency(request).pk)
    return HttpResponse(opened.content, headers=opened.headers)
