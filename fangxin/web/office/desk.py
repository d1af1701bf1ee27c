"""The desk: what is to be done, what is due, what waits for others."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangxin.cases.actions import dispatch_case
from fangxin.cases.actions.filters import drop_saved_filter, keep_saved_filter
from fangxin.cases.queries import (
    Sieve,
    asked_of_a_desk,
    cases_with,
    counted_words,
    desk_counts,
    saved_filters,
)
from fangxin.cases.queries import desk as desk_of
from fangxin.deadlines.clock import today
from fangxin.organisations.asked_often import asked_ahead
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.context import asked_of_the_frame
from fangxin.web.office.forms import BINS, BulkDispatchForm, SieveForm

TILES = {"todo": "", "soon": "soon", "overdue": "overdue", "waiting": "", "handled": ""}
MY_WORK = {
    Role.DISPATCHER: "待分件", Role.DEPARTMENT_CLERK: "待受理", Role.CASE_OFFICER: "待调查处理、验收、告知",
    Role.DEPARTMENT_HEAD: "待批准、签发", Role.SUPERVISOR: "待回访",
}  # fmt: skip
WHAT_WILL_COME = {
    Role.DISPATCHER: "网上投诉自动转入、各部门录入的案件会出现在这里，等您按环节分件（二(二)）。",
    Role.DEPARTMENT_CLERK: "分到本部门的案件会出现在这里，等您受理，或者提出回退、不予受理（二(三)）。",
    Role.CASE_OFFICER: "指定由您经办的案件会出现在这里；等您在期限内提出处理意见，验收整改，告知投诉人（二(六)）。",
    Role.DEPARTMENT_HEAD: "本部门拟回退、拟不予受理和待责令整改的案件会出现在这里，等您批准或签发（二(三)、二(六)3）。",
    Role.SUPERVISOR: "经办部门办结、已告知投诉人的案件会出现在这里，等您回访（二(七)）。",
    Role.INTAKE_CLERK: "录入以后由分件部门分派，不用您再办理；您录入的案件可以在“案件查询”里看到进展。",
    Role.LEADER: "您不直接办理案件；全部案件可以在“案件查询”里查看。",
    Role.ADMINISTRATOR: "系统管理员不办理、也看不到案件。",
    Role.AUDIT_OFFICER: "审计员不办理、也看不到案件；查看身份的记录在“审计”里。",
}
NOTHING_THERE = {
    "soon": "没有即将到期的案件", "overdue": "没有逾期的案件", "waiting": "没有等待他人办理的案件",
    "handled": "本月还没有办结的案件",
}  # fmt: skip
TONES = {"refused": "ended", "closed": "ended", "handled": "good", "awaiting_order": "waiting"}


@office()
def desk(request: ActingRequest) -> HttpResponse:
    """What lies on this person's desk, soonest due first; a reviewer's desk is the register's queue."""
    if request.acting.role in {Role.REVIEWER, Role.PRECHECKER}:
        return redirect("register_queue")
    return _list(request, "todo", "工作台", with_tiles=True)


@office()
def case_list(request: ActingRequest) -> HttpResponse:
    """Every case the person may see, newest first."""
    return _list(request, "all", "案件查询", with_tiles=False)


@office(Role.DISPATCHER)
@require_POST
def dispatch_chosen(request: ActingRequest) -> HttpResponse:
    """Sends each chosen case to where its link and district lead; a refused one stays and says why."""
    form = BulkDispatchForm(request.POST, jurisdiction=request.acting.jurisdiction)
    chosen = cases_with(request.POST.getlist("case"), request.acting)
    if not form.is_valid() or not chosen:
        messages.error(request, "请至少选择一件案件，并选择环节或按建议环节分件。")
        return redirect("desk")
    sent = 0
    for case in chosen:
        link = form.cleaned_data["link"] or case.suggested_link
        district = form.cleaned_data["district"] or case.district
        try:
            dispatch_case(case.pk, link=link, district=district, by=request.acting, turn=case.turn)
            sent += 1
        except ActRefused as refused:
            messages.error(request, f"{case.number}：{refused}")
    if sent:
        messages.success(request, f"已分件 {sent} 件。")
    return redirect("desk")


@office()
@require_POST
def keep_filter(request: ActingRequest) -> HttpResponse:
    """Keeps the present filter under a name."""
    query = request.POST.get("query", "")
    try:
        keep_saved_filter(request.acting.user_id, name=request.POST.get("name", ""), query=query)
        messages.success(request, "已保存常用筛选。")
    except ActRefused as refused:
        messages.error(request, str(refused))
    return redirect(f"{reverse('case_list')}?{query}")


@office()
@require_POST
def drop_filter(request: ActingRequest, filter_id: int) -> HttpResponse:
    """The person's kept filter is gone."""
    drop_saved_filter(request.acting.user_id, filter_id)
    messages.success(request, "已删除常用筛选。")
    return redirect("case_list")


