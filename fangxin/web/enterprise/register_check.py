"""The last page of a declaration: everything at a glance, what does not agree, the declaration of truth."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from fangxin.agencies.actions import submit_declaration
from fangxin.agencies.actions.declaring import NotSound, checked_now, open_declaration
from fangxin.agencies.queries import declared_values
from fangxin.agencies.workflow import State
from fangxin.deadlines.clock import today
from fangxin.journal.actions import AlreadyDone
from fangxin.organisations.refusals import ActRefused
from fangxin.rules import book
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.enterprise.progress import table_steps, url_of
from fangxin.web.enterprise.register import crumbs, own_agency, reasons_of
from fangxin.web.enterprise.register_forms import SubmitForm
from fangxin.web.enterprise.sheets import tables_shown
from fangxin.web.fields import sent_before

MOST_SHEETS = 20  # of a table, at a glance; the others are in the view to print


@enterprise
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: ActingRequest) -> HttpResponse:
    """What blocks, what should be looked at again, and the way to hand the declaration in."""
    agency = own_agency(request)
    declaration: Any = open_declaration(agency)
    if declaration is None:
        return redirect("register")
    form, problem, status = SubmitForm(initial={"turn": declaration.turn}), "", 200
    if request.method == "POST":
        if sent_before(request.POST):
            return redirect("register")
        form = SubmitForm(request.POST)
        try:
            _submit(declaration, form, request)
        except NotSound as unsound:
            problem, status = str(unsound), 422
        except ActRefused as refused:
            problem, status = str(refused), 422 if refused.field else 409
        else:
            messages.success(request, "申报已提交，由所在地的主管部门审核。审核之前可以撤回。")
            return redirect("register")
        declaration = open_declaration(agency)
        if declaration is None:
            raise ActRefused(problem)
        form = SubmitForm(initial={"turn": declaration.turn, "truth": request.POST.get("truth") == "on"})
    elif declaration.state != State.DRAFT:
        return redirect("register")
    return render(
        request, "enterprise/register_check.html", _context(declaration, form, problem), status=status
    )


def _submit(declaration: Any, form: SubmitForm, request: ActingRequest) -> None:
    if not form.is_valid():
        raise ActRefused("表单不完整，请刷新页面后重试。", "act_key")
    try:
        submit_declaration(declaration.pk, truth=form.cleaned_data["truth"], by=request.acting, **form.act)
    except AlreadyDone:
        return


def _context(declaration: Any, form: SubmitForm, problem: str) -> dict[str, Any]:
    jurisdiction: str = declaration.jurisdiction
    values, rules = declared_values(declaration), book(jurisdiction)
    findings = [
        {
            "message": one.message,
            "href": url_of(jurisdiction, values, one),
            "rule": one.rule,
            "blocks": one.blocks,
        }
        for one in checked_now(declaration).findings
    ]
    return {
        "heading": "核对提交", "crumbs": crumbs(), "declaration": declaration, "form": form, "problem": problem,
        "blocks": [one for one in findings if one["blocks"]], "warns": [one for one in findings if not one["blocks"]],
        "steps": table_steps(jurisdiction, values, checked_now(declaration).findings),
        "tables": tables_shown(jurisdiction, values), "most": MOST_SHEETS, "reasons": reasons_of(declaration),
        "truth": rules.value("declaration.truth_statement", on=today()).value,
        "law": next(one for one in rules.provisions if one.key == "supplied_truthfully"),
        "may_submit": declaration.state == State.DRAFT,
    }  # fmt: skip
