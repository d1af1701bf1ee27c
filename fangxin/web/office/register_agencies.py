"""The register as the office reads it: agencies found by name, code and place; a record as of any day."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from fangxin.agencies import review
from fangxin.agencies.differences import differences
from fangxin.agencies.values import declared_tables, plain
from fangxin.agencies.workflow import STATE_TITLES, State
from fangxin.credit.queries import records_about
from fangxin.credit.standing import places_of as conduct_places
from fangxin.credit.workflow import JURISDICTION
from fangxin.deadlines.clock import today
from fangxin.disclosure.actions.looking import read_record, sees_unapproved
from fangxin.disclosure.readers import reader_of
from fangxin.documents.actions import open_attachment
from fangxin.documents.queries import subject_of
from fangxin.organisations.queries import former_names_of
from fangxin.rules import book
from fangxin.web.access import ActingRequest, office
from fangxin.web.office.register import REVIEWING
from fangxin.web.office.register_changes import acts_on
from fangxin.web.office.review_forms import AgencySearchForm, AsOfForm, place_words

STANDING_TONES = {"active": "good", "cancelled": "bad", "merged": "waiting"}


@office(*REVIEWING)
def agencies(request: ActingRequest) -> HttpResponse:
    """Agencies by name (former ones too), code, place and standing."""
    acting = request.acting
    form = AgencySearchForm(request.GET or None, jurisdiction=acting.jurisdiction)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    page = request.GET.get("page", "1")
    at = max(1, int(page)) if page.isdecimal() and len(page) < 5 else 1
    found = review.agencies_found(
        acting.jurisdiction, words=given.get("q", ""), city=given.get("city", ""), county=given.get("county", ""),
        standing=given.get("standing", ""), page=at,
    )  # fmt: skip
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    context = {
        "heading": "机构登记", "form": form, "page": at,
        "rows": [
            {
                **row, "url": reverse("register_agency", args=[row["id"]]),
                "place": place_words(acting.jurisdiction, row["city"], row["county"]),
                "tone": STANDING_TONES[row["standing"]],
            }
            for row in found["rows"]
        ],
        "exports": [
            (f"{one.code} {one.title}", f"{reverse('register_export', args=[one.code])}?{urlencode(asked)}")
            for one in declared_tables(acting.jurisdiction)
        ],
        "previous_url": f"?{urlencode({**asked, 'page': at - 1})}" if at > 1 else "",
        "next_url": f"?{urlencode({**asked, 'page': at + 1})}" if found["more"] else "",
    }  # fmt: skip
    status = 200 if not form.is_bound or form.is_valid() else 422
    return render(request, "office/register_agencies.html", context, status=status)


@office(*REVIEWING)
def agency(request: ActingRequest, agency_id: int) -> HttpResponse:
    """The accepted record as of a day, as far as this reader sees it."""
    found = review.agency_of(request.acting.jurisdiction, agency_id)
    if found is None:
        raise Http404
    acting = request.acting
    form = AsOfForm(request.GET if "on" in request.GET else None, initial={"on": today()})
    on = form.cleaned_data["on"] if form.is_bound and form.is_valid() else today()
    reader = book(found.jurisdiction).reader(reader_of(acting, found))
    record = read_record(found, reader.key, by=acting.actor, on=on)
    context = {
        "agency": found, "heading": found.company.name, "crumbs": [("机构登记", reverse("register_agencies"))],
        "lead": f"{found.code} · {place_words(found.jurisdiction, found.city, found.county)}",
        "badge": found.get_standing_display(), "badge_tone": STANDING_TONES[found.standing],
        "acts": acts_on(found, acting), "form": form, "on": on, "reader": reader, "whole": reader.unapproved,
        "tables": _tables(plain(record, found.jurisdiction) if record else {}, found), "facts": _facts(found),
        "versions": _versions(found.pk, on), "declarations": _declarations(found, acting),
        "conduct": records_about(acting, found.pk), "may_record": JURISDICTION in conduct_places(found, acting),
    }  # fmt: skip
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "office/register_agency.html", context, status=status)


@office(*REVIEWING)
def file(request: ActingRequest, agency_id: int, attachment_id: UUID) -> HttpResponse:
    """A picture of an agency or the evidence of a change, for whoever sees the agency's whole record."""
    found, subject = review.agency_of(request.acting.jurisdiction, agency_id), subject_of(attachment_id)
    if found is None or subject is None or not review.is_file_of(found, *subject):
        raise Http404
    if not sees_unapproved(reader_of(request.acting, found)) and not review.is_published(
        found.pk, attachment_id
    ):
        raise Http404
    opened = open_attachment(
        attachment_id, subject_kind=subject[0], subject_id=subject[1], by=request.acting.actor
    )
    return HttpResponse(opened.content, headers=opened.headers)


def _tables(record: Any, found: Any) -> list[dict[str, Any]]:
    """Every table with its rows, each a list of (code, title, mark, value)."""
    if not record:
        return []
    return [
        {
            "code": table.table.code, "title": table.table.title, "many": table.table.many, "count": len(table.rows),
            "rows": [
                {
                    "title": row.title,
                    "fields": [
                        {
                            "code": one.field.code, "title": one.field.title, "secret": one.field.mark, "value": one.new,
                            "pictures": [reverse("register_file", args=[found.pk, pk]) for pk in one.new_pictures],
                        }
                        for one in row.fields
                    ],
                }
                for row in table.rows
            ],
        }
        for table in differences({}, record, found.jurisdiction)
        if table.rows
    ]  # fmt: skip


def _facts(found: Any) -> list[tuple[str, Any]]:
    former = former_names_of(found.company_id)
    facts = [
        ("审核部门", found.reviewing_body.name),
        ("市级部门", found.city_body.name if found.city_body else ""),
        ("入册日期", found.entered_on.isoformat()),
        ("曾用名", "、".join(former)),
        ("曾用代码", "、".join(found.former_codes)),
        ("并入", found.merged_into.company.name if found.merged_into else ""),
        ("总机构", found.head_office.company.name if found.head_office else ""),
    ]
    return [(name, value) for name, value in facts if value]


def _versions(agency_id: int, on: date) -> list[dict[str, Any]]:
    return [
        {
            **row, "url": f"?on={row['from_on'].isoformat()}",
            "current": row["from_on"] <= on and (row["until_on"] is None or row["until_on"] > on),
        }
        for row in review.versions_of(agency_id)
    ]  # fmt: skip


def _declarations(found: Any, acting: Any) -> list[dict[str, Any]]:
    if not sees_unapproved(reader_of(acting, found)):
        return []
    return [
        {
            **row, "title": STATE_TITLES[State(row["state"])], "url": reverse("declaration", args=[row["id"]]),
        }
        for row in review.declarations_of(found.pk)
    ]  # fmt: skip
