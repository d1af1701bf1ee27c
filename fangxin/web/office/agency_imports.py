"""Agencies of the whole province taken in from one workbook: tried or entered by the worker, told by cell (二（二）)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from fangxin.agencies.actions import may_import
from fangxin.deadlines.clock import today
from fangxin.documents.inspection import plain_name
from fangxin.exchange.actions import enter_agencies_file, keep_agencies_file
from fangxin.exchange.queries import (
    AGENCIES,
    faults_of,
    is_stalled,
    returned_workbook,
    run_for,
    runs_of,
    state_title,
)
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, TableFile, attempt, sent_before

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TONES = {"done": "good", "failed": "bad", "running": "info", "queued": "waiting"}
SHOWN = 200  # faults on the page; the workbook that is given back has them all


class WorkbookForm(ActForm):
    """The workbook of many agencies."""

    file = TableFile(
        "填好的工作簿",
        accept=".xlsx",
        help_text="多家机构的申报模板（.xlsx），{limit}，约一万家机构；更大的请拆成几个文件，每家机构只在一个文件里。",
        more="请拆成几个文件，或由系统管理员用 fangxin import-declarations 导入。",
    )


@office(Role.REVIEWER)
def agency_imports(request: ActingRequest) -> HttpResponse:
    """Takes the province's workbook in, and lists what was taken in lately."""
    _expect_right(request)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if form.is_valid():
            file = form.cleaned_data["file"]
            done, run_id = attempt(
                form,
                lambda: keep_agencies_file(
                    plain_name(file.name), file.read(), dry_run="dry_run" in request.POST, by=request.acting,
                    act_key=form.act["act_key"],
                ),
            )  # fmt: skip
            if done:
                return redirect("agency_import", run_id) if run_id else redirect("agency_imports")
        elif sent_before(request.POST):
            return redirect("agency_imports")
    context = {
        "heading": "成批导入机构", "form": form, "crumbs": [("资料导入", reverse("register_imports"))],
        "runs": [
            {**row, "tone": TONES.get(row["state"], "")}
            for row in runs_of(request.acting)
            if row["default_source"] == AGENCIES
        ],
    }  # fmt: skip
    return render(
        request, "office/agency_imports.html", context, status=422 if request.method == "POST" else 200
    )


@office(Role.REVIEWER)
def agency_import(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """One file: how far it is, then what became of its agencies; a trial can be entered, a stop gone on with."""
    run = _run(request, run_id)
    if request.method == "POST":
        try:
            enter_agencies_file(run_id, by=request.acting)
            messages.success(request, "已开始导入，可以离开本页。")
        except ActRefused as refused:
            messages.error(request, str(refused))
        return redirect("agency_import", run_id)
    going = run.state in {"queued", "running"}
    progress = {
        "run": run,
        "stalled": is_stalled(run),
        "state": state_title(run.state, run.dry_run),
        "unit": "家",
    }
    if request.headers.get("HX-Request"):
        if going:
            return render(request, "office/import_progress.html", progress)
        return HttpResponse(headers={"HX-Refresh": "true"})
    faults, would = faults_of(run), "将" if run.dry_run else ""
    context = {
        **progress, "heading": run.file_name, "going": going, "badge": progress["state"],
        "badge_tone": TONES.get(run.state, ""), "faults": faults[:SHOWN], "count": len(faults),
        "crumbs": [("资料导入", reverse("register_imports")), ("成批导入机构", reverse("agency_imports"))],
        "tiles": [
            {"label": "读到的机构", "count": run.read},
            {"label": f"{would}导入", "count": run.added},
            {"label": "已有相同登记", "count": run.known},
            {"label": f"{would}不导入", "count": run.refused, "tone": "overdue"},
            {"label": "有提示", "count": run.noted, "tone": "soon"},
        ],
    }  # fmt: skip
    return render(request, "office/agency_import.html", context)


@office(Role.REVIEWER)
@require_safe
def agency_import_returned(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """The workbook with every fault at its cell."""
    run = _run(request, run_id)
    content = returned_workbook(run)
    if content is None:
        raise Http404
    return _file(content, f"{run.file_name.rpartition('.')[0] or run.file_name}-核对结果.xlsx")


@office(Role.REVIEWER)
@require_safe
def agency_import_template(request: ActingRequest) -> HttpResponse:
    """The empty workbook of today for many agencies, made from the catalogue."""
    _expect_right(request)
    from fangxin.exchange.declarations.layout import Shape, layout_of
    from fangxin.exchange.declarations.template import template

    layout = layout_of(Shape.PROVINCE, request.acting.jurisdiction)
    return _file(template(layout, on=today()), "全省机构申报模板.xlsx")


def _expect_right(request: ActingRequest) -> None:
    if not may_import(request.acting):
        raise Http404


def _run(request: ActingRequest, run_id: UUID) -> Any:
    _expect_right(request)
    run = run_for(request.acting, run_id)
    if run is None or run.default_source != AGENCIES:
        raise Http404
    return run


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=XLSX,
        headers={"Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store"},
    )  # fmt: skip
