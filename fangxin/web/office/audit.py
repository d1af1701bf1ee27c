"""审计: who looked at whose identity and why, what a person did, and how far the journal is sealed."""

import csv
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from fangxin.cases.looks import doings as doings_of
from fangxin.cases.looks import identity_looks
from fangxin.deadlines.clock import today
from fangxin.exchange.queries import neutral
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.journal.queries import sealing_state
from fangxin.journal.seal import last_anchor
from fangxin.organisations.roles import Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import Line

PAGE = 50
DOINGS = 200
MOST_EXPORTED = 20_000
USUAL_DAYS = 30
BEIJING_TIME = ZoneInfo("Asia/Shanghai")
COLUMNS = ("时间", "查看人", "事项", "案件编号", "理由", "申请时间", "同意人", "本人经办")


class LooksFilter(forms.Form):
    """The days, the person and the case that are audited."""

    since = forms.DateField(
        label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "“自”应为真实的日期，如 2026-02-13。"},
    )  # fmt: skip
    until = forms.DateField(
        label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "“至”应为真实的日期，如 2026-02-13。"},
    )  # fmt: skip
    person = Line("查看人或部门", 60, required=False)
    number = Line("案件编号", 40, required=False)

    def clean(self) -> dict[str, Any]:
        """The days in order; both within what a moment can be."""
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "“至”不得早于“自”。")
        for name, day in (("since", since), ("until", until)):
            if day and not date(2000, 1, 1) <= day <= date(2999, 12, 31):
                self.add_error(name, "日期应在2000年至2999年之间。")
        return given

    @property
    def asked(self) -> dict[str, Any]:
        """What `identity_looks` takes: moments in Asia/Shanghai, the last day whole."""
        given = self.cleaned_data
        return {
            "since": _midnight(given["since"]) if given["since"] else None,
            "until": _midnight(given["until"] + timedelta(days=1)) if given["until"] else None,
            "person": given["person"],
            "number": given["number"],
        }

    @property
    def told(self) -> str:
        """The same in words, for the journal."""
        given = self.cleaned_data
        parts = [f"{given['since'] or '最早'}至{given['until'] or '最近'}", given["person"], given["number"]]
        return "，".join(part for part in parts if part)


@office(Role.AUDIT_OFFICER)
def looks(request: ActingRequest) -> HttpResponse:
    """Who looked at whose identity and why, newest first; the last thirty days unless asked otherwise."""
    form = LooksFilter(request.GET if "since" in request.GET else {**usual_days(), **request.GET.dict()})
    page = request.GET.get("page", "1")
    number = min(int(page), 1000) if page.isascii() and page.isdecimal() and len(page) < 5 else 1
    number = max(number, 1)
    rows: list[dict[str, Any]] = []
    if form.is_valid():
        rows = identity_looks(
            request.acting.jurisdiction, first=(number - 1) * PAGE, at_most=PAGE + 1, **form.asked
        )  # fmt: skip
    kept = [(name, str(value)) for name, value in form.data.items() if name in form.fields]
    context = {
        "heading": "审计",
        "form": form,
        "rows": rows[:PAGE],
        "page": number,
        "previous_url": f"?{urlencode([*kept, ('page', str(number - 1))])}" if number > 1 else "",
        "next_url": f"?{urlencode([*kept, ('page', str(number + 1))])}" if len(rows) > PAGE else "",
        "kept": kept,
        "sealing": sealing_state(),
        "anchor": _anchor(),
    }
    return render(request, "office/audit.html", context, status=200 if form.is_valid() else 422)


@office(Role.AUDIT_OFFICER)
@require_POST
def export(request: ActingRequest) -> HttpResponse:
    """The same rows as a CSV; that they were taken out stands in the journal."""
    form = LooksFilter(request.POST)
    if not form.is_valid():
        messages.error(request, "筛选条件有误，没有导出。")
        return redirect("audit")
    rows = identity_looks(request.acting.jurisdiction, at_most=MOST_EXPORTED + 1, **form.asked)
    if len(rows) > MOST_EXPORTED:
        messages.error(request, f"符合条件的超过{MOST_EXPORTED}条，没有导出。请缩短日期范围，分几次导出。")
        return redirect("audit")
    record(
        Kind.EXPORT, "audit", "identity_looks", by=request.acting.actor,
        summary=f"导出身份查看记录{len(rows)}条（{form.told}）",
        details={"form": "identity_looks", "rows": len(rows), "fields": list(COLUMNS)},
        jurisdiction=request.acting.jurisdiction,
    )  # fmt: skip
    response = HttpResponse(_as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="identity-looks-{today():%Y%m%d}.csv"'
    response["Cache-Control"] = "no-store"
    return response


@office(Role.AUDIT_OFFICER)
def doings(request: ActingRequest, user_id: int) -> HttpResponse:
    """What one person did, newest first."""
    form = LooksFilter(request.GET or usual_days())
    rows: list[dict[str, Any]] = []
    if form.is_valid() and user_id < 2**62:
        asked = form.asked
        rows = doings_of(
            user_id,
            request.acting.jurisdiction,
            since=asked["since"],
            until=asked["until"],
            at_most=DOINGS + 1,
        )
    for name in ("person", "number"):
        del form.fields[name]
    context = {
        "heading": rows[0]["actor_label"] if rows else "个人办理记录",
        "crumbs": [("审计", reverse("audit"))],
        "form": form,
        "rows": rows[:DOINGS],
        "more": DOINGS if len(rows) > DOINGS else 0,
    }
    return render(request, "office/audit_doings.html", context, status=200 if form.is_valid() else 422)


def usual_days() -> dict[str, str]:
    """The last thirty days, as a filter takes them."""
    return {"since": (today() - timedelta(days=USUAL_DAYS)).isoformat(), "until": today().isoformat()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING_TIME)


def _anchor() -> dict[str, Any] | None:
    found = last_anchor(Path(settings.HOME) / "anchors")
    if found is None:
        return None
    return {"number": found.number, "total": found.total, "at": datetime.fromisoformat(found.at)}


def _as_csv(rows: list[dict[str, Any]]) -> bytes:
    """UTF-8 with a BOM, as Excel reads it; no cell is a formula to whoever opens it."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            _told(row["at"]), row["who"], row["what"], row["number"], row["reason"], _told(row["asked_at"]),
            row["consented_by"], "是" if row["own_case"] else "否",
        )  # fmt: skip
        writer.writerow([neutral(cell) for cell in cells])
    return f"\ufeff{written.getvalue()}".encode()


def _told(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""
