"""The register as anybody reads it: search, profile, people, coverage."""

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from fangxin.agencies import published
from fangxin.agencies.published import FIRST_FEW, MOST_COUNTED, Found, Profile, Wanted
from fangxin.deadlines.clock import today
from fangxin.redress.queries import published_complaints_about
from fangxin.web.access import public
from fangxin.web.public import REGISTER
from fangxin.web.public.evaluation import scores_of_agency
from fangxin.web.public.places import as_city_and_county, cities, named
from fangxin.web.public.records import records_of_agency
from fangxin.web.public.register_forms import AgencySearch, AsOf, PersonSearch, page_number
from fangxin.web.public.shown import sections

FEW_PEOPLE = 3
WHOLE = 10_000  # rows of a table on paper


@public
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """Agencies by name, code, person or place, twenty a page."""
    form = AgencySearch(request.GET)
    if not form.is_valid():
        return render(request, "public/agencies.html", {"form": form}, status=422)
    context: dict[str, Any] = {"form": form, "cities": cities()}
    wanted = wanted_by(form)
    if not wanted.is_empty:
        found = published.search(wanted, page_number(request.GET.get("page")))
        people = published.people_called(REGISTER, wanted.text) if wanted.text else Found((), 0, 1)
        context |= {
            "found": found, "rows": [_row(row) for row in found.rows], "wanted": wanted,
            "place": named(wanted.city, wanted.county), "counted": _counted(found),
            "people": [_person(row) for row in people.rows[:FEW_PEOPLE]], "people_total": _counted(people),
            "more_people": people.total > FEW_PEOPLE, **_turning(request, found),
        }  # fmt: skip
    return render(request, "public/agencies.html", context)


def wanted_by(form: AgencySearch) -> Wanted:
    """What a valid form asks for."""
    city, county = as_city_and_county(form.cleaned_data["place"]) if form.cleaned_data["place"] else ("", "")
    return Wanted(REGISTER, form.cleaned_data["q"], city, county)


@public
@require_safe
def agency(request: HttpRequest, code: str) -> HttpResponseBase:
    """An agency with everything the public may see, as it stands or as of a day; a former code leads to the present."""
    form = AsOf(request.GET)
    valid = form.is_valid()
    on = form.cleaned_data["on"] if valid else today()
    shown = published.profile(REGISTER, code, on=on)
    if shown is None:
        present = published.present_code(REGISTER, code)
        if present is None or present == code:
            raise Http404
        asked = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(f"{reverse('agency', args=[present])}{asked}")
    context = {**_profile(shown, on, request), "form": form, "is_past": valid and bool(request.GET.get("on"))}
    return render(request, "public/agency.html", context, status=200 if valid else 422)


def _profile(shown: Profile, on: date, request: HttpRequest) -> dict[str, Any]:
    on_paper = "print" in request.GET
    agency = shown.agency
    version = shown.version
    parts = sections(
        shown.values,
        on=today(),
        page=page_number(request.GET.get("page")),
        at_once=WHOLE if on_paper else FIRST_FEW,
    )
    return {
        "agency": agency, "place": named(agency["city"], agency["county"]), "version": version,
        "standing_title": published.titles_of_standing()[agency["standing"]], "on": on,
        "name": shown.values.get("J1", {}).get("name") or agency["name"], "sections": list(parts),
        "versions": shown.versions, "names": shown.names, "people": [_person(one) for one in shown.people[:FIRST_FEW]],
        "more_people": len(shown.people) > FIRST_FEW, "branches": [
            {**one, "place": named(one["city"], one["county"])} for one in shown.branches[:FIRST_FEW]
        ], "more_branches": len(shown.branches) > FIRST_FEW, "successor": shown.successor,
        "head_office": shown.head_office, "on_paper": on_paper,
        "is_latest": version is not None and version["until_on"] is None,
        "conduct": records_of_agency(agency["code"], on),
        "complaints": published_complaints_about(REGISTER, agency["code"], on=on), "scores": scores_of_agency(agency["code"]),
    }  # fmt: skip


@public
@require_safe
def brokers(request: HttpRequest) -> HttpResponse:
    """Brokers and assistants by name or number, or all of one agency, each with the agency they work for."""
    form, code = PersonSearch(request.GET), request.GET.get("agency", "")[:18]
    if not form.is_valid():
        return render(request, "public/brokers.html", {"form": form}, status=422)
    context: dict[str, Any] = {"form": form}
    text, page = form.cleaned_data["q"], page_number(request.GET.get("page"))
    if text or code:
        found = (
            published.people_called(REGISTER, text, page)
            if text
            else published.people_of(REGISTER, code, page)
        )
        context |= {
            "found": found, "rows": [_person(row) for row in found.rows], "counted": _counted(found), "text": text,
            **_turning(request, found),
        }  # fmt: skip
    return render(request, "public/brokers.html", context)


@public
@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    """How many agencies of each place are known, and how many can be read here (DOC-46)."""
    rows = published.coverage(REGISTER)
    by_city = []
    for city in cities():
        counties = [row for row in rows if row["city"] == city.code]
        if counties:
            by_city.append(
                {
                    "city": city, "known": sum(row["known"] for row in counties),
                    "published": sum(row["published"] for row in counties),
                    "counties": [{**row, "name": named("", row["county"])} for row in counties],
                }
            )  # fmt: skip
    elsewhere = [row for row in rows if not any(row["city"] == city.code for city in cities())]
    context = {
        "by_city": by_city, "elsewhere": sum(row["known"] for row in elsewhere),
        "known": sum(row["known"] for row in rows), "published": sum(row["published"] for row in rows),
        "counted_on": max((row["counted_on"] for row in rows), default=None),
    }  # fmt: skip
    return render(request, "public/coverage.html", context)


@public
@require_safe
def agency_picture(request: HttpRequest, picture_id: UUID) -> HttpResponse:
    """A published picture (J1-25, J2-06), as cleaned."""
    found = published.picture(picture_id)
    if found is None:
        raise Http404
    media_type, content = found
    return HttpResponse(content, content_type=media_type, headers={"Cache-Control": "public, max-age=3600"})


def _row(row: Any) -> dict[str, Any]:
    return {
        **row, "place": named(row["city"], row["county"]),
        "standing_title": "" if row["standing"] == "active" else published.titles_of_standing()[row["standing"]],
    }  # fmt: skip


def _person(row: Any) -> dict[str, Any]:
    kind = "房地产经纪人协理" if row["kind"] == "assistant" else "房地产经纪人"
    place = named(row["city"], row["county"]) if "city" in row else ""
    return {**row, "kind_title": kind, "place": place}


def _counted(found: Found) -> str:
    return f"{MOST_COUNTED}+" if found.more_than_counted else str(found.total)


def _turning(request: HttpRequest, found: Found) -> dict[str, str]:
    """The addresses of the pages before and after this one."""
    kept = {name: value for name, value in request.GET.items() if name != "page" and value}

    def address(page: int) -> str:
        return f"?{urlencode({**kept, 'page': page})}"

    return {
        "before": address(found.page - 1) if found.page > 1 else "",
        "after": address(found.page + 1) if found.page < found.pages else "",
        "export": f"?{urlencode(kept)}",
    }
