"""工单导入: upload, say what the columns mean, try or import, read what became of each row."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from fangxin.cases.actions.intake import may_enter
from fangxin.documents.inspection import plain_name
from fangxin.exchange.actions import keep_upload, resume_run, start_run
from fangxin.exchange.queries import (
    IMPORTING,
    field_choices,
    is_stalled,
    remembered,
    report_rows,
    report_text,
    run_for,
    runs_of,
    sample_of,
    state_title,
    troubled_rows,
    unused_columns,
)
from fangxin.exchange.tables import open_table
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Acting, Role
from fangxin.rules import book
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, Choice, TableFile, attempt

TONES = {"done": "good", "failed": "bad", "running": "info", "queued": "waiting"}


class UploadForm(ActForm):
    """The file."""

    file = TableFile(
        "工单文件",
        accept=".csv,.txt,.tsv,.xlsx",
        help_text="CSV（UTF-8 或 GBK）或 Excel 工作簿（.xlsx），{limit}、10 万行；第一行是列名。",
        more="请拆成几个文件，或由系统管理员用 fangxin import-workorders 导入（50 MB 以内）。",
    )


class ColumnsForm(ActForm):
    """One list for each column of the table."""

    default_source = Choice("来源", help_text="工单没有“来源”列，或该格为空时，按这一来源录入。")

    def __init__(
        self, *args: Any, header: list[str], columns: dict[str, int], sources: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.header = header
        self.fields["default_source"].choices = sources  # type: ignore[attr-defined]
        meaning = {at: key for key, at in columns.items()}
        for at, name in enumerate(header):
            self.fields[f"column_{at}"] = Choice(
                name or f"第 {at + 1} 列", [("", "不导入"), *field_choices()], required=False,
                initial=meaning.get(at, ""), widget=forms.Select(attrs={"aria-label": f"“{name}”列的含义"}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Each meaning belongs to one column."""
        given = super().clean() or {}
        taken: dict[str, str] = {}
        titles = dict(field_choices())
        for at, name in enumerate(self.header):
            key = given.get(f"column_{at}", "")
            if key and key in taken:
                self.add_error(f"column_{at}", f"“{taken[key]}”列已经作为{titles[key]}，每项只能有一列。")
            elif key:
                taken[key] = name
        return given

    @property
    def columns(self) -> dict[str, int]:
        """Field → column, as chosen."""
        chosen = ((self.cleaned_data.get(f"column_{at}", ""), at) for at in range(len(self.header)))
        return {key: at for key, at in chosen if key}

    @property
    def rows(self) -> list[Any]:
        """The lists, one a column."""
        return [self[f"column_{at}"] for at in range(len(self.header))]


@office(*IMPORTING)
def import_list(request: ActingRequest) -> HttpResponse:
    """The latest imports of the reader's body."""
    rows = [{**row, "tone": TONES.get(row["state"], "")} for row in runs_of(request.acting)]
    return render(request, "office/imports.html", {"heading": "工单导入", "runs": rows})