def _list(request: ActingRequest, default_bin: str, heading: str, *, with_tiles: bool) -> HttpResponse:
    acting = request.acting
    form = SieveForm(request.GET or None, jurisdiction=acting.jurisdiction)
    sieve = sieve_of(form, request, default_bin)
    with asked_ahead(*(asked_of_a_desk(acting, sieve) if with_tiles else []), asked_of_the_frame(request)):
        return _shown_list(request, form, sieve, heading, with_tiles=with_tiles)


def _shown_list(
    request: ActingRequest, form: SieveForm, sieve: Sieve, heading: str, *, with_tiles: bool
) -> HttpResponse:
    acting = request.acting
    counts = desk_counts(acting) if with_tiles else {}
    found = desk_of(acting, sieve, counts)
    if with_tiles:
        form.fields["bin"].widget = HiddenInput()
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    query = urlencode({**asked, "bin": sieve.bin} if with_tiles else asked)
    context: dict[str, Any] = {
        "heading": heading,
        "form": form,
        "rows": _rows(found["rows"]),
        "found": found,
        "previous_url": f"?{urlencode({**asked, 'page': found['page'] - 1})}" if found["page"] > 1 else "",
        "next_url": f"?{urlencode({**asked, 'page': found['page'] + 1})}" if found["more"] else "",
        "on": today(),
        "query": query,
        "saved": [_saved(row, query) for row in saved_filters(acting.user_id)],
        **_nothing(acting, sieve, bool(asked.keys() - {"bin"})),
        "bulk": _bulk(request, sieve) if acting.role == Role.DISPATCHER else None,
    }  # fmt: skip
    if with_tiles:
        context["tiles"] = _tiles(counts, sieve, MY_WORK.get(acting.role, ""))
    status = 200 if not form.is_bound or form.is_valid() else 422
    return render(request, "office/desk.html", context, status=status)


def _saved(row: dict[str, Any], query: str) -> dict[str, Any]:
    return {
        "title": row["name"], "url": f"{reverse('case_list')}?{row['query']}", "current": row["query"] == query,
        "drop_url": reverse("drop_filter", args=[row["id"]]),
    }  # fmt: skip


def _nothing(acting: Any, sieve: Sieve, filtered: bool) -> dict[str, str]:
    """What an empty list says: what will come, or how to find something."""
    if filtered or sieve.bin not in {"todo", *NOTHING_THERE}:
        return {}
    if sieve.bin != "todo":
        return {
            "empty_title": NOTHING_THERE[sieve.bin],
            "empty_text": "需要时可以在“案件查询”里查找其他案件。",
        }
    enters = acting.role == Role.INTAKE_CLERK
    return {
        "empty_title": "现在没有等您办理的案件", "empty_text": WHAT_WILL_COME.get(acting.role, ""),
        "empty_url": reverse("intake") if enters else "", "empty_action": "录入案件" if enters else "",
    }  # fmt: skip


def sieve_of(form: SieveForm, request: HttpRequest, default_bin: str) -> Sieve:
    """What the filter bar asks for; the default where it asks for nothing known."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    chosen = given.get("bin") or default_bin
    page = request.GET.get("page", "1")
    return Sieve(
        bin=chosen if chosen in {*BINS, "all"} else default_bin,
        words=given.get("q", ""),
        link=given.get("link", ""),
        status=given.get("status", ""),
        district=given.get("district", ""),
        source=given.get("source", ""),
        page=min(int(page), 100) if page.isdecimal() and len(page) < 5 else 1,
    )


def _rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Numbers need no quoting, so one address serves for all.
    address = reverse("case", args=["NUMBER"])
    return [_row(row, address.replace("NUMBER", row["number"])) for row in rows]


def _row(row: dict[str, Any], url: str) -> dict[str, Any]:
    due = row["due"] or {}
    link = row["link_title"] or (f"{row['suggested_title']}？" if row["suggested_title"] else "")
    return {
        "id": row["number"],
        "number": row["number"],
        "url": url,
        "subject": row["title"],
        "respondent": row["respondent_name"] or row["project_name"],
        "link": link,
        "source": row["source_title"],
        "district": row["district_title"],
        "status": row["status_title"],
        "status_tone": TONES.get(row["status"], ""),
        "officer": row["officer__full_name"] or row["holder__name"],
        "due_on": row["due_on"] if due else None,
        "words": due.get("words", ""),
        "tone": due.get("tone", ""),
        "overdue": due.get("tone") == "overdue",
        "major": row["may_be_major"],
    }


def _tiles(counts: dict[str, int], sieve: Sieve, work: str) -> list[dict[str, Any]]:
    desk_url = reverse("desk")
    return [
        {
            "label": BINS[key],
            "note": work if key == "todo" else "",
            "count": counted_words(counts[key]) if counts[key] else 0,
            "tone": tone,
            "url": f"{desk_url}?bin={key}",
            "current": sieve.bin == key,
        }
        for key, tone in TILES.items()
    ]


def _bulk(request: ActingRequest, sieve: Sieve) -> dict[str, Any] | None:
    if sieve.bin != "todo":
        return None
    form = BulkDispatchForm(jurisdiction=request.acting.jurisdiction, auto_id="bulk_%s")
    return {"url": reverse("dispatch_chosen"), "button": "批量分件", "form": form}
