"""企业情况变动 (四（二）): what the authority records of an agency itself, each act on a page of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from fangxin.agencies import actions, review
from fangxin.agencies.actions.changes import FILING_OPINION
from fangxin.agencies.actions.declaring import NotSound
from fangxin.agencies.columns import REPEATED
from fangxin.agencies.differences import shown_value
from fangxin.agencies.standing import places_of
from fangxin.agencies.values import declared_tables, plain, rows_of
from fangxin.agencies.workflow import (
    AGENCY_STEP_BY_VERB,
    STEP_BY_VERB,
    AgencyStanding,
    AgencyStep,
    Standing,
    State,
    Step,
    find_agency_step,
    find_step,
    open_agency_steps,
    open_steps,
)
from fangxin.deadlines.clock import today
from fangxin.disclosure.actions.looking import read_record
from fangxin.disclosure.readers import reader_of
from fangxin.organisations.roles import Acting
from fangxin.rules import book
from fangxin.rules.indicators import Field, catalogue
from fangxin.web.access import ActingRequest, office
from fangxin.web.fields import ActForm, attempt, sent_before
from fangxin.web.office.change_forms import ChangeForm, FilingOpinionForm, HeadOfficeForm, MergerForm
from fangxin.web.office.register import REVIEWING

# The usual occasions, each with the indicators it touches.
OCCASIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("更名", ("J1-01",)),
    ("迁址", ("J1-03", "J1+01", "J1-04", "J1-05")),
    ("法定代表人变更", ("J1-17", "J2-03", "J2-04", "J2-05", "J2-07", "J2-08", "J2-09", "J2-10")),
    ("换照", ("J1-02", "J1-13", "J1-16")),
    ("注销", ("J1-19", "J1+02")),
)
CHANGES = ("record_change", "propose_change")


@dataclass(frozen=True)
class ActPage:
    """The form of an act, the action it calls, and a sentence above it."""

    form: Callable[..., Any]
    run: Callable[[int, Any, Acting], Any]
    lead: str


PAGES: Mapping[str, ActPage] = {
    "record_change": ActPage(
        ChangeForm,
        lambda pk, form, by: actions.record_change(
            pk, changes=form.changes, reason=form.cleaned_data["reason"],
            evidence=form.cleaned_data["evidence"], by=by, act_key=form.cleaned_data["act_key"],
        ),
        "记入以后即为登记内容，从今天起生效；公示的部分随即公示，机构会收到通知。",
    ),
    "propose_change": ActPage(
        ChangeForm,
        lambda pk, form, by: actions.propose_change(
            pk, changes=form.changes, reason=form.cleaned_data["reason"],
            evidence=form.cleaned_data["evidence"], by=by, act_key=form.cleaned_data["act_key"],
        ),
        "起草的变动由机构所在地的主管部门审核，审核通过才是登记内容（AMB-27）。",
    ),
    "give_filing_opinion": ActPage(
        FilingOpinionForm,
        lambda pk, form, by: actions.give_filing_opinion(
            pk, opinion=form.cleaned_data["opinion"], by=by, act_key=form.cleaned_data["act_key"]
        ),
        "意见记入 J8-04，向社会公示。",
    ),
    "merge_agency": ActPage(
        MergerForm,
        lambda pk, form, by: actions.merge_agency(
            pk, into=form.cleaned_data["into"], reason=form.cleaned_data["reason"],
            evidence=form.cleaned_data["evidence"], by=by, act_key=form.cleaned_data["act_key"],
        ),
        "合并以后这家机构不再申报；它的登记、名称和代码仍可查到，公示页写明并入哪一家。",
    ),
    "set_head_office": ActPage(
        HeadOfficeForm,
        lambda pk, form, by: actions.set_head_office(
            pk, head_office=form.cleaned_data["head_office"], reason=form.cleaned_data["reason"], by=by,
            act_key=form.cleaned_data["act_key"],
        ),
        "分支机构的名称也能找到总机构。",
    ),
}  # fmt: skip


@office(*REVIEWING)
def agency_step(request: ActingRequest, agency_id: int, verb: str) -> HttpResponse:
    """One act on one agency; the tables decide whether the page is there at all."""
    found = review.agency_of(request.acting.jurisdiction, agency_id)
    if found is None or verb not in PAGES:
        raise Http404
    shown, step = PAGES[verb], STEP_BY_VERB.get(verb) or AGENCY_STEP_BY_VERB[verb]
    if request.method != "POST" or request.acting.role not in step.roles:
        _expect_allowed(found, verb, request.acting)
    form = _form(request, found, verb)
    if request.method == "POST":
        if form.is_valid():
            if _done(form, lambda: shown.run(found.pk, form, request.acting)):
                messages.success(request, f"{found.company.name}：{step.title}，已记录。")
                return redirect("register_agency", agency_id=agency_id)
        elif sent_before(request.POST):
            return redirect("register_agency", agency_id=agency_id)
    context = {
        "agency": found, "heading": step.title, "badge": step.clause, "lead": shown.lead, "form": form, "step": step,
        "crumbs": [
            ("机构登记", reverse("register_agencies")),
            (found.company.name, reverse("register_agency", args=[found.pk])),
        ],
        "changing": verb in CHANGES, "titles": {one.code: one.title for one in declared_tables(found.jurisdiction)},
    }  # fmt: skip
    return render(
        request, "office/register_change.html", context, status=422 if request.method == "POST" else 200
    )


def acts_on(agency: Any, acting: Acting) -> list[dict[str, Any]]:
    """What this person may record of the agency now, as links; the usual occasions of a change first."""
    at = places_of(agency, acting)
    steps: list[Step | AgencyStep] = [
        *open_steps(Standing(State.NEW, acting.role, at)),
        *open_agency_steps(AgencyStanding(agency.standing), acting.role, at),
    ]
    links = []
    for one in steps:
        if one.verb not in PAGES or (one.verb in STEP_BY_VERB and agency.standing == AgencyStanding.MERGED):
            continue
        url = reverse("agency_step", args=[agency.pk, one.verb])
        if one.verb in CHANGES:
            links += [
                {"title": title, "href": f"{url}?codes={','.join(codes).replace('+', '%2B')}"}
                for title, codes in OCCASIONS
            ]
            links.append(
                {"title": "其他变动" if one.verb == "record_change" else "起草其他变动", "href": url}
            )
        else:
            links.append({"title": one.title, "href": url})
    return links


def _expect_allowed(agency: Any, verb: str, acting: Acting) -> None:
    at = places_of(agency, acting)
    if verb in STEP_BY_VERB:
        find_step(verb, Standing(State.NEW, acting.role, at))
    else:
        find_agency_step(verb, AgencyStanding(agency.standing), acting.role, at)


def _form(request: ActingRequest, found: Any, verb: str) -> ActForm:
    given: dict[str, Any] = {}
    if verb in CHANGES:
        record = read_record(found, reader_of(request.acting, found), by=request.acting.actor)
        fields = _changeable(found.jurisdiction)
        given = {
            "fields": fields,
            "old": _shown(record, fields, found.jurisdiction),
            "chosen": _asked(request, fields),
        }
        if "J1+02" in given["chosen"]:
            ending = book(found.jurisdiction).value("declaration.cancelled_by", on=today()).value
            given["initial"] = {"new_J1+02": ending}
    form: ActForm = PAGES[verb].form(request.POST or None, request.FILES or None, **given)
    return form


def _asked(request: ActingRequest, fields: list[Field]) -> list[str]:
    known = {field.code for field in fields}
    return [code for code in request.GET.get("codes", "").split(",") if code in known]


def _changeable(jurisdiction: str) -> list[Field]:
    """What can be recorded: every field of the tables with one row, besides pictures, what is carried over, and J8-04."""
    return [
        field
        for table in declared_tables(jurisdiction)
        if not table.many
        for field in catalogue(jurisdiction).table(table.code).all_fields
        if field.column not in REPEATED and field.type != "image" and field.code != FILING_OPINION
    ]


def _shown(record: Any, fields: list[Field], jurisdiction: str) -> dict[str, str]:
    kept = plain(record, jurisdiction) if record else {}
    rows = {code: (rows_of(kept, code) or ({},))[0] for code in {field.table for field in fields}}
    return {field.code: shown_value(field, rows[field.table].get(field.column)) for field in fields}


def _done(form: ActForm, act: Callable[[], Any]) -> bool:
    """Whether the act was done; every finding that stands against it is beside its indicator."""

    def tried() -> Any:
        try:
            return act()
        except NotSound as refused:
            wrong.extend(refused.findings)
            raise

    wrong: list[Any] = []
    done, _ = attempt(form, tried)
    picked = form.cleaned_data.get("pick", ())
    for one in wrong:
        places = sorted(one.codes, key=lambda code: code not in picked)
        beside = next((f"new_{code}" for code in places if f"new_{code}" in form.fields), None)
        form.add_error(beside, one.message)
    return done
