"""Filing and practitioner tables taken in by the departments (二（二）): a file, a trial, a report row by row."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from fangxin.agencies.actions import may_import
from fangxin.documents.inspection import plain_name
from fangxin.exchange.actions import FILING, PRACTITIONERS, import_register, may_import_registers
from fangxin.exchange.actions.registers import TITLES
from fangxin.exchange.queries import report_rows, report_text, run_for, runs_of, state_title, troubled_rows
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, Choice, TableFile, attempt, sent_before


class RegisterFileForm(ActForm):
    """Which register, and its file."""

    kind = Choice("导入什么", [*TITLES.items()], widget=forms.RadioSelect)
    file = TableFile(
        "文件",
        accept=".csv,.txt,.tsv,.xlsx",
        help_text="CSV 或 Excel 工作簿（.xlsx），{limit}、10 万行；第一行是列名，写指标的名称或编号（如 J1-17 法定代表人）。",
        more="请拆成几个文件，或由系统管理员用 fangxin import-filing、import-practitioners 导入。",
    )


@office(Role.REVIEWER)
def imports(request: ActingRequest) -> HttpResponse:
    """Takes a table in or tries it, and lists what the reader's body took in lately."""
    form = RegisterFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if form.is_valid():
            given, trial = form.cleaned_data, "dry_run" in request.POST
            done, run = attempt(
                form,
                lambda: import_register(
                    given["kind"], plain_name(given["file"].name), given["file"].read(), by=request.acting,
                    dry_run=trial, act_key=given["act_key"],
                ),
            )  # fmt: skip
            if done:
                if run is not None:
                    messages.success(request, "试导入完成，什么也没有写入。" if trial else "导入完成。")
                    return redirect("register_import", run_id=run.pk)
                return redirect("register_imports")
        elif sent_before(request.POST):
            return redirect("register_imports")
    context = {
        "heading": "资料导入", "other": ("成批导入机构", reverse("agency_imports")) if may_import(request.acting) else ("", ""),
        "form": form if may_import_registers(request.acting) else None,
        "runs": [
            {**row, "kind": TITLES[row["default_source"]]}
            for row in runs_of(request.acting)
            if row["default_source"] in TITLES
        ],
    }  # fmt: skip
    return render(
        request, "office/register_imports.html", context, status=422 if request.method == "POST" else 200
    )


@office(Role.REVIEWER)
def register_import(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """One import: how many rows, and those that have something to say; the whole report as CSV."""
    run = run_for(request.acting, run_id)
    if run is None or run.default_source not in (FILING, PRACTITIONERS):
        raise Http404
    if "report" in request.GET:
        name = f"{run.file_name.rpartition('.')[0] or run.file_name}-导入报告.csv"
        return HttpResponse(
            report_text(report_rows(run.pk, run.attempt)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store"},
        )  # fmt: skip
    would = "将" if run.dry_run else ""
    context = {
        "heading": run.file_name, "crumbs": [("资料导入", reverse("register_imports"))], "run": run,
        "lead": TITLES[run.default_source], "badge": state_title(run.state, run.dry_run), "badge_tone": "good",
        "tiles": [
            {"label": "读到的行", "count": run.read},
            {"label": f"{would}新增", "count": run.added},
            {"label": "已有", "count": run.known, "note": f"{would}更新 {run.differing}" if run.differing else ""},
            {"label": f"{would}拒绝", "count": run.refused, "tone": "overdue"},
        ],
        "troubled": troubled_rows(run),
        "unused": [title for at, title in enumerate(run.header) if at not in run.columns.values()],
    }  # fmt: skip
    return render(request, "office/register_import.html", context)
