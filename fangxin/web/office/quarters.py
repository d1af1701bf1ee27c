"""季度更新: who handed in after a quarter, who is late, who never did; by place (四（二）, SM-13)."""

import csv
import io
import re
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from fangxin.agencies.duties import (
    counts_by_county,
    counts_within,
    duty_rows,
    explained,
    opened_quarters,
    place_titles,
)
from fangxin.agencies.quarters import DUTY_TITLES, DutyState, Quarter
from fangxin.deadlines.clock import today
from fangxin.exchange.queries import neutral
from fangxin.journal.actions import record
from fangxin.journal.kinds import Kind
from fangxin.organisations.roles import Acting, Role
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import Choice

PAGE = 50
MOST_EXPORTED = 50_000
WHO = (Role.REVIEWER, Role.PRECHECKER)
STATES = (
    ("", "全部"), ("unmet", "没有提交的"), ("open", "待提交"), ("late", "逾期未交"), ("missing", "未更新"),
    ("updated", "已提交"), ("was_late", "逾期提交的"),
)  # fmt: skip
COLUMNS = (
    "机构名称", "法人代码", "所在城市", "所在县（市、区）", "审核部门", "季度后提交", "提交日期", "是否逾期", "确认无变化",
    "季度内更新", "审核日期",
)  # fmt: skip


class QuarterFilter(forms.Form):
    """The quarter, the state and the place."""

    quarter = Choice("季度", required=False)
    state = Choice("季度后提交", STATES, required=False)
    within = Choice("季度内更新", [("", "全部"), ("yes", "有"), ("no", "没有")], required=False)
    place = Choice("地方", required=False)

    def __init__(self, data: Any, *, quarters: list[Quarter], places: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["quarter"].choices = [(key_of(one), str(one)) for one in quarters]  # type: ignore[attr-defined]
        self.fields["place"].choices = [("", "全部"), *places]  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, str]:
        """What `duty_rows` takes."""
        given = self.cleaned_data
        kind, _, code = given["place"].partition("-")
        return {"state": given["state"], "within": given["within"], **({kind: code} if code else {})}


def key_of(quarter: Quarter) -> str:
    """As an address names it: 2026-1."""
    return f"{quarter.year}-{quarter.number}"


def quarter_named(key: str, known: list[Quarter]) -> Quarter | None:
    """The opened quarter of that name; the latest when none or another is named."""
    found = re.fullmatch(r"(\d{4})-([1-4])", key)
    named = Quarter(int(found[1]), int(found[2])) if found else None
    return named if named in known else known[0] if known else None


@office(*WHO)
def quarters(request: ActingRequest) -> HttpResponse:
    """One quarter: how many handed in, by place, and the list of those who did not."""
    acting = request.acting
    known = opened_quarters(acting.jurisdiction)
    quarter = quarter_named(request.GET.get("quarter", ""), known)
    if quarter is None:
        return render(request, "office/quarters.html", {"heading": "季度更新", "quarter": None})
    counties = counts_by_county(acting, quarter)
    form = _filter(request.GET, acting, quarter, known, counties)
    if not form.is_valid():
        return redirect("quarters")
    page = Paginator(duty_rows(acting, quarter, **form.asked), PAGE).get_page(request.GET.get("page"))
    titles = place_titles(acting.jurisdiction)
    counts = counts_within(acting, quarter)
    context = {
        "heading": "季度更新", "quarter": quarter, "form": form, "page": page, "counts": counts,
        "tiles": _tiles(counts, quarter, form), "counties": _with_urls(counties, quarter),
        "rows": [_row(row, titles) for row in page], "limit": explained(acting.jurisdiction, quarter), "on": today(),
        "kept": [(name, str(form.data.get(name, ""))) for name in form.fields],
    }  # fmt: skip
    return render(request, "office/quarters.html", context)