@office(*IMPORTING)
def import_new(request: ActingRequest) -> HttpResponse:
    """Takes a file in; refused as a whole, it leaves one sentence beside the field."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        done, run_id = attempt(
            form, lambda: _kept(plain_name(upload.name), upload.read(), request.acting, form)
        )
        if done:
            return redirect("import_run", run_id=run_id) if run_id else redirect("import_list")
    status = 422 if request.method == "POST" else 200
    context = {"heading": "导入工单", "form": form, "crumbs": [("工单导入", reverse("import_list"))]}
    return render(request, "office/import_new.html", context, status=status)


@office(*IMPORTING)
def import_run(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """One import: its columns to confirm, its progress, or what became of its rows."""
    run = run_for(request.acting, run_id)
    if run is None:
        raise Http404
    going = run.state in {"queued", "running"}
    if request.headers.get("HX-Request") and request.method == "GET":
        if going:
            return render(request, "office/import_progress.html", _progress(run))
        return HttpResponse(headers={"HX-Refresh": "true"})
    if request.method == "POST" and "resume" in request.POST:
        return _resume(request, run_id)
    form = _columns_form(request, run)
    if request.method == "POST" and (form is None or (form.is_valid() and _started(request, run_id, form))):
        return redirect("import_run", run_id=run_id)
    context = {
        **_progress(run), "heading": run.file_name, "form": form, "going": going,
        "crumbs": [("工单导入", reverse("import_list"))],
        "badge": state_title(run.state, run.dry_run), "badge_tone": TONES.get(run.state, ""),
        "tiles": _tiles(run) if run.state == "done" or run.read else [],
        "troubled": troubled_rows(run) if run.attempt else [],
        "columns": _with_samples(form, run) if form is not None else [],
        "unused": unused_columns(run.header, run.columns) if run.state == "done" else [],
        "may_import": not _why_not(request.acting, run.default_source),
    }  # fmt: skip
    return render(request, "office/import_run.html", context, status=422 if request.method == "POST" else 200)


@office(*IMPORTING)
def import_report(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """What became of every row, as CSV."""
    run = run_for(request.acting, run_id)
    if run is None or run.attempt == 0:
        raise Http404
    name = f"{run.file_name.rpartition('.')[0] or run.file_name}-导入报告.csv"
    return HttpResponse(
        report_text(report_rows(run.pk, run.attempt)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "no-store"},
    )


def _kept(name: str, content: bytes, by: Acting, form: UploadForm) -> UUID:
    table = open_table(name, content)
    kept = remembered(table.header, by)
    sources = _sources(by)
    source = kept.default_source if kept else (sources[0][0] if sources else "hotline")
    return keep_upload(name, content, table, source=source, by=by, act_key=form.act["act_key"])


def _columns_form(request: ActingRequest, run: Any) -> ColumnsForm | None:
    """The form, as long as there is something to decide."""
    if run.state not in {"draft", "failed"} and not (run.state == "done" and run.dry_run):
        return None
    if not run.stored_at:
        return None
    return ColumnsForm(
        request.POST if request.method == "POST" else None, header=run.header, columns=run.columns,
        sources=_sources(request.acting), initial={"default_source": run.default_source},
    )  # fmt: skip


def _started(request: ActingRequest, run_id: UUID, form: ColumnsForm) -> bool:
    given, dry_run = form.cleaned_data, "dry_run" in request.POST
    done, _ = attempt(
        form,
        lambda: start_run(
            run_id, form.columns, source=given["default_source"], dry_run=dry_run, by=request.acting,
            act_key=given["act_key"],
        ),
    )  # fmt: skip
    return done


def _resume(request: ActingRequest, run_id: UUID) -> HttpResponse:
    try:
        resume_run(run_id, by=request.acting)
        messages.success(request, "已继续导入。")
    except ActRefused as refused:
        messages.error(request, str(refused))
    return redirect("import_run", run_id=run_id)


def _sources(by: Acting) -> list[tuple[str, str]]:
    sources = [source for source in book(by.jurisdiction).sources if not source.automatic]
    mine = [source for source in sources if by.role == Role.ADMINISTRATOR or not may_enter(source, by)]
    return [(source.key, source.title) for source in mine]


def _why_not(by: Acting, key: str) -> str:
    source = next((one for one in book(by.jurisdiction).sources if one.key == key), None)
    return may_enter(source, by) if source else ""


def _progress(run: Any) -> dict[str, Any]:
    return {"run": run, "stalled": is_stalled(run), "state": state_title(run.state, run.dry_run)}


def _tiles(run: Any) -> list[dict[str, Any]]:
    would = "将" if run.dry_run else ""
    return [
        {"label": "读到的行", "count": run.read},
        {"label": f"{would}新增", "count": run.added},
        {"label": "已存在", "count": run.known, "note": f"内容不同 {run.differing}" if run.differing else ""},
        {"label": f"{would}拒绝", "count": run.refused, "tone": "overdue"},
        {"label": "有提示", "count": run.noted, "tone": "soon"},
    ]


def _with_samples(form: ColumnsForm, run: Any) -> list[dict[str, Any]]:
    """Each column's list with the first values below it."""
    rows = sample_of(run)
    values = [[row["cells"][at] for row in rows if at < len(row["cells"])] for at in range(len(run.header))]
    return [{"field": field, "values": cells} for field, cells in zip(form.rows, values, strict=True)]
