"""The desk: what is to be done, what is due, what waits for others."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from fangxin.cases.actions import dispatch_case
from fangxin.cases.actions.filters import keep_saved_filter
from fangxin.cases.queries import Sieve, cases_with, desk_counts, saved_filters
from fangxin.cases.queries import desk as desk_of
from fangxin.deadlines.clock import today
from fangxin.organisations.refusals import ActRefused
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.office.forms import BulkDispatchForm, SieveForm

BINS = {
    "todo": ("待我办理", ""), "soon": ("即将到期", "soon"), "overdue": ("已逾期", "overdue"),
    "waiting": ("等待他人", ""), "handled": ("本月办结", ""),
}  # fmt: skip
TONES = {"refused": "ended", "closed": "ended", "handled": "good", "awaiting_order": "waiting"}


@office()
def desk(request: ActingRequest) -> HttpResponse:
    """What lies on this person's desk, soonest due first."""
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


def _list(request: ActingRequest, default_bin: str, heading: str, *, with_tiles: bool) -> HttpResponse:
    acting = request.acting
    form = SieveForm(request.GET or None, jurisdiction=acting.jurisdiction)
    sieve = _sieve(form, request, default_bin)
    found = desk_of(acting, sieve)
    kept = request.GET.copy()
    kept.pop("page", None)
    context: dict[str, Any] = {
        "heading": heading,
        "form": form,
        "rows": [_row(row) for row in found["rows"]],
        "found": found,
        "previous_url": _page_url(kept, found["page"] - 1) if found["page"] > 1 else "",
        "next_url": _page_url(kept, found["page"] + 1) if found["more"] else "",
        "on": today(),
        "query": kept.urlencode(),
        "saved": [
            {"title": row["name"], "url": f"{reverse('case_list')}?{row['query']}", "current": row["query"] == kept.urlencode()}
            for row in saved_filters(acting.user_id)
        ],
        "bulk": _bulk(request, sieve) if acting.role == Role.DISPATCHER else None,
    }  # fmt: skip
    if with_tiles:
        context["tiles"] = _tiles(acting, sieve)
    status = 200 if not form.is_bound or form.is_valid() else 422
    return render(request, "office/desk.html", context, status=status)


def _sieve(form: SieveForm, request: HttpRequest, default_bin: str) -> Sieve:
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    chosen = given.get("bin") or default_bin
    page = request.GET.get("page", "1")
    return Sieve(
        bin=chosen if chosen in {*BINS, "all", "ended"} else default_bin,
        words=given.get("q", ""),
        link=given.get("link", ""),
        status=given.get("status", ""),
        district=given.get("district", ""),
        source=given.get("source", ""),
        page=min(int(page), 100) if page.isdecimal() and len(page) < 5 else 1,
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    due = row["due"] or {}
    link = row["link_title"] or (f"{row['suggested_title']}？" if row["suggested_title"] else "")
    return {
        "id": row["number"],
        "number": row["number"],
        "url": reverse("case", args=[row["number"]]),
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


def _tiles(acting: Any, sieve: Sieve) -> list[dict[str, Any]]:
    counts = desk_counts(acting)
    return [
        {"label": title, "count": counts[key], "tone": tone, "url": f"{reverse('desk')}?bin={key}", "current": sieve.bin == key}
        for key, (title, tone) in BINS.items()
    ]  # fmt: skip


def _bulk(request: ActingRequest, sieve: Sieve) -> dict[str, Any] | None:
    if sieve.bin != "todo":
        return None
    form = BulkDispatchForm(jurisdiction=request.acting.jurisdiction)
    return {"url": reverse("dispatch_chosen"), "button": "批量分件", "form": form}


def _page_url(kept: Any, page: int) -> str:
    return f"?{urlencode([*kept.items(), ('page', page)])}"