@office(*WHO)
@require_POST
def quarters_export(request: ActingRequest) -> HttpResponse:
    """The list as a CSV; that it was taken out stands in the journal."""
    acting = request.acting
    known = opened_quarters(acting.jurisdiction)
    quarter = quarter_named(request.POST.get("quarter", ""), known)
    form = (
        _filter(request.POST, acting, quarter, known, counts_by_county(acting, quarter)) if quarter else None
    )
    if quarter is None or form is None or not form.is_valid():
        messages.error(request, "筛选条件有误，没有导出。")
        return redirect("quarters")
    titles = place_titles(acting.jurisdiction)
    rows = [_row(row, titles) for row in duty_rows(acting, quarter, **form.asked)[:MOST_EXPORTED]]
    record(
        Kind.EXPORT, "quarter", f"{acting.jurisdiction} {key_of(quarter)}", by=acting.actor,
        summary=f"导出{quarter}季度更新名单{len(rows)}条",
        details={"form": "quarter_duties", "rows": len(rows), "fields": list(COLUMNS)},
        clause="四(二)", jurisdiction=acting.jurisdiction,
    )  # fmt: skip
    response = HttpResponse(_as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="quarter-{key_of(quarter)}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _filter(
    given: Any, acting: Acting, quarter: Quarter, known: list[Quarter], counties: list[dict[str, Any]]
) -> QuarterFilter:
    titles = place_titles(acting.jurisdiction)
    cities = dict.fromkeys(row["city"] for row in counties)
    places = [(f"city-{city}", titles.get(city, city)) for city in cities] if len(cities) > 1 else []
    places += [(f"county-{row['county']}", row["title"]) for row in counties if row["county"] not in cities]
    asked = {name: given.get(name, "") for name in ("state", "within", "place")}
    return QuarterFilter({**asked, "quarter": key_of(quarter)}, quarters=known, places=places)


def _tiles(counts: dict[str, int], quarter: Quarter, form: QuarterFilter) -> list[dict[str, Any]]:
    def tile(label: str, count: int, tone: str = "", note: str = "", **asked: str) -> dict[str, Any]:
        given = form.cleaned_data
        current = given["state"] == asked.get("state", "") and given["within"] == asked.get("within", "")
        url = f"?{urlencode({'quarter': key_of(quarter), **asked})}"
        return {"label": label, "count": count, "tone": tone, "note": note, "url": url, "current": current}

    late = f"逾期提交{counts['was_late']}" if counts["was_late"] else ""
    return [
        tile("应提交", counts["all"]),
        tile("已提交", counts["updated"], note=late, state="updated"),
        tile("待提交", counts["open"], "soon", state="open"),
        tile("逾期未交", counts["late"], "overdue", state="late"),
        tile("未更新", counts["missing"], "overdue", state="missing"),
        tile("季度内没有更新", counts["not_within"], within="no"),
    ]


def _with_urls(counties: list[dict[str, Any]], quarter: Quarter) -> list[dict[str, Any]]:
    return [
        {
            **row, "unmet": row["open"] + row["late"] + row["missing"],
            "url": f"?{urlencode({'quarter': key_of(quarter), 'state': 'unmet', 'place': 'county-' + row['county']})}",
        }
        for row in counties
    ]  # fmt: skip


def _row(row: dict[str, Any], titles: Any) -> dict[str, Any]:
    return {
        **row, "city_title": titles.get(row["city"], row["city"]),
        "county_title": titles.get(row["county"], row["county"]),
        "state_title": DUTY_TITLES[DutyState(row["state"])], "no_change": row["confirmed"] is not None,
    }  # fmt: skip


def _as_csv(rows: list[dict[str, Any]]) -> bytes:
    """UTF-8 with a BOM, as Excel reads it; no cell is a formula to whoever opens it."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (
            row["name"], row["code"], row["city_title"], row["county_title"], row["reviewer"], row["state_title"],
            row["submitted_on"] or "", "是" if row["was_late"] else "", "是" if row["no_change"] else "",
            "有" if row["updated_within"] else "没有", row["reviewed_on"] or "",
        )  # fmt: skip
        writer.writerow([neutral(str(cell)) for cell in cells])
    return f"\ufeff{written.getvalue()}".encode()
