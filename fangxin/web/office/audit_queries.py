"""审计: who looked at what the register does not publish, by which office or grant; and every query applied for."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangxin.disclosure.queries import grants_of, looks
from fangxin.disclosure.workflow import STATE_TITLES, State
from fangxin.organisations.roles import Role
from fangxin.rules import RuleUnknown, book
from fangxin.web.access import ActingRequest, office
from fangxin.web.office.audit import PAGE, LooksFilter, usual_days

WAYS = {"page": "网页", "pdf": "PDF"}


@office(Role.AUDIT_OFFICER)
def query_looks(request: ActingRequest) -> HttpResponse:
    """Looks and grants of the chosen days; the last thirty unless asked otherwise."""
    form = LooksFilter(request.GET if "since" in request.GET else {**usual_days(), **request.GET.dict()})
    form.fields["number"].label = "查询编号"
    page = request.GET.get("page", "1")
    number = max(min(int(page), 1000) if page.isascii() and page.isdecimal() and len(page) < 5 else 1, 1)
    rows: list[dict[str, Any]] = []
    grants: list[dict[str, Any]] = []
    if form.is_valid():
        jurisdiction = request.acting.jurisdiction
        rows = looks(jurisdiction, first=(number - 1) * PAGE, at_most=PAGE + 1, **form.asked)
        grants = grants_of(jurisdiction, since=form.cleaned_data["since"], until=form.cleaned_data["until"])
    kept = [(name, str(value)) for name, value in form.data.items() if name in form.fields]
    context = {
        "heading": "授权查询的审计", "crumbs": [("审计", reverse("audit"))], "form": form,
        "rows": [_look(row, request.acting.jurisdiction) for row in rows[:PAGE]],
        "grants": [_grant(one) for one in grants], "page": number,
        "previous_url": f"?{urlencode([*kept, ('page', str(number - 1))])}" if number > 1 else "",
        "next_url": f"?{urlencode([*kept, ('page', str(number + 1))])}" if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "office/audit_queries.html", context, status=200 if form.is_valid() else 422)


def _look(row: dict[str, Any], jurisdiction: str) -> dict[str, Any]:
    try:
        reader = book(jurisdiction).reader(row["reader"]).title
    except RuleUnknown:
        reader = row["reader"]
    return {**row, "reader": reader, "codes": "、".join(row["codes"]), "way": WAYS.get(row["way"], "")}


def _grant(one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "title": STATE_TITLES[State(one["state"])],
        "codes": one["granted_codes"] or one["asked_codes"],
    }
