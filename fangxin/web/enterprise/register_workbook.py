"""A declaration by Excel: the agency takes its workbook along, fills it in, and brings it back (附件1)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from fangxin.agencies.actions.declaring import open_declaration
from fangxin.documents.inspection import plain_name
from fangxin.exchange.actions.own_workbook import fill_draft, marked_workbook, own_workbook
from fangxin.organisations.refusals import ActRefused
from fangxin.web.access import ActingRequest, enterprise
from fangxin.web.enterprise.register import crumbs, own_agency
from fangxin.web.fields import TableFile

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_FAULTS = 50  # on the page; the workbook that is given back has them all


class WorkbookForm(forms.Form):
    """The workbook that was filled in."""

    file = TableFile(
        "填好的 Excel 文件",
        accept=".xlsx",
        help_text="从本页下载的模板，.xlsx 格式，{limit}。照片不在表里，请在网页上上传。",
        more="请删去表里多余的工作表和图片后重新上传。",
    )


@enterprise
@require_http_methods(["GET", "HEAD", "POST"])
def workbook(request: ActingRequest) -> HttpResponse:
    """What the workbook says is in the draft, or is given back with its faults marked where they are."""
    agency = own_agency(request)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    faults: list[Any] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        name, content = plain_name(file.name), file.read()
        try:
            if request.POST.get("do") == "mark":
                if marked := marked_workbook(agency, name, content):
                    return _file(marked, f"{name.rpartition('.')[0] or name}-标出错误.xlsx")
                messages.success(request, "表里没有发现须改正或者提示的地方；还没有读入，请再按“读入草稿”。")
                return redirect("register_workbook")
            faults = list(fill_draft(agency, name, content, by=request.acting))
        except ActRefused as refused:
            form.add_error("file", str(refused))
        else:
            if not any(fault.blocks for fault in faults):
                messages.success(request, "已读入草稿，没有须改正的地方。请核对后提交。")
                return redirect("register_check")
    blocking = [fault for fault in faults if fault.blocks]
    context = {
        "heading": "用 Excel 填报", "crumbs": crumbs(), "form": form,
        "faults": sorted(faults, key=lambda one: not one.blocks)[:MOST_FAULTS],
        "blocking": len(blocking), "warned": len(faults) - len(blocking), "left": max(0, len(faults) - MOST_FAULTS),
    }  # fmt: skip
    return render(request, "enterprise/register_workbook.html", context, status=422 if form.errors else 200)


@enterprise
@require_safe
def workbook_file(request: ActingRequest) -> HttpResponse:
    """The template with what the agency writes now, or was accepted last; all of it is the agency's own."""
    agency = own_agency(request)
    return _file(own_workbook(agency, open_declaration(agency)), f"信用信息申报-{agency.code}.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "", "Cache-Control": "no-store",
    }  # fmt: skip
    return HttpResponse(content, content_type=XLSX, headers=headers)
