"""试算: the whole register counted by a changed scheme before anybody is told of it; nothing is kept but that it was tried."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangxin.credit import actions
from fangxin.credit.evaluations import expect_may, expected_agencies
from fangxin.credit.whatif import WhatIf
from fangxin.deadlines.clock import today
from fangxin.exchange.what_if_file import as_csv, as_xlsx
from fangxin.organisations.refusals import ActRefused
from fangxin.rules import book
from fangxin.rules.conduct import months_after
from fangxin.rules.evaluation import SUBJECTS, Scheme
from fangxin.web.access import ActingRequest, office
from fangxin.web.charts import bars
from fangxin.web.evaluation import BOOKS, STATUS_TONES, all_schemes, grade_title, scheme_of_book
from fangxin.web.office.evaluation import CRUMB, WHO
from fangxin.web.office.evaluation_forms import WhatIfForm

SHOWN = 100
# Beyond this a page would keep its reader waiting for minutes.
MOST_AGENCIES = 30_000
FILES = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@office(*WHO)
def what_if(request: ActingRequest) -> HttpResponse:
    """The form; sent, who would move from which grade to which, with reasons, as a page or as a file."""
    acting = request.acting
    expect_may("try_scheme", acting)
    name, _, key = (
        request.POST.get("scheme") or request.GET.get("scheme") or f"{acting.jurisdiction}/"
    ).partition("/")
    scheme = scheme_of_book(name, key) or next(iter(book(acting.jurisdiction).schemes.values()), None)
    if scheme is None:
        raise Http404
    name = name if scheme_of_book(name, key) else acting.jurisdiction
    form = WhatIfForm(
        request.POST or None, request.FILES or None, scheme=scheme, source=book(name).scheme_texts[scheme.key],
        initial=_last_cycle(scheme),
    )  # fmt: skip
    found, wanted = None, request.POST.get("as", "page")
    if request.method == "POST" and form.is_valid():
        found = _tried(request, form, scheme, wanted)
        if found is not None and wanted in FILES:
            write, kind = FILES[wanted]
            headers = {
                "Content-Disposition": f'attachment; filename="what-if.{wanted}"',
                "Cache-Control": "no-store",
            }
            return HttpResponse(write(found), content_type=kind, headers=headers)
    context = {
        "heading": "方案试算", "form": form, "scheme": scheme, "value": f"{name}/{scheme.key}", "badge": str(scheme.status),
        "badge_tone": STATUS_TONES[str(scheme.status)], "crumbs": [(CRUMB, reverse("evaluation"))],
        "others": [
            {
                "title": f"{one.title}（{BOOKS[of]}）", "url": f"?scheme={of}/{one.key}",
                "current": (of, one.key) == (name, scheme.key),
            }
            for of, one in all_schemes()
        ],
        "result": _result(found) if found else None,
        "sent": _sent(form) if found else [],
    }  # fmt: skip
    failed = request.method == "POST" and found is None
    return render(request, "office/what_if.html", context, status=422 if failed else 200)


def _tried(request: ActingRequest, form: WhatIfForm, scheme: Scheme, wanted: str) -> WhatIf | None:
    given, acting = form.cleaned_data, request.acting
    if (many := expected_agencies(acting.jurisdiction, given["until"])) > MOST_AGENCIES:
        form.add_error(
            None,
            f"在册机构有{many}家，页面上只试算{MOST_AGENCIES}家以内的；请由系统管理员用 fangxin try-scheme 试算。",
        )
        return None
    try:
        return actions.try_scheme(
            acting.jurisdiction, scheme, form.changed_text, since=given["since"], until=given["until"], by=acting,
            form=wanted if wanted in FILES else "page",
        )  # fmt: skip
    except ActRefused as refused:
        if refused.field not in form.fields:
            raise
        beside = "file" if refused.field == "text" and given["file"] else refused.field
        form.add_error(beside if given["file"] or given["text"] or beside != "text" else None, str(refused))
        return None


def _sent(form: WhatIfForm) -> list[tuple[str, str]]:
    """What a file asks for again: the days and the whole scheme, as it was tried."""
    given = form.cleaned_data
    return [("since", str(given["since"])), ("until", str(given["until"])), ("text", form.changed_text)]


def _result(found: WhatIf) -> dict[str, Any]:
    return {
        "subjects": found.subjects, "moved": len(found.movers), "more": len(found.movers) - SHOWN,
        "kinds": [_of_kind(found, kind, title) for kind, title in SUBJECTS.items()],
        "movers": [
            {
                "kind": SUBJECTS[one.kind], "subject": one.subject, "name": one.name, "points": f"{one.points:g}",
                "after": f"{one.points_after:g}", "grade": one.grade, "grade_after": one.grade_after, "why": one.why,
            }
            for one in found.movers[:SHOWN]
        ],
    }  # fmt: skip


def _of_kind(found: WhatIf, kind: str, title: str) -> dict[str, Any]:
    """The matrix of one kind of subject, and its chart."""
    before, after = found.totals(kind)
    grades = list(dict.fromkeys([*found.before.grades, *found.after.grades]))
    rows = [(grade, [before[grade], after[grade]]) for grade in grades]
    return {
        "title": title, "columns": [grade_title(found.after, grade) for grade in found.after.grades],
        "rows": [
            {
                "grade": grade_title(found.before, grade), "total": before[grade],
                "cells": [
                    {"many": found.moves[kind][grade, to], "same": to == grade, "to": to} for to in found.after.grades
                ],
            }
            for grade in found.before.grades
        ],
        "totals": [after[grade] for grade in found.after.grades], "many": sum(before.values()),
        "chart": bars(f"{title}各等级的数量，现在和试算", ["现在", "试算"], rows),
    }  # fmt: skip


def _last_cycle(scheme: Scheme) -> dict[str, date]:
    """The last cycle that is over; a scheme whose first is not over yet begins with that."""
    since = scheme.cycle_begins
    while months_after(since, 2 * scheme.cycle_months) <= today():
        since = months_after(since, scheme.cycle_months)
    return {
        "since": since,
        "until": min(today(), months_after(since, scheme.cycle_months) - timedelta(days=1)),
    }
