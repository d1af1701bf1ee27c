"""公示: good and bad records that are public now, by day, place and class, as a page, a feed and a file."""

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from fangxin.credit import published
from fangxin.credit.published import KINDS, Wanted
from fangxin.redress.queries import published_complaints
from fangxin.rules import book
from fangxin.web.access import public
from fangxin.web.fields import Choice, Line
from fangxin.web.public import REGISTER
from fangxin.web.public.places import as_city_and_county, choices
from fangxin.web.public.records import as_shown
from fangxin.web.public.register_files import as_public, streamed
from fangxin.web.public.register_forms import LONGEST, page_number

BEFORE_EACH = ("机构名称", "法人代码", "所在地", "种类", "类别", "内容")
BEHIND_EACH = ("公示日期", "公示至", "机构说明", "整改结果", "有异议", "更正日期")


class NoticeSearch(forms.Form):
    """By whom, of which kind and class, where, and between which days."""

    q = Line("机构名称或代码", LONGEST, required=False)
    kind = Choice("种类", lambda: [("", "全部"), *KINDS.items()], required=False)
    record_class = Choice("类别", lambda: [("", "全部"), *_classes()], required=False)
    place = Choice("所在地", choices, required=False, widget=forms.Select)
    since = forms.DateField(
        label="公示日期从", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "没有这一天，请按“2026-03-02”的样式填写。"},
    )  # fmt: skip
    until = forms.DateField(
        label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "没有这一天，请按“2026-03-02”的样式填写。"},
    )  # fmt: skip

    @property
    def wanted(self) -> Wanted:
        """What a valid form asks for."""
        given = self.cleaned_data
        city, county = as_city_and_county(given["place"]) if given["place"] else ("", "")
        return Wanted(
            REGISTER,
            given["q"].strip(),
            given["kind"],
            city,
            county,
            given["record_class"],
            given["since"],
            given["until"],
        )


@public
@require_safe
def publicity(request: HttpRequest) -> HttpResponse:
    """The notices that were asked for, the newest first, twenty a page."""
    form = NoticeSearch(request.GET)
    if not form.is_valid():
        return render(request, "public/publicity.html", {"form": form}, status=422)
    found = published.notices(form.wanted, page_number(request.GET.get("page")))
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}

    def address(page: int) -> str:
        return f"?{urlencode({**kept, 'page': page})}"

    context = {
        "form": form, "found": found, "records": [as_shown(row) for row in found.rows], "asked": bool(kept),
        "before": address(found.page - 1) if found.page > 1 else "",
        "after": address(found.page + 1) if found.page < found.pages else "",
        "export": f"?{urlencode(kept)}" if kept else "",
    }  # fmt: skip
    return render(request, "public/publicity.html", context)


@public
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The latest notices and published complaints as an Atom feed; what was taken down is not in it any more."""
    page = request.build_absolute_uri(reverse("publicity"))
    atom = Atom1Feed(
        title="房地产经纪机构信用记录公示", link=page, feed_url=request.build_absolute_uri(reverse("publicity_feed")),
        description="良好行为、不良行为记录和投诉的公示", language="zh-CN",
    )  # fmt: skip
    for row in published.newest(REGISTER):
        shown = as_shown(row)
        marks = "".join(f"【{mark}】" for mark in shown["marks"])
        atom.add_item(
            title=f"{row['kind_title']}{marks}：{row['agency_name']}　{shown['title']}",
            link=f"{request.build_absolute_uri(reverse('agency', args=[row['agency_code']]))}#record-{row['id']}",
            unique_id=f"urn:uuid:{row['id']}", description="\n".join(_lines(shown)),
            pubdate=_moment(row["published_on"]),
            updateddate=_moment(max(filter(None, (row["published_on"], row["corrected_on"], row["rectified_on"])))),
        )  # fmt: skip
    for row in published_complaints(REGISTER)["rows"]:
        atom.add_item(
            title=f"投诉公示：{row['respondent']}　{row['finding_title']}".rstrip(),
            link=f"{request.build_absolute_uri(reverse('published_complaints'))}#c{row['number']}",
            unique_id=f"urn:uuid:{row['id']}",
            description=f"{row['summary']}\n处理结果：{row['result']}\n公示：{row['published_on']}至{row['shown_until']}",
            pubdate=_moment(row["published_on"]), updateddate=_moment(row["published_on"]),
        )  # fmt: skip
    return HttpResponse(atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@public
@require_safe
def records_file(request: HttpRequest) -> HttpResponseBase:
    """Everything that was asked for as CSV."""
    form = NoticeSearch(request.GET)
    if not form.is_valid():
        return render(request, "public/publicity.html", {"form": form}, status=422)
    return streamed("信用记录公示", (*BEFORE_EACH, *BEHIND_EACH), _rows(form.wanted))


def _classes() -> list[tuple[str, str]]:
    return [(key, one.title) for key, one in book("national").record_classes.items()]


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    for _, title, value in shown["facts"]:
        yield f"{title}：{value}"
    for name, value in (("机构说明", shown["comment"]), ("整改结果", shown["rectification_result"])):
        if value:
            yield f"{name}：{value}"
    yield f"公示：{shown['published_on']}至{shown['shown_until'] or '—'}"


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _rows(wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    after = 0
    while found := as_public(partial(published.every_record, wanted, after)):
        for row in found:
            shown = as_shown(row)
            content = "；".join(
                (shown["title"], *(f"{title}：{value}" for _, title, value in shown["facts"]))
            )
            yield (
                row["agency_name"], row["agency_code"], shown["place"], row["kind_title"], row["class_title"], content,
                row["published_on"], row["shown_until"] or "", row["comment"], row["rectification_result"],
                "有异议" if row["is_objected"] else "", row["corrected_on"] or "",
            )  # fmt: skip
        after += len(found)
